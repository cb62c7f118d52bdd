import Foundation

/// The chunks of a PNG (PNG 3rd edition, section 5) outside the pixels, read without decompressing anything.
struct PNGChunks {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Chunks that are looked at; a file of nothing but tiny chunks must not take its time here.
    private static let maximumCount = 1_000_000

    let width: Int
    let height: Int
    /// Whether an acTL chunk announces more than one frame.
    private(set) var isAnimated = false
    private var exif: Data?
    private var xmp: Data?
    private var comments = CommentList()

    /// Nil when the file does not begin with a signature and an IHDR chunk.
    init?(_ data: Data) {
        let view = ByteView(data)
        guard view.slice(0, 8)?.elementsEqual(Self.signature) == true, view.u32(8) == 13, view.has("IHDR", at: 12),
            let width = view.u32(16), let height = view.u32(20), width > 0, height > 0
        else { return nil }
        self.width = width
        self.height = height
        var offset = 33
        var count = 0
        while count < Self.maximumCount, let size = view.u32(offset), let type = view.u32(offset + 4), size < 1 << 31 {
            if let content = view.slice(offset + 8, size) { read(type, content) }
            offset += 12 + size
            count += 1
        }
    }

    var metadata: ImageMetadata {
        ImageMetadata(exif: exif, xmp: xmp, iptc: nil, comments: comments.texts)
    }

    private mutating func read(_ type: Int, _ content: Data) {
        switch type {
        case Self.code("acTL"): isAnimated = (ByteView(content).u32(0) ?? 0) > 1
        case Self.code("eXIf"): exif = exif ?? ExifReader.block(content)
        case Self.code("tEXt"), Self.code("zTXt"): readText(content, isCompressed: type == Self.code("zTXt"))
        case Self.code("iTXt"): readInternational(content)
        default: break
        }
    }

    private static func code(_ name: StaticString) -> Int {
        name.withUTF8Buffer { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    private mutating func readText(_ content: Data, isCompressed: Bool) {
        guard let (keyword, next) = ByteView(content).terminated(0, limit: 79) else { return }
        comments.add(isCompressed ? keyword : keyword + Data(": ".utf8) + content.dropFirst(next).prefix(4096))
    }

    private mutating func readInternational(_ content: Data) {
        let view = ByteView(content)
        guard let (keyword, flags) = view.terminated(0, limit: 79), let isCompressed = view.u8(flags),
            let (_, translated) = view.terminated(flags + 2, limit: 1024),
            let (_, text) = view.terminated(translated, limit: 4096)
        else { return }
        let value = content.dropFirst(text)
        if keyword.elementsEqual("XML:com.adobe.xmp".utf8), isCompressed == 0 {
            xmp = xmp ?? Data(value)
        } else {
            comments.add(isCompressed != 0 ? keyword : keyword + Data(": ".utf8) + value.prefix(4096))
        }
    }
}
