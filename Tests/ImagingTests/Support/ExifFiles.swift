import Core
import Foundation
import Imaging

extension ImageFormat {
    /// The picture as a file of this format with this EXIF block.
    func file(_ raster: Raster, exif: [UInt8]) throws -> Data {
        let data = try ImageCodec.encode(raster, as: self)
        switch self {
        case .png: return Containers.png(data, chunk: "eXIf", exif)
        case .jpeg: return Containers.jpeg(data, exif: exif)
        case .webp: return Containers.webp(data, exif: exif, width: raster.width, height: raster.height)
        }
    }
}
