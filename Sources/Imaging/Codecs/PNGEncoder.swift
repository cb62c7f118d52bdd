import CPNG
import Core
import Foundation

/// PNG (W3C, 3rd edition) through libpng: no interlacing, no palette, the chunks IHDR, iCCP, iTXt, IDAT, IEND.
enum PNGEncoder {
    static func encode(_ raster: Raster, _ options: EncodeOptions) throws -> Data {
        var picture = fx_png_picture()
        picture.width = UInt32(raster.width)
        picture.height = UInt32(raster.height)
        picture.channels = Int32(raster.layout.channels)
        picture.depth = Int32(raster.bitDepth)
        picture.level = Int32(options.compression ?? 5)
        // With the NUL that C expects; the packet itself has none.
        let xmp = options.xmp.map { packet in packet.map { CChar(bitPattern: $0) } + [0] }
        let profile = raster.iccProfile ?? []
        let result: (status: Int32, data: Data, message: String) = profile.withUnsafeBufferPointer { profile in
            picture.icc = profile.isEmpty ? nil : profile.baseAddress
            picture.icc_size = profile.count
            return withOptional(xmp) { xmp in
                picture.xmp = xmp
                return withPixels(raster) { pixels in
                    picture.pixels = pixels
                    return write(&picture)
                }
            }
        }
        switch result.status {
        case Int32(FX_PNG_WRITTEN): return result.data
        // libpng refuses some profiles that lcms2 takes: then the colours are kept by converting them.
        case Int32(FX_PNG_PROFILE_REFUSED): return try encode(ColorTransform.toSRGB(raster), options)
        default: throw UserError.cannotWrite(.png, result.message)
        }
    }

    private static func write(_ picture: inout fx_png_picture) -> (status: Int32, data: Data, message: String) {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: Int(FX_PNG_MESSAGE_SIZE))
        let status = fx_png_write(&picture, &bytes, &count, &message)
        guard let bytes else { return (status, Data(), text(message)) }
        return (status, Data(bytesNoCopy: bytes, count: count, deallocator: .free), "")
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func withOptional<Result>(
        _ text: [CChar]?, _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        guard let text else { return body(nil) }
        return text.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    private static func withPixels<Result>(_ raster: Raster, _ body: (UnsafeRawPointer?) -> Result) -> Result {
        switch raster.samples {
        case .u8(let values): values.withUnsafeBytes { body($0.baseAddress) }
        case .u16(let values): values.withUnsafeBytes { body($0.baseAddress) }
        }
    }
}
