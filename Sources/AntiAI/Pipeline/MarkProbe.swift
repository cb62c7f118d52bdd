import Core
import Foundation
import Imaging

/// Measures how far a mark stands above the threshold after the kinds of damage that cost it most.
struct MarkProbe {
    let payload: MarkID
    let keys: [WatermarkKey]
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
            let (width, height) = MarkProbe.thumbnail(of: opaque.width, opaque.height)
            let thumbnail = try coded(opaque.resized(width: width, height: height, .area), .jpeg, 80)
            least = distance(thumbnail, markedAt: edge)
        }
        if raster.pixelCount <= SampleTiles.wholePixels {
            least = min(least, distance(try coded(opaque, .webp, 50), markedAt: edge))
            least = min(least, distance(try coded(opaque, .jpeg, 30), markedAt: edge))
        }
        return least
    }

    /// The same for a picture in a file, which is one of the very large ones.
    func margin(of file: RasterFile) throws -> Double {
        let opaque = try file.layout.hasAlpha ? file.mapped { $0.composited() } : file
        let (width, height) = MarkProbe.thumbnail(of: file.width, file.height)
        let thumbnail = opaque.resized(width: width, height: height, .area).to8Bit()
        return distance(try coded(thumbnail, .jpeg, 80), markedAt: max(file.width, file.height))
    }

    private static func thumbnail(of width: Int, _ height: Int) -> (width: Int, height: Int) {
        let edge = max(width, height)
        return (max(1, width * 512 / edge), max(1, height * 512 / edge))
    }

    private func coded(_ raster: Raster, _ format: ImageFormat, _ quality: Int) throws -> Raster {
        try ImageCodec.decode(ImageCodec.encode(raster, as: format, EncodeOptions(quality: quality))).raster
    }

    private func distance(_ damaged: Raster, markedAt longEdge: Int) -> Double {
        var reader = Reader(raster: damaged, keys: keys)
        let certainty = reader.certainty(of: payload, plane: CanonicalPlane.side(forLongEdge: longEdge))
        return log10(Decision.errorProbability) - MarkProbe.spare - certainty
    }
}
