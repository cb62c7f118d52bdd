import AntiAI
import Core
import Testing

@Suite("Error correction")
struct ErrorCorrectionTests {
    @Test(arguments: [0, UInt64.max, 0x0123_4567_89AB_CDEF])
    func decodesWhatItEncoded(_ value: UInt64) {
        #expect(ErrorCorrection.decode(ErrorCorrection.encode(MarkID(rawValue: value))).first?.rawValue == value)
    }

    @Test func decodesThroughHeavyNoise() {
        var dice = Dice(5)
        let payload = MarkID(rawValue: 0xC0FF_EE00_DEAD_10CC)
        // −0.8 dB for each code bit; 13 % of the hard decisions are wrong.
        let soft = ErrorCorrection.encode(payload).map { $0 + 0.9 * dice.normal() }
        #expect(ErrorCorrection.decode(soft).first == payload)
    }

    @Test func noiseAloneHardlyEverPassesTheChecksum() {
        var dice = Dice(6)
        var passed = 0
        for _ in 0..<200 { passed += ErrorCorrection.decode((0..<258).map { _ in dice.normal() }).count }
        #expect(passed <= 2)
    }
}
