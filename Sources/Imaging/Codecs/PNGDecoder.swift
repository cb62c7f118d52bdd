import CPNG
import Core
import Foundation

/// PNG (W3C, 3rd edition) through libpng.
enum PNGDecoder {
    static func decode(_ data: Data, limits: DecodeLimits) throws -> DecodedImage {
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
            let raster = Raster(
                width: Int(header.width), height: Int(header.height), layout: layout,
                samples: try samples(reader, header), iccProfile: profile(reader, header, layout))
            return DecodedImage(
                lying: raster, format: .png, metadata: chunks.metadata, isLossless: true,
                wasPalette: header.was_palette != 0)
        }
    }

    private static func samples(_ reader: OpaquePointer, _ header: fx_png_header) throws -> Samples {
        let count = Int(header.width) * Int(header.height) * Int(header.channels)
        let rowSamples = Int(header.width) * Int(header.channels)
        func read<Sample>(_ target: UnsafeMutableBufferPointer<Sample>, _ filled: inout Int) throws {
            let stride = rowSamples * MemoryLayout<Sample>.size
            guard fx_png_reader_pixels(reader, target.baseAddress, stride) == 1 else { throw UserError.damaged(.png) }
            filled = count
        }
        if header.depth == 16 {
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
