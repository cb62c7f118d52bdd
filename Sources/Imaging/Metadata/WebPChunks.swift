import Foundation

/// The chunks of a WebP (RFC 9649, section 2) outside the pixels.
struct WebPChunks {
    /// Chunks that are looked at; a still picture has seven at most.
    private static let maximumCount = 1000

    private(set) var profile: [UInt8]?
    private(set) var isAnimated = false
    private var exif: Data?
    private var xmp: Data?

    /// Nil when the file does not begin like a WebP.
    init?(_ data: Data) {
        let view = ByteView(data, isLittleEndian: true)
        guard view.has("RIFF"), view.has("WEBP", at: 8) else { return nil }
        var offset = 12
        var count = 0
        while count < Self.maximumCount, let size = view.u32(offset + 4) {
            if let content = view.slice(offset + 8, size) {
                if view.has("VP8X", at: offset), let flags = content.first { isAnimated = flags & 0x02 != 0 }
                if view.has("ICCP", at: offset), profile == nil { profile = [UInt8](content) }
                if view.has("EXIF", at: offset) { exif = exif ?? ExifReader.block(content) }
                if view.has("XMP ", at: offset) { xmp = xmp ?? content }
            }
            offset += 8 + size + size % 2
            count += 1
        }
    }

    var metadata: ImageMetadata { ImageMetadata(exif: exif, xmp: xmp, iptc: nil, comments: []) }
}
