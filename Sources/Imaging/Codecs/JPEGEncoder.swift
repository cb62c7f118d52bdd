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
        guard !raster.layout.hasAlpha else {
            throw UserError("JPEG cannot store transparency; choose PNG or WebP.")
        }
        guard raster.width <= maximumSide, raster.height <= maximumSide else {
            throw UserError("JPEG has at most \(maximumSide) pixels a side; choose PNG or make the picture smaller.")
        }
        let packet = options.xmp ?? Data()
        guard packet.count <= maximumXMP else {
            throw UserError("The rights statement is too long for a JPEG (\(maximumXMP) bytes at most); shorten it.")
        }
        let segment = packet.isEmpty ? [] : Array(JPEGSegments.xmpNamespace.utf8) + packet
        guard case .u8(let pixels) = raster.to8Bit().samples else { preconditionFailure("to8Bit gives 8 bits") }
        return try write(raster, pixels, segment, quality: options.quality ?? standardQuality)
    }

    private static func write(_ raster: Raster, _ pixels: [UInt8], _ xmp: [UInt8], quality: Int) throws -> Data {
        var picture = fx_jpeg_picture()
        picture.width = UInt32(raster.width)
        picture.height = UInt32(raster.height)
        picture.channels = Int32(raster.layout.channels)
        picture.quality = Int32(quality)
        picture.chroma_step = quality >= 90 ? 1 : 2
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: Int(FX_JPEG_MESSAGE_SIZE))
        let profile = raster.iccProfile ?? []
        pixels.withUnsafeBufferPointer { pixels in
            xmp.withUnsafeBufferPointer { xmp in
                profile.withUnsafeBufferPointer { profile in
                    picture.pixels = pixels.baseAddress
                    picture.xmp_segment = xmp.isEmpty ? nil : xmp.baseAddress
                    picture.xmp_segment_size = xmp.count
                    picture.icc = profile.isEmpty ? nil : profile.baseAddress
                    picture.icc_size = profile.count
                    _ = fx_jpeg_write(&picture, &bytes, &count, &message)
                }
            }
        }
        guard let bytes else {
            let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw UserError.cannotWrite(.jpeg, reason)
        }
        return Data(bytesNoCopy: bytes, count: count, deallocator: .free)
    }
}
