/// The one gate for every string from outside (a server, a file, its name) before it reaches a terminal, a log or a
/// file name: what is left can be shown and can do nothing else.
///
/// Removed: C0 and C1 controls (so no escape sequence survives, 7-bit or 8-bit), bidirectional controls (Unicode
/// TR 36, "Trojan source"), zero-width and tag characters that hide text, noncharacters. Private-use characters become
/// U+FFFD, because kitty takes U+10EEEE for a place to put a picture. Marks on one base character are capped.
public enum Sanitiser {
    /// Marks that one base character may carry; Vietnamese needs two, Tibetan about six.
    public static let maximumMarks = 8
    /// Unicode scalars that a text may have before it is cut with an ellipsis.
    public static let maximumLength = 100_000

    /// Keeps line breaks; every other control goes. Tabs become spaces.
    public static func text(_ raw: String) -> String { clean(raw, keepsLines: true, limit: maximumLength) }

    /// One line: breaks become spaces.
    public static func line(_ raw: String, limit: Int = 1_000) -> String {
        clean(raw, keepsLines: false, limit: limit)
    }

    private static func clean(_ raw: String, keepsLines: Bool, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        var marks = 0
        var previousWasReturn = false
        for scalar in raw.unicodeScalars {
            if count >= limit {
                result.append("…")
                break
            }
            let isFeedAfterReturn = scalar == "\n" && previousWasReturn
            previousWasReturn = scalar == "\r"
            if isFeedAfterReturn { continue }
            switch verdict(scalar) {
            case .lineBreak:
                result.append(keepsLines ? "\n" : " ")
                marks = 0
            case .space:
                result.append(" ")
                marks = 0
            case .drop:
                continue
            case .replace:
                result.append("\u{FFFD}")
                marks = 0
            case .mark:
                // A mark with nothing to sit on would sit on whatever is drawn before this text.
                if result.isEmpty || result.last == "\n" { continue }
                marks += 1
                if marks > maximumMarks { continue }
                result.append(scalar)
            case .keep:
                result.append(scalar)
                marks = 0
            }
            count += 1
        }
        return String(result)
    }

    private enum Verdict { case keep, drop, replace, mark, space, lineBreak }

    private static func verdict(_ scalar: Unicode.Scalar) -> Verdict {
        switch scalar.value {
        case 0x0A, 0x0D, 0x0B, 0x0C, 0x85, 0x2028, 0x2029: return .lineBreak
        case 0x09: return .space
        case 0x20...0x7E: return .keep
        case 0x00...0x1F, 0x7F...0x9F: return .drop
        // Soft hyphen, Arabic letter mark, zero-width space and friends, bidi embeddings, overrides and isolates,
        // invisible operators, the byte-order mark, interlinear annotations, tags. U+200D (joiner) stays for emoji.
        case 0xAD, 0x61C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xE0000...0xE007F:
            return .drop
        case 0xE000...0xF8FF, 0xF0000...0x10FFFF: return .replace
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: return .mark
        case .format: return scalar.value == 0x200D ? .mark : .drop
        case .control, .surrogate: return .drop
        case .privateUse: return .replace
        case .unassigned: return .replace
        case .lineSeparator, .paragraphSeparator: return .lineBreak
        default: return .keep
        }
    }
}
