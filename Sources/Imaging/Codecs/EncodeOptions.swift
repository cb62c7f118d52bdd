import Core
import Foundation

/// How a picture is written.
public struct EncodeOptions: Sendable {
    /// JPEG and lossy WebP, 1…100. Nil: JPEG at 92, WebP lossless.
    public var quality: Int?
    /// WebP: lossless whatever `quality` says.
    public var lossless: Bool
    /// An XMP packet (ISO 16684-1) in UTF-8 to write into the file.
    public var xmp: Data?
    /// 0 (fast) … 9 (small): zlib's level for PNG (nil: 5, or runs alone where that is no larger), the preset of lossless WebP (nil: 3), the method of lossy
    /// WebP (nil: 4; 6 is its last).
    public var compression: Int?

    public init(quality: Int? = nil, lossless: Bool = false, xmp: Data? = nil, compression: Int? = nil) {
        self.quality = quality
        self.lossless = lossless
        self.xmp = xmp
        self.compression = compression
    }

    func check() throws {
        if let quality, !(1...100).contains(quality) {
            throw UserError("The quality must be between 1 and 100, not \(quality).")
        }
        if let compression, !(0...9).contains(compression) {
            throw UserError("The compression must be between 0 and 9, not \(compression).")
        }
        if let xmp, xmp.isEmpty || xmp.contains(0) || String(bytes: xmp, encoding: .utf8) == nil {
            throw UserError("The XMP packet is not text in UTF-8.", .internal)
        }
    }
}
