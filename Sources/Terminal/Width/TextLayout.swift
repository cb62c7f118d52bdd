extension CharacterWidth {
    /// Breaks a text into lines of at most `width` columns, at spaces where there are any and between wide characters,
    /// stopping after `limit` lines with `…`.
    public func wrapped(_ text: String, to width: Int, limit: Int = .max) -> [String] {
        guard width > 0, limit > 0 else { return [] }
        var lines: [String] = []
        // One line more than shown tells that something was cut.
        let stop = limit == .max ? limit : limit + 1
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            lines += wrappedParagraph(String(paragraph), to: width, limit: stop - lines.count)
            if lines.count > limit { break }
        }
        if lines.count > limit {
            lines.removeSubrange(limit...)
            let last = lines[limit - 1]
            lines[limit - 1] = columns(last) + 1 <= width ? last + "…" : truncated(last + "……", to: width)
        }
        return lines
    }

    private func wrappedParagraph(_ text: String, to width: Int, limit: Int) -> [String] {
        var lines: [String] = []
        var line: [Glyph] = []
        var used = 0
        // Where the line may be cut: after this many of its glyphs.
        var breakable = 0
        func string(_ glyphs: some Sequence<Glyph>) -> String {
            var result = ""
            for glyph in glyphs { result.unicodeScalars.append(contentsOf: glyph.scalars) }
            while result.last == " " { result.removeLast() }
            return result
        }
        for glyph in glyphs(text) {
            if glyph.base == 0x20, used + 1 > width {
                lines.append(string(line))
                (line, used, breakable) = ([], 0, 0)
                if lines.count >= limit { return lines }
                continue
            }
            while used + glyph.columns > width, !line.isEmpty {
                let cut = breakable > 0 ? breakable : line.count
                lines.append(string(line[..<cut]))
                line = Array(line[cut...].drop { $0.base == 0x20 })
                used = line.reduce(0) { $0 + $1.columns }
                breakable = 0
                if lines.count >= limit { return lines }
            }
            if glyph.columns == 2, !line.isEmpty { breakable = line.count }
            line.append(glyph)
            used += glyph.columns
            if glyph.base == 0x20 || glyph.columns == 2 { breakable = line.count }
        }
        lines.append(string(line))
        return lines
    }
}
