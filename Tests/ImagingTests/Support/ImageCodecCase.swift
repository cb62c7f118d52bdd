import Core
import Foundation
import Imaging

/// The formats with the ways to put EXIF into them.
enum ImageCodecCase: CaseIterable, Sendable {
    case png, jpeg, webp

    var format: ImageFormat {
        switch self {
        case .png: .png
        case .jpeg: .jpeg
        case .webp: .webp
        }
    }

    /// The picture as a file with this EXIF block.
    func file(_ raster: Raster, exif: [UInt8]) throws -> Data {
        let data = try ImageCodec.encode(raster, as: format)
        switch self {
        case .png: return Containers.png(data, chunk: "eXIf", exif)
        case .jpeg: return Containers.jpeg(data, exif: exif)
        case .webp: return Containers.webp(data, exif: exif, width: raster.width, height: raster.height)
        }
    }
}
