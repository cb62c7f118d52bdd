import CWebP
import Core
import Foundation

/// WebP (RFC 9649) through libwebp.
enum WebPDecoder {
    static func decode(_ data: Data, limits: DecodeLimits) throws -> DecodedImage {
        let (chunks, features, layout) = try open(data, limits)
        let (width, height) = (Int(features.width), Int(features.height))
        let stride = width * layout.channels
        let samples = try [UInt8](unsafeUninitializedCapacity: stride * height) { target, count in
            try read(data, layout, to: target.baseAddress!, stride: stride, height: height)
            count = stride * height
        }
        let raster = Raster(
            width: width, height: height, layout: layout, samples: .u8(samples), iccProfile: profile(chunks, layout))
        return DecodedImage(
            lying: raster, format: .webp, metadata: chunks.metadata, isLossless: features.format == 2)
    }

    /// The same into a file. libwebp keeps a lossless picture in memory (4 bytes a pixel) meanwhile.
    static func decode(_ data: Data, limits: DecodeLimits, into directory: URL) throws -> DecodedFile {
        let (chunks, features, layout) = try open(data, limits)
        let raster = try RasterFile(
            width: Int(features.width), height: Int(features.height), layout: layout, bitDepth: 8,
            iccProfile: profile(chunks, layout), in: directory)
        try raster.withRows(0..<raster.height) { bytes in
            let target = bytes.bindMemory(to: UInt8.self).baseAddress!
            try read(data, layout, to: target, stride: raster.pitch, height: raster.height)
        }
        raster.release()
        ScratchFile.release(data)
        return try DecodedFile(
            lying: raster, format: .webp, metadata: chunks.metadata, isLossless: features.format == 2)
    }

    private static func open(_ data: Data, _ limits: DecodeLimits) throws -> (
        chunks: WebPChunks, features: WebPBitstreamFeatures, layout: PixelLayout
    ) {
        guard let chunks = WebPChunks(data) else { throw UserError.damaged(.webp) }
        guard !chunks.isAnimated else { throw UserError.animated("WebP") }
        let features = try features(data)
        guard features.has_animation == 0 else { throw UserError.animated("WebP") }
        try limits.check(width: Int(features.width), height: Int(features.height))
        return (chunks, features, features.has_alpha != 0 ? .rgba : .rgb)
    }

    private static func profile(_ chunks: WebPChunks, _ layout: PixelLayout) -> [UInt8]? {
        chunks.profile.flatMap { ICCProfile.usable($0, for: layout) }
    }

    private static func read(
        _ data: Data, _ layout: PixelLayout, to target: UnsafeMutablePointer<UInt8>, stride: Int, height: Int
    ) throws {
        let decode = layout == .rgba ? WebPDecodeRGBAInto : WebPDecodeRGBInto
        let result = data.withUnsafeBytes { bytes in
            decode(
                bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, target, stride * height, Int32(stride))
        }
        guard result != nil else { throw UserError.damaged(.webp) }
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
