import Core
import Foundation
import Imaging

/// Measures how far a mark stands above the threshold after the kinds of damage that cost it most.
struct MarkProbe {
    let payload: MarkID
    let key: WatermarkKey
    /// What a mark must have left, powers of ten: a crop or a tone change may come on top.
    private static let spare = 2.0

    /// The smallest distance to the threshold, in powers of ten, over strong compression by JPEG and WebP and a
    /// thumbnail; negative where one of them would silence the mark. Compressing a very large picture is left out:
    /// there each point of the canonical plane has several pixels, and the thumbnail is the hardest.
    func margin(of raster: Raster) throws -> Double {
        let edge = max(raster.width, raster.height)
        let opaque = (raster.layout.hasAlpha ? raster.composited() : raster).to8Bit()
        var least = Double.infinity
        if edge > 900 {
            let (width, height) = (max(1, opaque.width * 512 / edge), max(1, opaque.height * 512 / edge))
            let thumbnail = try coded(opaque.resized(width: width, height: height, .area), .jpeg, 80)
            least = distance(thumbnail, markedAt: edge)
        }
        if raster.pixelCount <= SampleTiles.wholePixels {
            least = min(least, distance(try coded(opaque, .webp, 50), markedAt: edge))
            least = min(least, distance(try coded(opaque, .jpeg, 30), markedAt: edge))
        }
        return least
    }

    private func coded(_ raster: Raster, _ format: ImageFormat, _ quality: Int) throws -> Raster {
        try ImageCodec.decode(ImageCodec.encode(raster, as: format, EncodeOptions(quality: quality))).raster
    }

    private func distance(_ damaged: Raster, markedAt longEdge: Int) -> Double {
        var reader = Reader(raster: damaged, keys: [key])
        let certainty = reader.certainty(of: payload, plane: CanonicalPlane.side(forLongEdge: longEdge))
        return log10(Decision.errorProbability) - MarkProbe.spare - certainty
    }
}
