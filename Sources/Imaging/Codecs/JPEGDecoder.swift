import CJPEG
import Core
import Foundation

/// JPEG (ITU-T T.81, JFIF, Adobe's CMYK) through libjpeg-turbo.
enum JPEGDecoder {
    static func decode(_ data: Data, limits: DecodeLimits) throws -> DecodedImage {
        let segments = try checkedSegments(data, limits)
        let raster = try open(data, segments, limits) { _, _ in
            1
        } rows: { reader, header in
            try rows(reader, header, segments.profile)
        }
        return DecodedImage(
            lying: raster, format: .jpeg, metadata: segments.metadata, isLossless: false,
            jpegQuality: segments.lumaTable.map(JPEGQuality.estimate))
    }

    /// The same into a file. libjpeg keeps the coefficients of a progressive picture in memory meanwhile.
    static func decode(_ data: Data, limits: DecodeLimits, into directory: URL) throws -> DecodedFile {
        let segments = try checkedSegments(data, limits)
        let raster = try open(data, segments, limits) { _, _ in
            1
        } rows: { reader, header in
            let raster = try RasterFile(
                width: Int(header.width), height: Int(header.height), layout: header.channels == 1 ? .gray : .rgb,
                bitDepth: 8, iccProfile: kept(segments.profile, header), in: directory)
            let converter = converter(header, segments.profile)
            for band in raster.bands {
                try raster.withRows(band) { bytes in
                    let target = bytes.bindMemory(to: UInt8.self).baseAddress!
                    try read(reader, converter, to: target, width: raster.width, stride: raster.pitch, rows: band.count)
                }
                raster.release()
                ScratchFile.release(data)
            }
            guard fx_jpeg_reader_finish(reader) == 1 else { throw error(reader) }
            return raster
        }
        return try DecodedFile(
            lying: raster, format: .jpeg, metadata: segments.metadata, isLossless: false,
            jpegQuality: segments.lumaTable.map(JPEGQuality.estimate))
    }

    /// Upright, decoded at 1/1 … 1/8 of its size, the smallest whose longer side is at least `side`.
    static func decodeReduced(_ data: Data, atLeast side: Int, limits: DecodeLimits) throws -> Raster {
        let segments = try checkedSegments(data, limits)
        let raster = try open(data, segments, limits) { width, height in
            [8, 4, 2].first { max(width, height) / $0 >= side } ?? 1
        } rows: { reader, header in
            try rows(reader, header, segments.profile)
        }
        return raster.oriented(from: Orientation(rawValue: segments.metadata.orientation) ?? .upright)
    }

    private static func checkedSegments(_ data: Data, _ limits: DecodeLimits) throws -> JPEGSegments {
        guard let segments = JPEGSegments(data) else { throw UserError.damaged(.jpeg) }
        try limits.check(width: segments.width, height: segments.height)
        switch segments.process {
        case .huffman, .arithmetic: break
        case .lossless:
            throw UserError("This is a lossless JPEG, which few programs read; save it as PNG, then try again.")
        case .hierarchical:
            throw UserError("This is a hierarchical JPEG, which few programs read; save it as PNG, then try again.")
        }
        guard segments.precision == 8 else {
            throw UserError(
                "This JPEG has \(segments.precision) bits a sample instead of 8; save it as 16-bit PNG, then try again."
            )
        }
        return segments
    }

    /// Starts decoding and lets `rows` read them all.
    private static func open<Result>(
        _ data: Data, _ segments: JPEGSegments, _ limits: DecodeLimits, denominator: (Int, Int) -> Int,
        rows: (OpaquePointer, fx_jpeg_header) throws -> Result
    ) throws -> Result {
        try data.withUnsafeBytes { bytes in
            guard let reader = fx_jpeg_reader_new(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) else {
                throw UserError("There is not enough memory to read the picture.", .internal)
            }
            defer { fx_jpeg_reader_free(reader) }
            var header = fx_jpeg_header()
            guard fx_jpeg_reader_header(reader, &header) == 1 else { throw error(reader) }
            // Once more, on the header that sizes the buffers.
            let (width, height) = (Int(header.width), Int(header.height))
            try limits.check(width: width, height: height)
            guard fx_jpeg_reader_start(reader, Int32(denominator(width, height)), &header) == 1 else {
                throw error(reader)
            }
            return try rows(reader, header)
        }
    }

    private static func rows(
        _ reader: OpaquePointer, _ header: fx_jpeg_header, _ profile: [UInt8]?
    ) throws -> Raster {
        let (width, height) = (Int(header.width), Int(header.height))
        let layout: PixelLayout = header.channels == 1 ? .gray : .rgb
        let stride = width * layout.channels
        let converter = converter(header, profile)
        let samples = try [UInt8](unsafeUninitializedCapacity: stride * height) { target, count in
            try read(reader, converter, to: target.baseAddress!, width: width, stride: stride, rows: height)
            guard fx_jpeg_reader_finish(reader) == 1 else { throw error(reader) }
            count = stride * height
        }
        return Raster(
            width: width, height: height, layout: layout, samples: .u8(samples), iccProfile: kept(profile, header))
    }

    /// For files in CMYK; nil for others.
    private static func converter(_ header: fx_jpeg_header, _ profile: [UInt8]?) -> CMYKConverter? {
        header.channels == 4 ? CMYKConverter(profile: profile, isInverted: header.has_adobe_marker != 0) : nil
    }

    /// The profile that the decoded pixels keep.
    private static func kept(_ profile: [UInt8]?, _ header: fx_jpeg_header) -> [UInt8]? {
        guard header.channels != 4 else { return nil }
        return profile.flatMap { ICCProfile.usable($0, for: header.channels == 1 ? .gray : .rgb) }
    }

    /// The next rows. Those in CMYK go one by one, so that the picture never exists as CMYK.
    private static func read(
        _ reader: OpaquePointer, _ converter: CMYKConverter?, to target: UnsafeMutablePointer<UInt8>, width: Int,
        stride: Int, rows: Int
    ) throws {
        guard let converter else {
            guard fx_jpeg_reader_rows(reader, target, stride, UInt32(rows)) == 1 else { throw error(reader) }
            return
        }
        var row = [UInt8](repeating: 0, count: width * 4)
        for y in 0..<rows {
            guard fx_jpeg_reader_rows(reader, &row, width * 4, 1) == 1 else { throw error(reader) }
            row.withUnsafeBufferPointer { converter.convert($0, to: target + y * stride, pixels: width) }
        }
    }

    private static func error(_ reader: OpaquePointer) -> UserError {
        let reason = String(cString: fx_jpeg_reader_message(reader))
        if reason.contains("Unsupported color conversion") {
            return UserError("This JPEG stores its colours in an unusual way; save it as PNG, then try again.")
        }
        return .damaged(.jpeg)
    }
}
