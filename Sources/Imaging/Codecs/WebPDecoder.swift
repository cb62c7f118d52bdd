import CWebP
import Core
import Foundation

/// WebP (RFC 9649) through libwebp.
enum WebPDecoder {
    static func decode(_ data: Data, limits: DecodeLimits) throws -> DecodedImage {
        guard let chunks = WebPChunks(data) else { throw UserError.damaged(.webp) }
        guard !chunks.isAnimated else { throw UserError.animated("WebP") }
        let features = try features(data)
        guard features.has_animation == 0 else { throw UserError.animated("WebP") }
        let (width, height) = (Int(features.width), Int(features.height))
        try limits.check(width: width, height: height)
        let layout: PixelLayout = features.has_alpha != 0 ? .rgba : .rgb
        let stride = width * layout.channels
        let samples = try [UInt8](unsafeUninitializedCapacity: stride * height) { target, count in
            let decode = layout == .rgba ? WebPDecodeRGBAInto : WebPDecodeRGBInto
            let result = data.withUnsafeBytes { bytes in
                decode(
                    bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, target.baseAddress, stride * height,
                    Int32(stride))
            }
            guard result != nil else { throw UserError.damaged(.webp) }
            count = stride * height
        }
        let profile = chunks.profile.flatMap { ICCProfile.usable($0, for: layout) }
        let raster = Raster(width: width, height: height, layout: layout, samples: .u8(samples), iccProfile: profile)
        return DecodedImage(
            lying: raster, format: .webp, metadata: chunks.metadata, isLossless: features.format == 2)
    }

    /// What the header says.
    static func features(_ data: Data) throws -> WebPBitstreamFeatures {
        var features = WebPBitstreamFeatures()
        let status = data.withUnsafeBytes { bytes in
            WebPGetFeatures(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &features)
        }
        guard status == VP8_STATUS_OK, features.width > 0, features.height > 0 else { throw UserError.damaged(.webp) }
        return features
    }
}
