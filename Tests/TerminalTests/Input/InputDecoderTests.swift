import Terminal
import Testing

@Suite struct InputDecoderTests {
    private func events(_ text: String) -> [InputEvent] {
        var decoder = InputDecoder()
        return decoder.feed(Array(text.utf8)) + decoder.flush()
    }

    @Test(arguments: [
        ("a", Key.character("a")), ("水", .character("水")), ("\r", Key(.enter)), ("\t", Key(.tab)),
        ("\u{7F}", Key(.backspace)), ("\u{13}", .control("s")), ("\u{1B}[A", Key(.up)), ("\u{1B}OA", Key(.up)),
        ("\u{1B}[1;5C", Key(.right, .control)), ("\u{1B}[Z", Key(.tab, .shift)), ("\u{1B}[5~", Key(.pageUp)),
        ("\u{1B}[3;2~", Key(.delete, .shift)), ("\u{1B}OP", Key(.function(1))), ("\u{1B}[11~", Key(.function(1))),
        ("\u{1B}[[A", Key(.function(1))), ("\u{1B}[24~", Key(.function(12))), ("\u{1B}x", Key(.character("x"), .alt)),
        ("\u{1B}", Key(.escape)),
    ])
    func keyIsRead(_ bytes: String, _ key: Key) {
        #expect(events(bytes) == [.key(key)])
    }

    @Test func pasteIsOneEventHoweverItIsSplit() {
        let bytes = Array("\u{1B}[200~line\u{1B}[A 1\nq\u{1B}[201~x".utf8)
        for cut in 0...bytes.count {
            var decoder = InputDecoder()
            let events = decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...])
            #expect(events == [.paste("line\u{1B}[A 1\nq"), .key(.character("x"))], "cut at \(cut)")
        }
    }

    @Test func answersNeverBecomeKeysHoweverTheyAreSplit() {
        let answers =
            "\u{1B}P>|kitty(0.26.5)\u{1B}\\\u{1B}[?2026;2$y\u{1B}[6;20;10t\u{1B}_Gi=31;OK\u{1B}\\\u{1B}]11;rgb:0/0/0\u{7}\u{1B}[?62;4;22c"
        let bytes = Array(answers.utf8)
        for cut in 0...bytes.count {
            var decoder = InputDecoder()
            let events = decoder.feed(bytes[..<cut]) + decoder.feed(bytes[cut...])
            #expect(
                events == [
                    .report(.version("kitty(0.26.5)")), .report(.mode(2026, 2)), .report(.window([6, 20, 10])),
                    .report(.kittyGraphics("i=31;OK")), .report(.other), .report(.primaryAttributes([62, 4, 22])),
                ], "cut at \(cut)")
        }
    }

    @Test func mouseClicksAndWheelAreRead() {
        #expect(
            events("\u{1B}[<0;3;4M\u{1B}[<0;3;4m\u{1B}[<64;1;1M\u{1B}[<65;1;1M") == [
                .mouse(MouseEvent(.press, at: Point(x: 2, y: 3))), .mouse(MouseEvent(.wheelUp, at: Point(x: 0, y: 0))),
                .mouse(MouseEvent(.wheelDown, at: Point(x: 0, y: 0))),
            ])
    }

    @Test func escapeBeforeASequenceIsTheKey() {
        #expect(events("\u{1B}\u{1B}[B") == [.key(Key(.escape)), .key(Key(.down))])
    }

    @Test func malformedUTF8IsDropped() {
        var decoder = InputDecoder()
        #expect(
            decoder.feed([0xFF, 0xC3, 0x28, 0xE6, 0xB0, 0xB4, 0x80]) == [.key(.character("(")), .key(.character("水"))])
    }

    @Test func endlessStringsAndPastesStayBounded() {
        var decoder = InputDecoder()
        _ = decoder.feed(Array("\u{1B}]".utf8))
        for _ in 0..<64 { #expect(decoder.feed([UInt8](repeating: 0x61, count: 4_096)).isEmpty) }
        #expect(decoder.feed(Array("\u{7}q".utf8)) == [.key(.character("q"))])
        _ = decoder.feed(Array("\u{1B}[200~".utf8))
        for _ in 0..<300 { #expect(decoder.feed([UInt8](repeating: 0x62, count: 8_192)).isEmpty) }
        guard case .paste(let text) = decoder.feed(Array("\u{1B}[201~".utf8)).first else {
            Issue.record("no paste")
            return
        }
        #expect(text.utf8.count == 1 << 20)
    }

    /// Random bytes, weighted towards what sequences are made of: nothing traps, and a plain key is still heard after.
    @Test func anyBytesAreSurvived() {
        var generator = SplitMix(state: 7)
        let alphabet: [UInt8] =
            Array("\u{1B}\u{1B}[[]?<;;0123456789PX_^\\ABMOcmtuy~$>\u{7}\r\n".utf8) + [
                0x9B, 0xC3, 0xE6, 0xF0, 0x80, 0xFF, 0x00,
            ]
        for _ in 0..<3_000 {
            var decoder = InputDecoder()
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let count = Int.random(in: 0...40, using: &generator)
                let bytes = (0..<count).map { _ in
                    Bool.random(using: &generator)
                        ? alphabet.randomElement(using: &generator)! : UInt8.random(in: 0...255, using: &generator)
                }
                _ = decoder.feed(bytes)
            }
            // The end of anything that may still be open.
            _ = decoder.feed(Array("\u{1B}[201~\u{1B}\\\u{7}".utf8))
            _ = decoder.flush(force: true)
            #expect(decoder.feed(Array("MMMz".utf8)).last == .key(.character("z")))
        }
    }
}

/// SplitMix64 (Steele et al. 2014): the same numbers on every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
