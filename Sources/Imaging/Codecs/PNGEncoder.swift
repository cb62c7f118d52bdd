import CPNG
import Core
import Foundation

/// PNG (W3C, 3rd edition) through libpng: no interlacing, no palette, the chunks IHDR, iCCP, iTXt, IDAT, IEND.
enum PNGEncoder {
    static func encode(_ raster: Raster, _ options: EncodeOptions) throws -> Data {
        if let file = try write(raster, options, to: -1) { return file }
        return try encode(ColorTransform.toSRGB(raster), options)
    }

    /// - Parameter descriptor: of the file that is written to.
    static func encode(_ raster: RasterFile, _ options: EncodeOptions, to descriptor: Int32) throws {
        if try write(raster, options, to: descriptor) != nil { return }
        try encode(raster.mapped(ColorTransform.toSRGB), options, to: descriptor)
    }

    /// What was written into memory; nil where libpng refuses a profile that lcms2 takes: then the colours are kept by
    /// converting them.
    private static func write(_ feed: some PixelFeed, _ options: EncodeOptions, to descriptor: Int32) throws -> Data? {
        guard let writer = fx_png_writer_new(descriptor) else {
            throw UserError.cannotWrite(.png, "not enough memory")
        }
        defer { fx_png_writer_free(writer) }
        func check(_ status: Int32) throws {
            guard status == Int32(FX_PNG_WRITTEN) else {
                throw UserError.cannotWrite(.png, String(cString: fx_png_writer_message(writer)))
            }
        }
        let started = start(writer, feed, options)
        if started == Int32(FX_PNG_PROFILE_REFUSED) { return nil }
        try check(started)
        try feed.forEachPiece { pixels, rows in try check(fx_png_writer_rows(writer, pixels, UInt32(rows))) }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        try check(fx_png_writer_finish(writer, &bytes, &count))
        return bytes.map { Data(bytesNoCopy: $0, count: count, deallocator: .free) } ?? Data()
    }

    private static func start(_ writer: OpaquePointer, _ feed: some PixelFeed, _ options: EncodeOptions) -> Int32 {
        var picture = fx_png_picture()
        picture.width = UInt32(feed.width)
        picture.height = UInt32(feed.height)
        picture.channels = Int32(feed.layout.channels)
        picture.depth = Int32(feed.bitDepth)
        picture.level = Int32(options.compression ?? 5)
        // With the NUL that C expects; the packet itself has none.
        let xmp = options.xmp.map { packet in packet.map { CChar(bitPattern: $0) } + [0] }
        let profile = feed.iccProfile ?? []
        return profile.withUnsafeBufferPointer { profile in
            picture.icc = profile.isEmpty ? nil : profile.baseAddress
            picture.icc_size = profile.count
            guard let xmp else { return fx_png_writer_start(writer, &picture) }
            return xmp.withUnsafeBufferPointer { xmp in
                picture.xmp = xmp.baseAddress
                return fx_png_writer_start(writer, &picture)
            }
        }
    }
}
