import Core
import Foundation
import Imaging

/// Tells how much of what the network does to pictures a mark outlasts: the kinds of damage that cost it most.
struct MarkProbe {
    let payload: MarkID
    let keys: [WatermarkKey]
    /// What a mark must have left, powers of ten: a crop or a tone change may come on top.
    private static let spare = 2.0
    /// Compressing larger pictures takes too long.
    private static let largest = 6_000_000

    struct Result {
        var count = 0
        var tried = 0
        var isWhole: Bool { count == tried }
    }

    /// Strong compression by JPEG and WebP, a thumbnail.
    func survived(_ raster: Raster) throws -> Result {
        let edge = max(raster.width, raster.height)
        let opaque = (raster.layout.hasAlpha ? raster.composited() : raster).to8Bit()
        var result = Result()
        func look(_ damaged: Raster) {
            result.tried += 1
            if outlasts(damaged, markedAt: edge) { result.count += 1 }
        }
        if edge > 900 {
            let (width, height) = MarkProbe.thumbnail(of: opaque.width, opaque.height)
            look(try coded(opaque.resized(width: width, height: height, .area), .jpeg, 80))
        }
        if raster.pixelCount <= MarkProbe.largest {
            look(try coded(opaque, .webp, 50))
            look(try coded(opaque, .webp, 80))
            look(try coded(opaque, .jpeg, 30))
        }
        return result
    }

    /// The same for a picture in a file.
    func survived(_ file: RasterFile) throws -> Result {
        if file.pixelCount <= MarkProbe.largest { return try survived(file.rows(0..<file.height)) }
        let opaque = try file.layout.hasAlpha ? file.mapped { $0.composited() } : file
        let (width, height) = MarkProbe.thumbnail(of: file.width, file.height)
        let thumbnail = try coded(opaque.resized(width: width, height: height, .area).to8Bit(), .jpeg, 80)
        return Result(count: outlasts(thumbnail, markedAt: max(file.width, file.height)) ? 1 : 0, tried: 1)
    }

    private func outlasts(_ damaged: Raster, markedAt edge: Int) -> Bool {
        var reader = Reader(raster: damaged, keys: keys)
        let certainty = reader.certainty(of: payload, plane: CanonicalPlane.side(forLongEdge: edge))
        return certainty < log10(Decision.errorProbability) - MarkProbe.spare
    }

    private static func thumbnail(of width: Int, _ height: Int) -> (width: Int, height: Int) {
        let edge = max(width, height)
        return (max(1, width * 512 / edge), max(1, height * 512 / edge))
    }

    private func coded(_ raster: Raster, _ format: ImageFormat, _ quality: Int) throws -> Raster {
        try ImageCodec.decode(ImageCodec.encode(raster, as: format, EncodeOptions(quality: quality))).raster
    }
}
