import Foundation

/// Reads the few datasets of an IPTC-IIM record (IIM 4.2, record 2) that matter here.
struct IPTCReader {
    private(set) var copyright: String?
    private(set) var byline: String?
    private(set) var caption: String?
    private(set) var findings: Set<Finding> = [.iptc]

    init(_ record: Data) {
        let view = ByteView(record)
        var offset = 0
        while view.u8(offset) == 0x1C, let group = view.u8(offset + 1), let dataset = view.u8(offset + 2),
            let size = view.u16(offset + 3), size < 0x8000, let value = view.slice(offset + 5, size)
        {
            offset += 5 + size
            guard group == 2 else { continue }
            switch dataset {
            case 55, 60: findings.insert(.dates)
            case 65: findings.insert(.software)
            case 80: byline = byline ?? MetadataText.decode(value)
            case 90, 92, 95, 101: findings.insert(.place)
            case 116: copyright = copyright ?? MetadataText.decode(value)
            case 120: caption = caption ?? MetadataText.decode(value)
            default: break
            }
        }
    }

    /// The IIM record in the image resources of Photoshop (segment APP13, resource 0x0404); nil where there is none.
    static func record(inPhotoshop resources: Data) -> Data? {
        let view = ByteView(resources)
        var offset = 0
        while view.has("8BIM", at: offset), let id = view.u16(offset + 4), let name = view.u8(offset + 6) {
            // The name is a Pascal string, padded like the data to an even length.
            let start = offset + 6 + (Int(name) + 2) / 2 * 2
            guard let size = view.u32(start), let content = view.slice(start + 4, size) else { return nil }
            if id == 0x0404 { return content }
            offset = start + 4 + (size + 1) / 2 * 2
        }
        return nil
    }
}
