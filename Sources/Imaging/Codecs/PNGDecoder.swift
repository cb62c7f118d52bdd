import CPNG
import Core
import Foundation

/// PNG (W3C, 3rd edition) through libpng.
enum PNGDecoder {
    static func decode(_ data: Data, limits: DecodeLimits) throws -> DecodedImage {
        try open(data, limits) { source in
            let raster = Raster(
                width: source.width, height: source.height, layout: source.layout, samples: try samples(source),
                iccProfile: source.profile)
            return DecodedImage(
                lying: raster, format: .png, metadata: source.chunks.metadata, isLossless: true,
                wasPalette: source.header.was_palette != 0)
        }
    }

    /// The same into a file. An interlaced picture is in memory as a whole while it is read, where the kernel can take
    /// its pages back.
    static func decode(_ data: Data, limits: DecodeLimits, into directory: URL) throws -> DecodedFile {
        try open(data, limits) { source in
            let raster = try RasterFile(
                width: source.width, height: source.height, layout: source.layout, bitDepth: Int(source.header.depth),
                iccProfile: source.profile, in: directory)
            let whole = fx_png_reader_is_interlaced(source.reader) != 0
            for band in whole ? [0..<raster.height] : raster.bands {
                let status = raster.withRows(band) { bytes in
                    whole
                        ? fx_png_reader_pixels(source.reader, bytes.baseAddress, raster.pitch)
                        : fx_png_reader_rows(source.reader, bytes.baseAddress, raster.pitch, UInt32(band.count))
                }
                guard status == 1 else { throw UserError.damaged(.png) }
                raster.release()
                ScratchFile.release(data)
            }
            guard whole || fx_png_reader_finish(source.reader) == 1 else { throw UserError.damaged(.png) }
            return try DecodedFile(lying: raster, format: .png, metadata: source.chunks.metadata, isLossless: true)
        }
    }

    /// A file whose header has been read.
    private struct Source {
        let reader: OpaquePointer
        let header: fx_png_header
        let chunks: PNGChunks
        let layout: PixelLayout
        var width: Int { Int(header.width) }
        var height: Int { Int(header.height) }
        var profile: [UInt8]? { PNGDecoder.profile(reader, header, layout) }
    }

    private static func open<Result>(
        _ data: Data, _ limits: DecodeLimits, _ body: (Source) throws -> Result
    ) throws -> Result {
        guard let chunks = PNGChunks(data) else { throw UserError.damaged(.png) }
        try limits.check(width: chunks.width, height: chunks.height)
        guard !chunks.isAnimated else { throw UserError.animated("PNG") }
        return try data.withUnsafeBytes { bytes in
            guard let reader = fx_png_reader_new(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) else {
                throw UserError("There is not enough memory to read the picture.", .internal)
            }
            defer { fx_png_reader_free(reader) }
            var header = fx_png_header()
            guard fx_png_reader_header(reader, &header) == 1, let layout = PixelLayout(rawValue: Int(header.channels))
            else { throw UserError.damaged(.png) }
            // Once more, on the header that sizes the buffer.
            try limits.check(width: Int(header.width), height: Int(header.height))
            return try body(Source(reader: reader, header: header, chunks: chunks, layout: layout))
        }
    }

    private static func samples(_ source: Source) throws -> Samples {
        let rowSamples = source.width * source.layout.channels
        let count = rowSamples * source.height
        func read<Sample>(_ target: UnsafeMutableBufferPointer<Sample>, _ filled: inout Int) throws {
            let stride = rowSamples * MemoryLayout<Sample>.size
            guard fx_png_reader_pixels(source.reader, target.baseAddress, stride) == 1 else {
                throw UserError.damaged(.png)
            }
            filled = count
        }
        if source.header.depth == 16 {
            return .u16(try [UInt16](unsafeUninitializedCapacity: count) { try read($0, &$1) })
        }
        return .u8(try [UInt8](unsafeUninitializedCapacity: count) { try read($0, &$1) })
    }

    /// The embedded profile; without a usable one what gAMA and cHRM say, unless an sRGB chunk says sRGB.
    private static func profile(_ reader: OpaquePointer, _ header: fx_png_header, _ layout: PixelLayout) -> [UInt8]? {
        var size = 0
        if let bytes = fx_png_reader_icc(reader, &size) {
            return ICCProfile.usable([UInt8](UnsafeBufferPointer(start: bytes, count: size)), for: layout)
        }
        guard header.is_srgb == 0 else { return nil }
        var points: [Double]?
        if header.has_chromaticities != 0 {
            points = withUnsafeBytes(of: header.chromaticities) { Array($0.bindMemory(to: Double.self)) }
        }
        return PNGColorimetry(gamma: header.gamma, chromaticities: points).profile(for: layout)
    }
}
