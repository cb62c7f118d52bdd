import Foundation

/// Splits text into the words that are indexed and searched.
///
/// Scripts without spaces between words (Han, kana, Hangul) give one token a character, so that 水彩 is found as the
/// phrase 水 + 彩 and 彩 alone; everything else gives one token a run of letters and digits. Tokens are folded:
/// compatibility forms unified (NFKC), case and diacritics removed.
public enum TextTokenizer {
    public struct Token: Hashable, Sendable {
        public var text: String
        /// UTF-8 offsets in the original.
        public var start: Int
        public var end: Int
    }

    public static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        var run = String.UnicodeScalarView()
        var runStart = 0
        var offset = 0

        func endRun() {
            guard !run.isEmpty else { return }
            let folded = fold(String(run))
            if !folded.isEmpty { tokens.append(Token(text: folded, start: runStart, end: offset)) }
            run = .init()
        }

        for scalar in text.unicodeScalars {
            let length = UTF8.width(scalar)
            if isWithoutSpaces(scalar) {
                endRun()
                let folded = fold(String(Character(scalar)))
                if !folded.isEmpty { tokens.append(Token(text: folded, start: offset, end: offset + length)) }
            } else if isWordPart(scalar, first: run.isEmpty) {
                if run.isEmpty { runStart = offset }
                run.append(scalar)
            } else {
                endRun()
            }
            offset += length
        }
        endRun()
        return tokens
    }

    /// NFKC, lower case, no diacritics.
    public static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        let unified = text.precomposedStringWithCompatibilityMapping
        return unified.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil).lowercased()
    }

    private static func isWithoutSpaces(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Kana, CJK and its extensions, compatibility ideographs, Hangul; 々 and 〇 are written among them.
        case 0x3005, 0x3007, 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x20000...0x323AF:
            true
        default: false
        }
    }

    private static func isWordPart(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
        if scalar.value < 0x80 {
            return (0x30...0x39).contains(scalar.value) || (0x41...0x5A).contains(scalar.value)
                || (0x61...0x7A).contains(scalar.value)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            return true
        case .nonspacingMark, .spacingMark, .enclosingMark: return !first
        default: return false
        }
    }
}
