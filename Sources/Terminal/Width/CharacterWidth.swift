import CNcurses

/// How many columns characters take: `wcwidth` of the C library in a UTF-8 locale, and the user's word for the
/// characters that Unicode (UAX #11) calls ambiguous.
public struct CharacterWidth: Hashable, Sendable {
    private static let ready: Bool = fx_use_utf8() == 0

    /// 1, or 2 on terminals set up for East Asian fonts.
    public var ambiguous: Int

    public init(ambiguous: Int = 1) {
        precondition(ambiguous == 1 || ambiguous == 2)
        self.ambiguous = ambiguous
        _ = Self.ready
    }

    /// Columns of a scalar: 0 for combining marks, 1 or 2, and -1 for what must never be sent to a terminal.
    public func columns(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x7F { return value >= 0x20 ? 1 : -1 }
        if value < 0xA0 || Self.isInvisibleControl(value) { return -1 }
        if ambiguous == 2, Self.isAmbiguous(value) { return 2 }
        return Int(fx_character_width(value))
    }

    /// Columns of a text once it is laid out.
    public func columns(_ text: String) -> Int { glyphs(text).reduce(0) { $0 + $1.columns } }

    /// The cells' contents for a text: what cannot be printed becomes `�`, joiners and variation selectors go, because
    /// terminals disagree on what they do to the width, and a base keeps at most two marks.
    public func glyphs(_ text: String) -> [Glyph] {
        var result: [Glyph] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value == 0x200D || (0xFE00...0xFE0F).contains(value) || (0x1F3FB...0x1F3FF).contains(value) { continue }
            switch columns(scalar) {
            case 0:
                guard var last = result.last, last.base != 0x20 else { continue }
                if last.mark1 == 0 {
                    last.mark1 = value
                } else if last.mark2 == 0 {
                    last.mark2 = value
                } else {
                    continue
                }
                result[result.count - 1] = last
            case 1: result.append(Glyph(base: value, columns: 1))
            case 2: result.append(Glyph(base: value, columns: 2))
            default: result.append(Glyph(base: value == 0x09 || value == 0x0A ? 0x20 : 0xFFFD, columns: 1))
            }
        }
        return result
    }

    /// The longest beginning of a text that fits, with `…` in place of what does not.
    public func truncated(_ text: String, to limit: Int) -> String {
        guard limit > 0 else { return "" }
        let all = glyphs(text)
        if all.reduce(0, { $0 + $1.columns }) <= limit { return text }
        var used = 0
        var kept = ""
        for glyph in all {
            if used + glyph.columns > limit - 1 { break }
            kept.unicodeScalars.append(contentsOf: glyph.scalars)
            used += glyph.columns
        }
        return kept + "…"
    }

    /// Line and paragraph separators, bidirectional controls, and other format characters that change what a terminal
    /// shows without showing themselves; and the planes of private use, where kitty keeps its picture placeholder.
    private static func isInvisibleControl(_ value: UInt32) -> Bool {
        switch value {
        case 0xAD, 0x061C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
            0xE0000...0xE0FFF, 0xF0000...0x10FFFF:
            true
        default: false
        }
    }

    /// The ambiguous characters that fixative's own screens or people's captions commonly hold.
    private static func isAmbiguous(_ value: UInt32) -> Bool {
        switch value {
        case 0xA1, 0xA4, 0xA7, 0xA8, 0xAA, 0xAE, 0xB0...0xB4, 0xB6...0xBA, 0xBC...0xBF, 0xC6, 0xD0, 0xD7, 0xD8,
            0xDE...0xE1, 0xE6, 0xE8...0xEA, 0xEC, 0xED, 0xF0, 0xF2, 0xF3, 0xF7...0xFA, 0xFC, 0xFE, 0x0391...0x03A9,
            0x03B1...0x03C9, 0x0401, 0x0410...0x044F, 0x0451, 0x2010, 0x2013...0x2016, 0x2018, 0x2019, 0x201C, 0x201D,
            0x2020...0x2022, 0x2024...0x2027, 0x2030, 0x2032, 0x2033, 0x2035, 0x203B, 0x203E, 0x2103, 0x2109, 0x2116,
            0x2121, 0x2122, 0x2126, 0x2160...0x216B, 0x2170...0x2179, 0x2190...0x2199, 0x21D2, 0x21D4, 0x2200, 0x2202,
            0x2203, 0x2207, 0x2208, 0x220B, 0x220F, 0x2211, 0x2215, 0x221A, 0x221D...0x2220, 0x2223, 0x2225,
            0x2227...0x222C, 0x2234...0x2237, 0x223C, 0x223D, 0x2248, 0x2252, 0x2260, 0x2261, 0x2264...0x2267,
            0x2460...0x24E9,
            0x2605, 0x2606, 0x2609, 0x260E, 0x260F, 0x2640, 0x2642, 0x2660...0x266F, 0x25A0...0x25EF:
            true
        default: false
        }
    }
}

/// What one cell shows: a base and up to two combining marks, as scalar values; 0 for none.
public struct Glyph: Hashable, Sendable {
    public var base: UInt32
    public var mark1: UInt32 = 0
    public var mark2: UInt32 = 0
    /// 1 or 2.
    public var columns: Int

    public init(base: UInt32, columns: Int) {
        self.base = base
        self.columns = columns
    }

    public var scalars: [Unicode.Scalar] { [base, mark1, mark2].filter { $0 != 0 }.compactMap(Unicode.Scalar.init) }
}
