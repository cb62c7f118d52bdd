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
        var picture = fx_png_picture()
        picture.width = UInt32(feed.width)
        picture.height = UInt32(feed.height)
        picture.channels = Int32(feed.layout.channels)
        picture.depth = Int32(feed.bitDepth)
        picture.level = Int32(options.compression ?? 5)
        var hasStarted = false
        do {
            try feed.forEachPiece { pixels, rows in
                if !hasStarted {
                    if options.compression == nil { picture.only_runs = onlyRunsPay(picture, pixels, rows) ? 1 : 0 }
                    let started = start(writer, picture, feed.iccProfile ?? [], options.xmp)
                    if started == Int32(FX_PNG_PROFILE_REFUSED) { throw ProfileRefused() }
                    try check(started)
                    hasStarted = true
                }
                try check(fx_png_writer_rows(writer, pixels, UInt32(rows)))
            }
        } catch is ProfileRefused {
            return nil
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        try check(fx_png_writer_finish(writer, &bytes, &count))
        return bytes.map { Data(bytesNoCopy: $0, count: count, deallocator: .free) } ?? Data()
    }

    private struct ProfileRefused: Error {}

    private static func start(
        _ writer: OpaquePointer, _ picture: fx_png_picture, _ profile: [UInt8], _ xmp: Data?
    ) -> Int32 {
        var picture = picture
        // With the NUL that C expects; the packet itself has none.
        let xmp = xmp.map { packet in packet.map { CChar(bitPattern: $0) } + [0] }
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

    /// Whether to look for nothing but runs: photographs, and what noise is in, have no other repetitions once filtered, and are
    /// written in less than half of the time, a little smaller even. A few stripes of the picture tell.
    private static func onlyRunsPay(_ picture: fx_png_picture, _ pixels: UnsafeRawPointer, _ rows: Int) -> Bool {
        let height = 16
        let count = min(max(3, rows / 160), 16)
        guard rows >= count * height * 2 else { return false }
        var sample = picture
        sample.height = UInt32(count * height)
        let bytes = Int(picture.width) * Int(picture.channels) * Int(picture.depth / 8)
        let stripes = UnsafeMutableRawPointer.allocate(byteCount: count * height * bytes, alignment: 16)
        defer { stripes.deallocate() }
        for stripe in 0..<count {
            let top = (rows - height) * (2 * stripe + 1) / (2 * count)
            (stripes + stripe * height * bytes).copyMemory(from: pixels + top * bytes, byteCount: height * bytes)
        }
        func size(onlyRuns: Bool) -> Int {
            sample.only_runs = onlyRuns ? 1 : 0
            return fx_png_size(&sample, stripes)
        }
        return size(onlyRuns: true) < size(onlyRuns: false)
    }
}
