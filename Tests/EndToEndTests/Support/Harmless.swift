import Foundation

/// What a terminal could act on, or a reader be fooled by, in bytes that are meant to be shown.
enum Harmless {
    /// One line for each kind of offence; empty when the bytes are harmless.
    static func offences(in data: Data) -> [String] {
        var offences: Set<String> = []
        let text = String(decoding: data, as: UTF8.self)
        if Data(text.utf8) != data { offences.insert("not UTF-8") }
        var marks = 0
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value < 0x20 && value != 0x0A && value != 0x09 || value == 0x7F { offences.insert("C0 \(value)") }
            if (0x80...0x9F).contains(value) { offences.insert("C1 \(value)") }
            if [0x061C, 0x200E, 0x200F].contains(value) || (0x202A...0x202E).contains(value)
                || (0x2066...0x2069).contains(value)
            {
                offences.insert("bidi \(String(value, radix: 16))")
            }
            let isMark = [.nonspacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
            marks = isMark ? marks + 1 : 0
            if marks > 32 { offences.insert("a tower of combining marks") }
        }
        return offences.sorted()
    }
}
