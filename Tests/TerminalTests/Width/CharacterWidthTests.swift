import Terminal
import Testing

@Suite struct CharacterWidthTests {
    private let width = CharacterWidth()

    @Test(arguments: [
        ("a", 1), ("中", 2), ("🎨", 2), ("▀", 1), ("·", 1), ("é", 1), ("e\u{301}", 1), ("한", 2), ("ｱ", 1), ("Ａ", 2),
        ("", 0),
        ("⠿", 1), ("🬀", 1),
    ])
    func textHasItsColumns(_ text: String, _ columns: Int) {
        #expect(width.columns(text) == columns)
    }

    @Test func ambiguousCharactersFollowTheSetting() {
        #expect(CharacterWidth(ambiguous: 2).columns("·α○") == 5 || CharacterWidth(ambiguous: 2).columns("·α○") == 6)
        #expect(CharacterWidth(ambiguous: 1).columns("·α○") == 3)
    }

    @Test func controlsAreReplacedAndTakeOneColumn() {
        #expect(width.glyphs("\u{1B}").map(\.base) == [0xFFFD])
        #expect(width.glyphs("\u{9B}\u{202E}\u{10EEEE}").map(\.base) == [0xFFFD, 0xFFFD, 0xFFFD])
    }

    @Test func marksAreCapped() {
        let glyphs = width.glyphs("a" + String(repeating: "\u{301}", count: 10_000))
        #expect(glyphs.count == 1 && glyphs[0].scalars.count == 3)
    }

    @Test(arguments: 0...12) func truncationNeverExceedsItsLimit(_ limit: Int) {
        for text in ["abcdefghijkl", "水彩水彩水彩", "a水b彩c", "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}"] {
            #expect(width.columns(width.truncated(text, to: limit)) <= limit)
        }
    }

    @Test func wrappingKeepsWordsAndBreaksWideTextAnywhere() {
        #expect(width.wrapped("the wind was strong", to: 8) == ["the wind", "was", "strong"])
        #expect(width.wrapped("湖边写生纸本", to: 5) == ["湖边", "写生", "纸本"])
        #expect(width.wrapped("abcdefghij", to: 4) == ["abcd", "efgh", "ij"])
        #expect(width.wrapped("a\n\nb", to: 4) == ["a", "", "b"])
        #expect(width.wrapped("one two three four", to: 5, limit: 2).count == 2)
    }

    @Test func wrappedLinesNeverExceedTheWidth() {
        var generator = SplitMix(state: 3)
        let letters = Array("ab 水彩 e\u{301}🎨\n")
        for _ in 0..<300 {
            let text = String((0..<40).map { _ in letters.randomElement(using: &generator)! })
            for columns in 2...11 {
                for line in width.wrapped(text, to: columns, limit: 6) { #expect(width.columns(line) <= columns) }
            }
        }
    }
}
