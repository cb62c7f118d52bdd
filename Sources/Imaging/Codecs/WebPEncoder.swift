import CWebP
import Core
import Foundation

/// WebP (RFC 9649) through libwebp; profile and XMP packet through libwebpmux.
enum WebPEncoder {
    static func encode(_ raster: Raster, _ options: EncodeOptions) throws -> Data {
        try check(raster)
        let color = raster.to8Bit().converted(to: raster.layout.hasAlpha ? .rgba : .rgb)
        return try withUnsafePixels(color) { try encode($0, color, options) }
    }

    /// The same from a file. libwebp keeps the picture in memory once more (1.5 bytes a pixel, lossless 4) meanwhile.
    static func encode(_ raster: RasterFile, _ options: EncodeOptions) throws -> Data {
        try check(raster)
        let target: PixelLayout = raster.layout.hasAlpha ? .rgba : .rgb
        let color =
            raster.layout == target && raster.bitDepth == 8
            ? raster : try raster.mapped { $0.to8Bit().converted(to: target) }
        defer { color.release() }
        return try color.withRows(0..<color.height) {
            try encode($0.bindMemory(to: UInt8.self).baseAddress!, color, options)
        }
    }

    private static func check(_ feed: some PixelFeed) throws {
        let limit = Int(WEBP_MAX_DIMENSION)
        guard feed.width <= limit, feed.height <= limit else {
            throw UserError("WebP has at most \(limit) pixels a side; choose PNG or JPEG, or make the picture smaller.")
        }
    }

    private static func withUnsafePixels<Result>(
        _ raster: Raster, _ body: (UnsafePointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        guard case .u8(let pixels) = raster.samples else { preconditionFailure("to8Bit gives 8 bits") }
        return try pixels.withUnsafeBufferPointer { try body($0.baseAddress!) }
    }

    /// - Parameter pixels: all of them, 8 bits, RGB or RGBA as `shape` says.
    private static func encode(
        _ pixels: UnsafePointer<UInt8>, _ shape: some PixelFeed, _ options: EncodeOptions
    ) throws -> Data {
        let stream = try bitstream(pixels, shape, options)
        guard options.xmp != nil || shape.iccProfile != nil else { return stream }
        return try wrap(stream, profile: shape.iccProfile.map { Data($0) }, xmp: options.xmp)
    }

    private static func configuration(_ options: EncodeOptions) throws -> WebPConfig {
        var config = WebPConfig()
        var isValid = WebPConfigInit(&config) != 0
        if let quality = options.quality, !options.lossless {
            config.quality = Float(quality)
            config.method = Int32(min(6, options.compression ?? 4))
        } else {
            isValid = isValid && WebPConfigLosslessPreset(&config, Int32(options.compression ?? 3)) != 0
            // Also the colours under full transparency.
            config.exact = 1
        }
        guard isValid, WebPValidateConfig(&config) != 0 else { throw UserError.cannotWrite(.webp, "configuration") }
        return config
    }

    private static func bitstream(
        _ pixels: UnsafePointer<UInt8>, _ raster: some PixelFeed, _ options: EncodeOptions
    ) throws -> Data {
        var config = try configuration(options)
        var picture = WebPPicture()
        guard WebPPictureInit(&picture) != 0 else { throw UserError.cannotWrite(.webp, "version") }
        defer { WebPPictureFree(&picture) }
        picture.use_argb = config.lossless
        picture.width = Int32(raster.width)
        picture.height = Int32(raster.height)
        let stride = Int32(raster.width * raster.layout.channels)
        let imported =
            raster.layout == .rgba
            ? WebPPictureImportRGBA(&picture, pixels, stride) : WebPPictureImportRGB(&picture, pixels, stride)
        guard imported != 0 else { throw UserError.cannotWrite(.webp, "not enough memory") }
        var writer = WebPMemoryWriter()
        WebPMemoryWriterInit(&writer)
        let encoded = withUnsafeMutablePointer(to: &writer) { writer in
            picture.writer = WebPMemoryWrite
            picture.custom_ptr = UnsafeMutableRawPointer(writer)
            return WebPEncode(&config, &picture)
        }
        defer { WebPMemoryWriterClear(&writer) }
        guard encoded != 0, let bytes = writer.mem else {
            throw UserError.cannotWrite(.webp, "error \(picture.error_code.rawValue)")
        }
        return Data(bytes: bytes, count: writer.size)
    }

    /// The extended file format: VP8X, ICCP, the bitstream, XMP.
    private static func wrap(_ stream: Data, profile: Data?, xmp: Data?) throws -> Data {
        guard let mux = WebPMuxNew() else { throw UserError.cannotWrite(.webp, "not enough memory") }
        defer { WebPMuxDelete(mux) }
        var status = withWebPData(stream) { WebPMuxSetImage(mux, &$0, 1) }
        if let profile, status == WEBP_MUX_OK {
            status = withWebPData(profile) { WebPMuxSetChunk(mux, "ICCP", &$0, 1) }
        }
        if let xmp, status == WEBP_MUX_OK { status = withWebPData(xmp) { WebPMuxSetChunk(mux, "XMP ", &$0, 1) } }
        var file = WebPData()
        if status == WEBP_MUX_OK { status = WebPMuxAssemble(mux, &file) }
        defer { WebPDataClear(&file) }
        guard status == WEBP_MUX_OK, let bytes = file.bytes else {
            throw UserError.cannotWrite(.webp, "container error \(status.rawValue)")
        }
        return Data(bytes: bytes, count: file.size)
    }

    private static func withWebPData<Result>(_ data: Data, _ body: (inout WebPData) -> Result) -> Result {
        data.withUnsafeBytes { bytes in
            var view = WebPData(bytes: bytes.bindMemory(to: UInt8.self).baseAddress, size: bytes.count)
            return body(&view)
        }
    }
}
