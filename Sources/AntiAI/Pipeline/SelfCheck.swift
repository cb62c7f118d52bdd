import Core
import Imaging

/// Reads the mark back from what becomes of most pictures on the way through the network.
struct SelfCheck {
    let payload: MarkID
    /// Each of them has to read it.
    let keys: [WatermarkKey]

    func run(_ raster: Raster) throws -> ProtectionReport.SelfCheck {
        ProtectionReport.SelfCheck(jpeg75: try survivesJPEG75(raster), scale50: survivesScale50(raster))
    }

    private func survivesJPEG75(_ raster: Raster) throws -> Bool {
        let opaque = raster.layout.hasAlpha ? raster.composited() : raster
        let file = try ImageCodec.encode(opaque.to8Bit(), as: .jpeg, EncodeOptions(quality: 75))
        return reads(try ImageCodec.decode(file).raster)
    }

    private func survivesScale50(_ raster: Raster) -> Bool {
        reads(raster.resized(width: max(1, raster.width / 2), height: max(1, raster.height / 2), .area))
    }

    private func reads(_ raster: Raster) -> Bool {
        keys.allSatisfy { Watermark.extract(from: raster, keys: [$0])?.payload == payload }
    }

    /// The same for a picture in a file.
    func run(_ file: RasterFile) throws -> ProtectionReport.SelfCheck {
        let opaque = try file.layout.hasAlpha ? file.mapped { $0.composited() } : file
        let coded = try ImageCodec.decode(
            ImageCodec.encode(opaque, as: .jpeg, EncodeOptions(quality: 75)), intoFileIn: file.directory
        ).raster
        let jpeg75 = keys.allSatisfy { Watermark.extract(from: coded, keys: [$0])?.payload == payload }
        let half = file.resized(width: max(1, file.width / 2), height: max(1, file.height / 2), .area)
        return ProtectionReport.SelfCheck(jpeg75: jpeg75, scale50: reads(half))
    }
}

extension ProtectionReport.SelfCheck {
    var passed: Bool { jpeg75 && scale50 }
}
