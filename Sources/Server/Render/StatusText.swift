import API
import Foundation

/// The text of a post, taken apart: hashtags, mentions and links in it, and its HTML.
package struct StatusText: Sendable {
    package enum Piece: Hashable, Sendable {
        case text(String)
        case link(String)
        /// As it was typed, without `#`.
        case hashtag(String)
        /// Without `@`.
        case mention(String)
    }

    package let pieces: [Piece]

    package init(_ text: String) {
        var pieces: [Piece] = []
        var plain = ""
        var rest = text[...]
        func flush() {
            if !plain.isEmpty { pieces.append(.text(plain)) }
            plain = ""
        }
        while let character = rest.first {
            let free = plain.last.map(Self.separates) ?? true
            if free, let (piece, length) = Self.special(rest, character) {
                flush()
                pieces.append(piece)
                rest = rest.dropFirst(length)
                // What follows a piece directly is plain, so that `#a#b` is one tag.
                if let next = rest.first, !next.isNewline {
                    plain.append(next)
                    rest = rest.dropFirst()
                }
            } else {
                plain.append(character)
                rest = rest.dropFirst()
            }
        }
        flush()
        self.pieces = pieces
    }

    /// Names of the hashtags in the form that is compared, each once, in their order.
    package var hashtags: [String] {
        var seen: Set<String> = []
        return pieces.compactMap { piece in
            guard case .hashtag(let name) = piece else { return nil }
            let key = Self.normalised(name)
            return seen.insert(key).inserted ? key : nil
        }
    }

    /// User names that are mentioned, lower case, each once.
    package var mentions: [String] {
        var seen: Set<String> = []
        return pieces.compactMap { piece in
            guard case .mention(let name) = piece, seen.insert(name.lowercased()).inserted else { return nil }
            return name.lowercased()
        }
    }

    /// The form in which hashtags are stored and compared.
    package static func normalised(_ tag: String) -> String {
        tag.precomposedStringWithCompatibilityMapping.lowercased()
    }

    /// HTML that holds `p`, `br` and `a` and nothing else. `accounts` are the names that exist here.
    package func html(base: String, accounts: Set<String>) -> String {
        if pieces.isEmpty { return "" }
        var html = "<p>"
        for piece in pieces {
            switch piece {
            case .text(let text): html += Self.paragraphs(text)
            case .link(let url):
                let escaped = HTMLText.escape(url)
                html += "<a href=\"\(escaped)\" rel=\"nofollow noopener noreferrer\">\(escaped)</a>"
            case .hashtag(let name):
                let link = "\(base)/tags/\(Self.pathSegment(Self.normalised(name)))"
                html += "<a href=\"\(HTMLText.escape(link))\" rel=\"tag\">#\(HTMLText.escape(name))</a>"
            case .mention(let name) where accounts.contains(name.lowercased()):
                let link = "\(base)/@\(Self.pathSegment(name))"
                html += "<a href=\"\(HTMLText.escape(link))\">@\(HTMLText.escape(name))</a>"
            case .mention(let name): html += "@" + HTMLText.escape(name)
            }
        }
        return html + "</p>"
    }

    /// Percent-encodes everything but letters and digits of ASCII, `-`, `.` and `_` (RFC 3986 section 2.3).
    package static func pathSegment(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: CharacterSet(
                charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")) ?? ""
    }

    private static func paragraphs(_ text: String) -> String {
        HTMLText.escape(text).replacing("\n\n", with: "</p><p>").replacing("\n", with: "<br />")
    }

    /// Whether a hashtag, a mention or a link may begin after this character.
    private static func separates(_ character: Character) -> Bool {
        if character == "_" || character == "/" || character == "&" || character == "#" || character == "@" {
            return false
        }
        // Chinese and Japanese are written without spaces: a tag may follow them directly.
        return !(character.isASCII && (character.isLetter || character.isNumber))
    }

    private static func special(_ rest: Substring, _ first: Character) -> (Piece, Int)? {
        switch first {
        case "#":
            let name = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            guard !name.isEmpty, name.utf8.count <= 300, name.contains(where: { !$0.isNumber }) else { return nil }
            return (.hashtag(String(name)), name.count + 1)
        case "@":
            let name = rest.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard !name.isEmpty, name.count <= 30 else { return nil }
            return (.mention(String(name)), name.count + 1)
        case "h", "H": return link(rest)
        default: return nil
        }
    }

    private static func link(_ rest: Substring) -> (Piece, Int)? {
        let lower = rest.prefix(8).lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://") else { return nil }
        var url = rest.prefix { character in
            character.isASCII && !character.isWhitespace && character > " " && !"<>\"'`{}|\\^".contains(character)
        }
        while let last = url.last, ".,;:!?)]".contains(last) { url = url.dropLast() }
        guard url.utf8.count <= 2_000, let parsed = URL(string: String(url)), parsed.host?.isEmpty == false else {
            return nil
        }
        return (.link(String(url)), url.count)
    }
}
