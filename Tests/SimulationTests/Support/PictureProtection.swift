@_spi(Protection) import Core
import Foundation
import Imaging

/// The protector of the simulation: a small real picture that depends on the original and the payload and holds nothing
/// of either.
struct PictureProtection: Protection {
    func recipes() -> [Recipe] { [] }

    func protect(
        _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
    ) throws -> ProtectedImage {
        guard progress(0.5) else { throw CancellationError() }
        let seed = Array(Digest.sha256(original + Data("\(request.payload) \(request.recipe)".utf8)).utf8)
        let samples = seed + seed.reversed() + seed.map { $0 ^ 0x55 }
        let raster = Raster(width: 8, height: 8, layout: .rgb, samples: .u8(samples))
        let data = try ImageCodec.encode(raster, as: .png)
        return ProtectedImage(
            data: data, format: .png,
            report: ProtectionReport(
                width: 8, height: 8, recipe: request.recipe, methods: [.watermark], payload: request.payload,
                visibility: 90, psnr: 45, ssim: 0.99, worstDeltaE: 1, seconds: .init(), selfCheck: nil, cloak: nil,
                originalSHA256: Digest.sha256(original), protectedSHA256: Digest.sha256(data), limits: ""))
    }
}
