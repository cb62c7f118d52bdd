import Core
import Testing

@Suite struct TextTokenizerTests {
    @Test(arguments: [
        ("Hello, world", ["hello", "world"]),
        ("水彩画", ["水", "彩", "画"]),
        ("my 水彩 art", ["my", "水", "彩", "art"]),
        ("Café ÉTÉ", ["cafe", "ete"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("ひらがな", ["ひ", "ら", "が", "な"]),
        ("#ink-wash 2026", ["ink", "wash", "2026"]),
        ("!!! …", []),
    ])
    func splitsAndFolds(text: String, expected: [String]) {
        #expect(TextTokenizer.tokens(of: text).map(\.text) == expected)
    }

    @Test func offsetsPointIntoTheOriginalBytes() {
        let text = "a 水彩 ÉTÉ"
        let bytes = Array(text.utf8)
        let pieces = TextTokenizer.tokens(of: text).map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) }
        #expect(pieces == ["a", "水", "彩", "ÉTÉ"])
    }
}
