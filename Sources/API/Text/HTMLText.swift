import Foundation

/// Plain text out of the small HTML that servers wrap statuses in, and back.
public enum HTMLText {
    /// Paragraphs become blank lines, breaks become line ends, every other tag goes, entities become characters.
    /// Whatever is not closed or not known is dropped; the result may still hold hostile characters: see `Sanitiser`.
    public static func plain(_ html: String) -> String {
        var text = ""
        var rest = html[...]
        while let next = rest.firstIndex(where: { $0 == "<" || $0 == "&" }) {
            text += rest[..<next]
            rest = rest[next...]
            if rest.first == "<" {
                guard let end = rest.firstIndex(of: ">") else {
                    rest = ""
                    break
                }
                text += lineBreak(for: rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            } else {
                let (character, length) = entity(rest)
                text += character
                rest = rest.dropFirst(length)
            }
        }
        text += rest
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Characters that mean something in HTML, as entities. Scalar by scalar: a quote with a combining mark on it is
    /// another `Character`, and still a quote to a browser.
    public static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// Plain text as paragraphs: a blank line begins a new one, a line end is a break.
    public static func paragraphs(_ text: String) -> String {
        if text.isEmpty { return "" }
        let body = escape(text).replacingOccurrences(of: "\n\n", with: "</p><p>")
        return "<p>" + body.replacingOccurrences(of: "\n", with: "<br />") + "</p>"
    }

    private static func lineBreak(for tag: Substring) -> String {
        let name = tag.prefix { $0.isLetter || $0 == "/" }.lowercased()
        switch name {
        case "br", "br/": return "\n"
        case "/p": return "\n\n"
        case "/li", "/div", "/blockquote": return "\n"
        default: return ""
        }
    }

    private static let named = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "hellip": "…", "mdash": "—",
        "ndash": "–", "copy": "©",
    ]

    /// The text of the entity that `rest` begins with, and how many characters it takes; `&` itself if it is none.
    private static func entity(_ rest: Substring) -> (text: String, length: Int) {
        guard let end = rest.prefix(12).firstIndex(of: ";") else { return ("&", 1) }
        let name = rest[rest.index(after: rest.startIndex)..<end]
        let length = rest.distance(from: rest.startIndex, to: end) + 1
        if let text = named[String(name)] { return (text, length) }
        if name.hasPrefix("#") {
            let digits = name.dropFirst()
            let value = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            if let value, let scalar = Unicode.Scalar(value) { return (String(Character(scalar)), length) }
        }
        return ("&", 1)
    }
}
