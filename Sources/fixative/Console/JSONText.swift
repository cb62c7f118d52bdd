import Core
import Foundation

/// JSON for scripts that a terminal can also show: whatever a terminal could act on is written as `\uXXXX`, which is
/// the same JSON (RFC 8259 section 7).
enum JSONText {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return harmless(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Characters outside ASCII that the sanitiser would not let through can only stand inside strings: escape them.
    private static func harmless(_ json: String) -> String {
        var result = String.UnicodeScalarView()
        var marks = 0
        for scalar in json.unicodeScalars {
            marks = isMark(scalar) ? marks + 1 : 0
            let isSafe =
                scalar.isASCII
                ? scalar.value != 0x7F
                : marks <= Sanitiser.maximumMarks && (scalar.value == 0x200D || !needsEscape(scalar))
            if isSafe {
                result.append(scalar)
            } else {
                for unit in String(Character(scalar)).utf16 {
                    result.append(contentsOf: String(format: "\\u%04x", unit).unicodeScalars)
                }
            }
        }
        return String(result)
    }

    /// A tower of these on one character covers the lines around it.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }

    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
        default: false
        }
    }
}
