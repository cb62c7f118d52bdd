import Core
import Testing

@Suite("Lines that have to fit")
struct TextFitTests {
    @Test func whatFitsStays() {
        #expect(TextFit.tail("a.png: 10 %", columns: 11) == "a.png: 10 %")
        #expect(TextFit.tail("", columns: 0) == "")
    }

    @Test func theEndOfALongLineIsKept() {
        #expect(TextFit.tail("/very/long/name.png: 10 %", columns: 10) == "…png: 10 %")
        #expect(TextFit.tail("abc", columns: 1) == "…")
        #expect(TextFit.tail("abc", columns: 0) == "")
    }

    @Test func wideCharactersTakeTwoColumns() {
        #expect(TextFit.tail("絵絵絵.png", columns: 10) == "絵絵絵.png")
        #expect(TextFit.tail("絵絵絵.png", columns: 9) == "…絵絵.png")
        #expect(TextFit.tail("絵絵絵.png", columns: 8) == "…絵.png")
    }
}
