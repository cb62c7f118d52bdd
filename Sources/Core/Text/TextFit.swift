/// Lines for terminals of few columns.
public enum TextFit {
    /// The end of a line, behind an ellipsis where its beginning does not fit: in a line of progress what changes is last.
    ///
    /// Characters from U+1100 on count two columns, which is what the widest of them take; so a line may stay shorter than
    /// it need, never longer.
    public static func tail(_ line: String, columns: Int) -> String {
        func width(_ character: Character) -> Int {
            character.unicodeScalars.contains { $0.value >= 0x1100 && $0 != "…" } ? 2 : 1
        }
        guard line.reduce(0, { $0 + width($1) }) > columns else { return line }
        var kept: [Character] = []
        var left = columns - 1
        for character in line.reversed() {
            left -= width(character)
            if left < 0 { break }
            kept.append(character)
        }
        return columns < 1 ? "" : "…" + String(kept.reversed())
    }
}
