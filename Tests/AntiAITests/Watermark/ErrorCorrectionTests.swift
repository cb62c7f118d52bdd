import AntiAI
import Core
import Testing

@Suite("Error correction")
struct ErrorCorrectionTests {
    @Test(arguments: [0, UInt64.max, 0x0123_4567_89AB_CDEF, 1, 1 << 63])
    func decodesWhatItEncoded(_ value: UInt64) {
        let word = ErrorCorrection.encode(MarkID(rawValue: value))
        #expect(ErrorCorrection.decode(word).rawValue == value)
    }

    @Test func scramblingIsUndone() {
        var dice = Dice(8)
        for value in [0, 1, UInt64.max] + (0..<100).map({ _ in dice.next() }) {
            let payload = MarkID(rawValue: value)
            #expect(Scrambling.unscramble(Scrambling.scramble(payload)) == payload)
            let changed = Scrambling.scramble(payload).rawValue ^ Scrambling.scramble(MarkID(rawValue: ~value)).rawValue
            #expect((10...54).contains(changed.nonzeroBitCount))
        }
    }

    @Test func decodesThroughHeavyNoise() {
        var dice = Dice(5)
        // −3 dB for each code bit; a quarter of the hard decisions is wrong.
        for value: UInt64 in [0xC0FF_EE00_DEAD_10CC, 3, 0xFFFF_0000_FFFF_0000] {
            let payload = MarkID(rawValue: value)
            let soft = ErrorCorrection.encode(payload).map { $0 + 1.4 * dice.normal() }
            #expect(ErrorCorrection.decode(soft) == payload)
            #expect(ErrorCorrection.ambiguity(soft: soft, payload: payload) < Decision.highestAmbiguity)
        }
    }

    /// The published code has free distance 56: flipping any one bit of a message changes 57 code bits, and the two
    /// messages at the free distance differ in bits two apart.
    @Test func hasThePublishedDistance() {
        let word = ErrorCorrection.encode(MarkID(rawValue: 0))
        func distance(_ message: UInt64) -> Int {
            zip(word, ErrorCorrection.encode(MarkID(rawValue: message))).filter { $0 != $1 }.count
        }
        #expect((0..<64).allSatisfy { distance(1 << $0) == 57 })
        #expect((0..<62).allSatisfy { distance(5 << $0) == 56 })
        #expect(distance(1 << 63 | 1 << 1) == 56)
    }

    /// A word right between two messages must not be taken for either of them, loud as it may be.
    @Test func refusesToGuessBetweenTwoMessages() {
        let (first, second) = (MarkID(rawValue: 0xABCD), MarkID(rawValue: 0xABCC))
        let soft = zip(ErrorCorrection.encode(first), ErrorCorrection.encode(second)).map { 0.5 * $0 + 0.5 * $1 }
        #expect(ErrorCorrection.ambiguity(soft: soft, payload: first) > Decision.highestAmbiguity)
    }
}
