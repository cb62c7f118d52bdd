import Foundation

/// Looks for a few properties in an XMP packet (ISO 16684-1) by their usual prefixes.
///
/// No XML parser: entities, DTDs and depth of strangers' XML are risks, and what is read here is only shown.
struct XMPReader {
    /// Bytes of a packet that are looked at.
    private static let limit = 1 << 20

    let creator: String?
    let rights: String?
    let description: String?
    let findings: Set<Finding>

    init(_ packet: Data) {
        let text = packet.prefix(Self.limit)
        creator = Self.property("dc:creator", in: text)
        rights = Self.property("dc:rights", in: text)
        description = Self.property("dc:description", in: text)
        let marks: [(String, Finding)] = [
            ("exif:GPS", .gps), ("SerialNumber", .serial), ("aux:OwnerName", .owner), ("CameraOwnerName", .owner),
            ("photoshop:City", .place), ("Iptc4xmpCore:Location", .place), ("Iptc4xmpExt:Location", .place),
            ("xmp:CreateDate", .dates), ("xmp:ModifyDate", .dates), ("xmp:CreatorTool", .software),
            ("tiff:Model", .camera), ("xmp:Thumbnails", .thumbnail), ("xmpGImg:image", .thumbnail),
        ]
        var found: Set<Finding> = [.xmp]
        for (mark, finding) in marks where text.range(of: Data(mark.utf8)) != nil { found.insert(finding) }
        findings = found
    }

    /// The first value of an element: its first `rdf:li`, or its text.
    private static func property(_ name: String, in text: Data) -> String? {
        guard let start = text.range(of: Data("<\(name)".utf8)),
            let end = text.range(of: Data("</\(name)>".utf8), in: start.upperBound..<text.endIndex)
        else { return nil }
        var content = text[start.upperBound..<end.lowerBound]
        if let item = content.range(of: Data("<rdf:li".utf8)) {
            content = content[item.upperBound...]
        }
        guard let open = content.firstIndex(of: UInt8(ascii: ">")) else { return nil }
        let value = content[(open + 1)...].prefix { $0 != UInt8(ascii: "<") }.prefix(MetadataText.limit)
        guard let string = String(bytes: value, encoding: .utf8) else { return nil }
        return MetadataText.trimmed(unescaped(string))
    }

    /// The five entities of XML; the ampersand last, so that nothing is replaced twice.
    private static func unescaped(_ text: String) -> String {
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        return entities.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
}
