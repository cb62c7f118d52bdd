import Foundation

/// Whether elements close in the order in which they were opened and nothing unescaped is between them: as much of
/// XML 1.0 as a packet uses, so that the tests need no XML parser.
struct XMLCheck {
    func isWellFormed(_ data: Data) -> Bool {
        guard let text = String(data: data, encoding: .utf8) else { return false }
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            guard entitiesAreKnown(rest[..<start]) else { return false }
            guard let end = rest[start...].firstIndex(of: ">") else { return false }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            guard !tag.contains("<"), let first = tag.first else { return false }
            let name = tag.drop { $0 == "/" }.prefix { !$0.isWhitespace && $0 != "/" }
            switch first {
            case "?": guard tag.hasSuffix("?") else { return false }
            case "/": guard open.popLast() == name else { return false }
            default: if !tag.hasSuffix("/") { open.append(name) }
            }
        }
        return open.isEmpty && entitiesAreKnown(rest)
    }

    private func entitiesAreKnown(_ text: Substring) -> Bool {
        text.split(separator: "&", omittingEmptySubsequences: false).dropFirst().allSatisfy { piece in
            ["amp;", "lt;", "gt;", "quot;", "apos;"].contains { piece.hasPrefix($0) }
        }
    }
}
