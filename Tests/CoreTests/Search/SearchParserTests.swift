import Core
import Foundation
import Testing

@Suite struct SearchParserTests {
    @Test(arguments: [
        ("", SearchQuery.everything),
        ("  ", .everything),
        ("cat", .word("cat")),
        ("水彩", .word("水彩")),
        ("water*", .prefix("water")),
        ("\"red fox\"", .phrase("red fox")),
        ("#Ink", .tag("ink")),
        ("tag:Ink", .tag("ink")),
        ("-tag:nsfw", .not(.tag("nsfw"))),
        ("by:@Mei@art.example", .by("mei@art.example")),
        ("is:mine", .flag(.mine)),
        ("has:alt", .hasAlt),
        ("license:CC-BY-4.0", .license("CC-BY-4.0")),
        ("license:\"all rights\"", .license("all rights")),
        ("cat dog", .all([.word("cat"), .word("dog")])),
        ("cat OR dog fish", .any([.word("cat"), .all([.word("dog"), .word("fish")])])),
        ("(cat OR dog) -fish", .all([.any([.word("cat"), .word("dog")]), .not(.word("fish"))])),
        ("-(a b)", .not(.all([.word("a"), .word("b")]))),
        ("ORANGE", .word("ORANGE")),
        ("12:30", .word("12:30")),
        ("http://x", .word("http://x")),
        ("since:2026-01-31", .since(Date(timeIntervalSince1970: 1_769_817_600))),
        ("until:2026", .until(Date(timeIntervalSince1970: 1_767_225_600))),
    ])
    func readsTheGrammar(query: String, expected: SearchQuery) throws {
        #expect(try SearchParser.parse(query) == expected)
    }

    @Test(arguments: [
        ("cat OR", 4), ("OR cat", 0), ("(cat", 0), ("cat)", 3), ("()", 1), ("\"cat", 0), ("is:happy", 3),
        ("tag:", 4), ("since:yesterday", 6), ("since:2026-02-30", 6), ("has:colour", 4), ("--cat", 1),
    ])
    func pointsAtTheMistake(query: String, offset: Int) {
        let error = #expect(throws: SearchSyntaxError.self) { try SearchParser.parse(query) }
        #expect(error?.offset == offset)
    }

    @Test func putsACaretUnderThePlace() {
        let error = #expect(throws: SearchSyntaxError.self) { try SearchParser.parse("is:x") }
        #expect(error?.description.hasPrefix("is:x\n   ^\nThere is no 'is:x'; there are is:mine, ") == true)
        #expect(error?.message(in: .simplifiedChinese).contains("is:x") == true)
    }

    @Test func boundsLengthAndDepth() throws {
        #expect(throws: SearchSyntaxError.self) { try SearchParser.parse(String(repeating: "a", count: 1_001)) }
        let nested = String(repeating: "(", count: 33) + "a" + String(repeating: ")", count: 33)
        #expect(throws: SearchSyntaxError.self) { try SearchParser.parse(nested) }
        #expect(throws: Never.self) { try SearchParser.parse(String(nested.dropFirst().dropLast())) }
    }

    @Test func neverCrashesOnNoise() {
        var generator = SplitMix(seed: 7)
        let alphabet = Array("ab \"()-:*#ORtagis水\u{301}")
        for _ in 0..<5_000 {
            let length = Int(generator.next() % 24)
            let query = String((0..<length).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] })
            do { _ = try SearchParser.parse(query) } catch let error as SearchSyntaxError {
                #expect(error.offset <= query.count)
            } catch { Issue.record("\(query): \(error)") }
        }
    }
}

/// A small deterministic generator (SplitMix64, Steele et al. 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
