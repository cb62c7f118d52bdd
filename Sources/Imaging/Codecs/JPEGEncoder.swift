import CJPEG
import Core
import Foundation

/// Baseline JPEG through libjpeg-turbo; chroma at full resolution from quality 90 on, halved below.
enum JPEGEncoder {
    static let standardQuality = 92
    /// What is left for the packet in an APP1 segment (XMP specification part 3, section 1.1.3).
    static let maximumXMP = 65502
    /// JPEG_MAX_DIMENSION of libjpeg.
    static let maximumSide = 65500

    static func encode(_ raster: Raster, _ options: EncodeOptions) throws -> Data {
        try check(raster, options)
        return try write(raster.to8Bit(), options, to: -1)
    }

    /// - Parameters:
    ///   - raster: of 8 bits.
    ///   - descriptor: of the file that is written to.
    static func encode(_ raster: RasterFile, _ options: EncodeOptions, to descriptor: Int32) throws {
        try check(raster, options)
        _ = try write(raster, options, to: descriptor)
    }

    private static func check(_ feed: some PixelFeed, _ options: EncodeOptions) throws {
        guard !feed.layout.hasAlpha else {
            throw UserError("JPEG cannot store transparency; choose PNG or WebP.")
        }
        guard feed.width <= maximumSide, feed.height <= maximumSide else {
            throw UserError("JPEG has at most \(maximumSide) pixels a side; choose PNG or make the picture smaller.")
        }
        guard options.xmp?.count ?? 0 <= maximumXMP else {
            throw UserError("The rights statement is too long for a JPEG (\(maximumXMP) bytes at most); shorten it.")
        }
    }

    private static func write(_ feed: some PixelFeed, _ options: EncodeOptions, to descriptor: Int32) throws -> Data {
        guard let writer = fx_jpeg_writer_new(descriptor) else {
            throw UserError.cannotWrite(.jpeg, "not enough memory")
        }
        defer { fx_jpeg_writer_free(writer) }
        func check(_ status: Int32) throws {
            guard status == 1 else {
                throw UserError.cannotWrite(.jpeg, String(cString: fx_jpeg_writer_message(writer)))
            }
        }
        try check(start(writer, feed, options))
        try feed.forEachPiece { pixels, rows in
            try check(fx_jpeg_writer_rows(writer, pixels.assumingMemoryBound(to: UInt8.self), UInt32(rows)))
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        try check(fx_jpeg_writer_finish(writer, &bytes, &count))
        return bytes.map { Data(bytesNoCopy: $0, count: count, deallocator: .free) } ?? Data()
    }

    private static func start(_ writer: OpaquePointer, _ feed: some PixelFeed, _ options: EncodeOptions) -> Int32 {
        let quality = options.quality ?? standardQuality
        var picture = fx_jpeg_picture()
        picture.width = UInt32(feed.width)
        picture.height = UInt32(feed.height)
        picture.channels = Int32(feed.layout.channels)
        picture.quality = Int32(quality)
        picture.chroma_step = quality >= 90 ? 1 : 2
        let packet = options.xmp ?? Data()
        let segment = packet.isEmpty ? [] : Array(JPEGSegments.xmpNamespace.utf8) + packet
        let profile = feed.iccProfile ?? []
        return segment.withUnsafeBufferPointer { xmp in
            profile.withUnsafeBufferPointer { profile in
                picture.xmp_segment = xmp.isEmpty ? nil : xmp.baseAddress
                picture.xmp_segment_size = xmp.count
                picture.icc = profile.isEmpty ? nil : profile.baseAddress
                picture.icc_size = profile.count
                return fx_jpeg_writer_start(writer, &picture)
            }
        }
    }
}
