import Foundation

/// Reads the few fields of an EXIF block that matter here (EXIF 2.32, TIFF 6.0), whatever the block contains.
///
/// Four directories are visited, each once, so hostile links lead nowhere.
struct ExifReader {
    private(set) var orientation = 1
    private(set) var copyright: String?
    private(set) var artist: String?
    private(set) var description: String?
    private(set) var findings: Set<Finding> = []

    private let view: ByteView

    init(_ tiff: Data) {
        var view = ByteView(tiff)
        if view.has("II") { view.isLittleEndian = true }
        self.view = view
        guard view.has("II") || view.has("MM"), view.u16(2) == 42, let first = view.u32(4) else { return }
        var links = Links()
        let main = directory(at: first)
        for entry in main.entries { readMain(entry, &links) }
        if let next = main.next, next != 0, view.u16(next) != nil { findings.insert(.thumbnail) }
        if let exif = links.exif { for entry in directory(at: exif).entries { readExif(entry) } }
        if let gps = links.gps { for entry in directory(at: gps).entries { readGPS(entry) } }
    }

    /// The TIFF in a block that may begin with the prefix `Exif` of JPEG; nil unless it begins like TIFF.
    static func block(_ data: Data) -> Data? {
        let view = ByteView(data)
        let tiff = view.has("Exif\0\0") ? data.dropFirst(6) : data
        let start = ByteView(tiff)
        return start.has("II*\0") || start.has("MM\0*") ? tiff : nil
    }

    private struct Links {
        var exif: Int?
        var gps: Int?
    }

    private struct Entry {
        let tag: Int
        let type: Int
        /// Where the value stands: in the entry or elsewhere.
        let offset: Int
        let size: Int
    }

    /// The well-formed entries of a directory and the offset of the next one.
    private func directory(at offset: Int) -> (entries: [Entry], next: Int?) {
        guard let count = view.u16(offset) else { return ([], nil) }
        var entries: [Entry] = []
        for index in 0..<count {
            let at = offset + 2 + index * 12
            guard let tag = view.u16(at), let type = view.u16(at + 2), let items = view.u32(at + 4),
                let value = view.u32(at + 8)
            else { return (entries, nil) }
            let size = items * Self.typeSize(type)
            entries.append(Entry(tag: tag, type: type, offset: size <= 4 ? at + 8 : value, size: size))
        }
        return (entries, view.u32(offset + 2 + count * 12))
    }

    private static func typeSize(_ type: Int) -> Int {
        switch type {
        case 3, 8: 2
        case 4, 9, 11: 4
        case 5, 10, 12: 8
        default: 1
        }
    }

    private func text(_ entry: Entry) -> String? {
        // 129 is UTF-8, new in EXIF 3.0.
        guard entry.type == 2 || entry.type == 129 else { return nil }
        return view.slice(entry.offset, min(entry.size, MetadataText.limit)).flatMap(MetadataText.decode)
    }

    private mutating func readMain(_ entry: Entry, _ links: inout Links) {
        switch entry.tag {
        case 0x0112: readOrientation(entry)
        case 0x010E: description = description ?? text(entry)
        case 0x013B: artist = artist ?? text(entry)
        case 0x8298: copyright = copyright ?? text(entry)
        case 0x8769: links.exif = view.u32(entry.offset)
        case 0x8825: links.gps = view.u32(entry.offset)
        case 0x010F, 0x0110: findings.insert(.camera)
        case 0x0131, 0x000B: findings.insert(.software)
        case 0x0132: findings.insert(.dates)
        case 0xC62F: findings.insert(.serial)
        case 0x9C9B...0x9C9F: findings.insert(.description)
        // Resolution and the position of chroma samples say nothing about anybody.
        case 0x011A, 0x011B, 0x0128, 0x0213: break
        default: findings.insert(.otherEXIF)
        }
    }

    private mutating func readOrientation(_ entry: Entry) {
        let value = entry.type == 4 ? view.u32(entry.offset) : view.u16(entry.offset)
        if let value, (1...8).contains(value) { orientation = value }
    }

    private mutating func readExif(_ entry: Entry) {
        switch entry.tag {
        case 0x9003, 0x9004, 0x9010...0x9012, 0x9290...0x9292: findings.insert(.dates)
        case 0x927C: findings.insert(.makerNote)
        case 0x9286: findings.insert(.comment)
        case 0xA430: findings.insert(.owner)
        case 0xA420, 0xA431, 0xA435: findings.insert(.serial)
        case 0xA432...0xA434: findings.insert(.camera)
        // Versions, component order, colour space and size.
        case 0x9000, 0x9101, 0xA000...0xA003, 0xA005: break
        default: findings.insert(.otherEXIF)
        }
    }

    private mutating func readGPS(_ entry: Entry) {
        // 0 is only the version of the directory.
        if entry.tag != 0 { findings.insert(.gps) }
    }
}
