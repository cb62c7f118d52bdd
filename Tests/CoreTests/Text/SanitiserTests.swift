import Core
import Testing

@Suite struct SanitiserTests {
    @Test(arguments: [
        ("\u{1B}[31mred\u{1B}[0m", "[31mred[0m"),
        ("\u{1B}]52;c;ZXZpbA==\u{07}x", "]52;c;ZXZpbA==x"),
        ("\u{9B}2Jx", "2Jx"),
        ("\u{90}q\u{9C}x", "qx"),
        ("abc\u{202E}fed", "abcfed"),
        ("a\u{2066}b\u{2069}", "ab"),
        ("a\u{10EEEE}b", "a\u{FFFD}b"),
        ("a\u{E0041}b", "ab"),
        ("a\u{0}b\u{7F}", "ab"),
        ("tab\there", "tab here"),
        ("one\r\ntwo\rthree\u{2028}four", "one\ntwo\nthree\nfour"),
        ("👩‍🎨 水彩 é", "👩‍🎨 水彩 é"),
    ])
    func leavesOnlyWhatCanBeShown(raw: String, expected: String) {
        #expect(Sanitiser.text(raw) == expected)
    }

    @Test func aLineHasNoBreaks() {
        #expect(Sanitiser.line("a\nb\r\nc") == "a b c")
    }

    @Test func capsMarksOnOneCharacter() {
        let hostile = "a" + String(repeating: "\u{301}", count: 10_000) + "b"
        #expect(Sanitiser.text(hostile).unicodeScalars.count == 2 + Sanitiser.maximumMarks)
    }

    @Test func aLeadingMarkHasNothingToSitOn() {
        #expect(Sanitiser.text("\u{301}a\n\u{301}b") == "a\nb")
    }

    @Test func capsTheLength() {
        #expect(Sanitiser.line(String(repeating: "x", count: 2_000)).count == 1_001)
    }

    @Test func everyScalarComesOutHarmless() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for result in Sanitiser.text("x" + String(Character(scalar))).unicodeScalars.dropFirst() {
                let harmless =
                    result == "\n"
                    || (result.value >= 0x20 && !(0x7F...0x9F).contains(result.value)
                        && !(0x202A...0x202E).contains(result.value) && !(0x2066...0x2069).contains(result.value)
                        // Variation selectors for ideographs are the only thing above plane 3 that is text.
                        && (result.value < 0xE0000 || (0xE0100...0xE01EF).contains(result.value)))
                if !harmless { Issue.record("U+\(String(value, radix: 16))") }
            }
        }
    }
}
