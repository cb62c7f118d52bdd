import Core
import Imaging

/// Reads the mark back from what becomes of most pictures on the way through the network.
struct SelfCheck {
    let payload: MarkID
    let key: WatermarkKey

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
        Watermark.extract(from: raster, keys: [key])?.payload == payload
    }
}

extension ProtectionReport.SelfCheck {
    var passed: Bool { jpeg75 && scale50 }
}
