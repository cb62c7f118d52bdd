import Core
import Foundation
import Imaging

/// Looks at uploads with our own decoders, within the community's limits.
package struct CodecWorkshop: ImageWorkshop {
    /// Longer side of a preview.
    static let previewSide = 512

    private let limits: DecodeLimits

    package init(maximumPixels: Int, maximumBytes: Int) {
        limits = DecodeLimits(maximumPixels: maximumPixels, maximumBytes: maximumBytes)
    }

    package func inspect(_ file: URL) throws -> InspectedImage {
        let data = try Data(contentsOf: file, options: .alwaysMapped)
        let decoded = try ImageCodec.decode(data, limits: limits)
        let small = try ImageCodec.decodeReduced(data, maximumSide: Self.previewSide, limits: limits).to8Bit()
        // JPEG has no alpha; WebP keeps it.
        let format: ImageFormat = small.layout.hasAlpha ? .webp : .jpeg
        let preview = try ImageCodec.encode(small, as: format, EncodeOptions(quality: 82))
        return InspectedImage(
            format: decoded.format, width: decoded.raster.width, height: decoded.raster.height, preview: preview,
            previewFormat: format, previewWidth: small.width, previewHeight: small.height,
            blurhash: BlurHash.encode(small))
    }
}
