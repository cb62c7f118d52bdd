import Foundation

/// Checked access to bytes from strangers: everything outside reads as nil.
struct ByteView {
    private let data: Data
    var isLittleEndian: Bool

    init(_ data: Data, isLittleEndian: Bool = false) {
        self.data = data
        self.isLittleEndian = isLittleEndian
    }

    var count: Int { data.count }

    func u8(_ offset: Int) -> UInt8? {
        guard offset >= 0, offset < data.count else { return nil }
        return data[data.startIndex + offset]
    }

    func u16(_ offset: Int) -> Int? { integer(offset, bytes: 2) }

    func u32(_ offset: Int) -> Int? { integer(offset, bytes: 4) }

    private func integer(_ offset: Int, bytes: Int) -> Int? {
        guard let piece = slice(offset, bytes) else { return nil }
        return isLittleEndian ? piece.reversed().reduce(0) { $0 << 8 | Int($1) } : piece.reduce(0) { $0 << 8 | Int($1) }
    }

    /// `count` bytes, or nil unless all of them are there.
    func slice(_ offset: Int, _ count: Int) -> Data? {
        guard offset >= 0, count >= 0, offset <= data.count, count <= data.count - offset else { return nil }
        let start = data.startIndex + offset
        return data[start..<start + count]
    }

    /// Whether these bytes of ASCII stand at the offset.
    func has(_ text: String, at offset: Int = 0) -> Bool {
        slice(offset, text.utf8.count)?.elementsEqual(text.utf8) ?? false
    }

    /// The bytes up to a NUL, at most `limit` of them, and the offset after the NUL; nil without a NUL.
    func terminated(_ offset: Int, limit: Int) -> (bytes: Data, next: Int)? {
        guard offset >= 0, offset <= data.count else { return nil }
        let start = data.startIndex + offset
        let window = data[start..<min(data.endIndex, start + limit + 1)]
        guard let end = window.firstIndex(of: 0) else { return nil }
        return (data[start..<end], end + 1 - data.startIndex)
    }
}

/// Text fields of metadata: bounded, without surrounding blanks and NULs.
enum MetadataText {
    /// Bytes of a field that are looked at; what follows is cut off.
    static let limit = 4096

    /// UTF-8 where it is valid, otherwise Latin-1; nil when nothing is left.
    static func decode(_ bytes: Data) -> String? {
        let piece = bytes.prefix(limit)
        let text = String(bytes: piece, encoding: .utf8) ?? String(bytes: piece, encoding: .isoLatin1) ?? ""
        return trimmed(text)
    }

    static func trimmed(_ text: String) -> String? {
        let result = text.trimmingCharacters(in: CharacterSet.whitespacesAndNewlines.union(["\0"]))
        return result.isEmpty ? nil : result
    }
}
