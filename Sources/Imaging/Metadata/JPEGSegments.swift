import Foundation

/// The marker segments of a JPEG (ITU-T T.81, annex B) before its first scan.
struct JPEGSegments {
    /// How the picture is coded, by its SOF marker.
    enum Process {
        case huffman, arithmetic, lossless, hierarchical
    }

    let width: Int
    let height: Int
    let precision: Int
    let process: Process
    /// Whether Adobe's APP14 was there.
    private(set) var hasAdobeMarker = false
    /// The quantisation table of luma, 64 values in zigzag order.
    private(set) var lumaTable: [Int]?
    private var exif: Data?
    private var xmp: Data?
    private var iptc: Data?
    private var comments = CommentList()
    private var hasExtraPicture = false
    private var profileParts: [Int: Data] = [:]
    private var profilePartCount = 0

    /// Segments before the first scan; a profile and a long XMP packet have a few hundred.
    private static let maximumCount = 10_000

    /// Nil when the file has no frame header before its first scan, or absurdly many segments.
    init?(_ data: Data) {
        let view = ByteView(data)
        guard view.u16(0) == 0xFFD8 else { return nil }
        var frame: (width: Int, height: Int, precision: Int, process: Process)?
        var segments: [(marker: UInt8, content: Data)] = []
        var offset = 2
        while let marker = Self.marker(in: view, at: &offset), marker != 0xDA, marker != 0xD9 {
            // Markers without a length.
            if (0xD0...0xD8).contains(marker) || marker == 0x01 { continue }
            guard let size = view.u16(offset), size >= 2 else { break }
            if let process = Self.process(marker), frame == nil, let precision = view.u8(offset + 2),
                let height = view.u16(offset + 3), let width = view.u16(offset + 5)
            {
                frame = (width, height, Int(precision), process)
            }
            guard segments.count < Self.maximumCount else { return nil }
            guard let content = view.slice(offset + 2, size - 2) else { break }
            segments.append((marker, content))
            offset += size
        }
        guard let frame, frame.width > 0, frame.height > 0 else { return nil }
        (width, height, precision, process) = frame
        for (marker, content) in segments { read(marker, content) }
    }

    var metadata: ImageMetadata {
        ImageMetadata(
            exif: exif, xmp: xmp, iptc: iptc, comments: comments.texts, hasExtraPicture: hasExtraPicture)
    }

    /// The embedded profile, put together from its segments (ICC.1:2022, annex B.4); nil unless all are there.
    var profile: [UInt8]? {
        guard profilePartCount > 0, profileParts.count == profilePartCount else { return nil }
        var profile: [UInt8] = []
        for number in 1...profilePartCount {
            guard let part = profileParts[number] else { return nil }
            profile.append(contentsOf: part)
        }
        return profile
    }

    /// The next marker, after any bytes that do not belong anywhere; `offset` is left behind it.
    private static func marker(in view: ByteView, at offset: inout Int) -> UInt8? {
        while let byte = view.u8(offset) {
            offset += 1
            guard byte == 0xFF else { continue }
            while view.u8(offset) == 0xFF { offset += 1 }
            guard let code = view.u8(offset) else { return nil }
            offset += 1
            if code != 0 { return code }
        }
        return nil
    }

    private static func process(_ marker: UInt8) -> Process? {
        switch marker {
        case 0xC0, 0xC1, 0xC2: .huffman
        case 0xC9, 0xCA: .arithmetic
        case 0xC3, 0xCB: .lossless
        case 0xC5...0xC7, 0xCD...0xCF: .hierarchical
        default: nil
        }
    }

    private mutating func read(_ marker: UInt8, _ content: Data) {
        let view = ByteView(content)
        switch marker {
        case 0xE1 where view.has("Exif\0"): exif = exif ?? ExifReader.block(content)
        case 0xE1 where view.has(Self.xmpNamespace): xmp = xmp ?? content.dropFirst(Self.xmpNamespace.utf8.count)
        case 0xE2 where view.has("ICC_PROFILE\0"): readProfilePart(content)
        case 0xE2 where view.has("MPF\0"): hasExtraPicture = true
        case 0xED where view.has("Photoshop 3.0\0"):
            iptc = iptc ?? IPTCReader.record(inPhotoshop: content.dropFirst(14))
        case 0xEE where view.has("Adobe"): hasAdobeMarker = true
        case 0xFE: comments.add(content)
        case 0xDB: readTables(content)
        default: break
        }
    }

    /// What an APP1 segment with an XMP packet begins with (XMP specification part 3, section 1.1.3).
    static let xmpNamespace = "http://ns.adobe.com/xap/1.0/\0"

    private mutating func readProfilePart(_ content: Data) {
        let view = ByteView(content)
        guard let number = view.u8(12), let count = view.u8(13), number > 0, number <= count else { return }
        profilePartCount = max(profilePartCount, Int(count))
        if profileParts[Int(number)] == nil { profileParts[Int(number)] = content.dropFirst(14) }
    }

    private mutating func readTables(_ content: Data) {
        let view = ByteView(content)
        var offset = 0
        while let head = view.u8(offset) {
            let bytes = head >> 4 == 0 ? 1 : 2
            let values = (0..<64).compactMap { index -> Int? in
                let at = offset + 1 + index * bytes
                return bytes == 1 ? view.u8(at).map(Int.init) : view.u16(at)
            }
            guard values.count == 64 else { return }
            if head & 15 == 0, lumaTable == nil { lumaTable = values }
            offset += 1 + 64 * bytes
        }
    }
}
