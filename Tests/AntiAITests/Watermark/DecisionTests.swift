import AntiAI
import Core
import Foundation
import Imaging
import Testing

@Suite("Not seeing a mark where there is none")
struct DecisionTests {
    struct Picture: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var draw: @Sendable () -> Raster
    }

    @Test(arguments: [
        Picture(testDescription: "flat") { Drawing.gray(300, 300) { _, _ in 128 } },
        Picture(testDescription: "black") { Drawing.gray(512, 300) { _, _ in 0 } },
        Picture(testDescription: "gradient") { Drawing.gray(512, 384) { x, y in Float(x) / 4 + Float(y) / 4 } },
        Picture(testDescription: "grid of the tile's size") {
            Drawing.gray(512, 512) { x, y in x % 128 < 2 || y % 128 < 2 ? 20 : 230 }
        },
        Picture(testDescription: "fine grid") { Drawing.gray(512, 512) { x, y in x % 8 == 0 || y % 8 == 0 ? 0 : 255 } },
        Picture(testDescription: "halftone") {
            Drawing.gray(512, 384) { x, y in
                128 + 127 * sinf(Float(x + y) * 0.8) * sinf(Float(x - y) * 0.8) > Float(x) / 2 ? 255 : 0
            }
        },
        Picture(testDescription: "checkerboard") { Drawing.gray(256, 256) { x, y in (x ^ y) & 1 == 0 ? 0 : 255 } },
        Picture(testDescription: "one random tile, repeated") {
            var dice = Dice(3)
            let tile = (0..<128 * 128).map { _ in 128 + 30 * dice.normal() }
            return Drawing.gray(512, 512) { x, y in tile[y % 128 * 128 + x % 128] }
        },
        Picture(testDescription: "noise") {
            var dice = Dice(4)
            return Drawing.gray(400, 512) { _, _ in 128 + 40 * dice.normal() }
        },
        Picture(testDescription: "painting") { Drawing.painting(512, 384, seed: 8) },
        Picture(testDescription: "very small") { Drawing.painting(20, 17) },
        Picture(testDescription: "one pixel wide") { Drawing.painting(1, 4001) },
        Picture(testDescription: "very long") { Drawing.painting(3000, 16) },
    ])
    func unmarkedPicturesHaveNoMark(_ picture: Picture) {
        #expect(Watermark.extract(from: picture.draw()) == nil)
    }

    @Test func theWrongKeyReadsNothing() throws {
        let picture = try marked(Drawing.painting(512, 384), MarkID(rawValue: 7))
        for byte: UInt8 in 0..<4 {
            let key = WatermarkKey(bytes: [UInt8](repeating: byte, count: 32))
            #expect(Watermark.extract(from: picture, keys: [key]) == nil)
        }
    }

    /// The bound must hold for soft values with any distribution: here heavy-tailed ones, with fair signs.
    @Test func theBoundIsNotBelowWhatChanceGives() {
        var dice = Dice(11)
        let word = ErrorCorrection.encode(MarkID(rawValue: 0x5555_AAAA_0F0F_1234))
        var highest = 0.0
        for _ in 0..<2000 {
            let soft = word.map { _ in dice.normal() * dice.normal() * dice.normal() }
            let bound = Decision.logFalsePositive(soft: soft, word: word, trial: 1)
            // Zero stands for a sum that speaks against the code word. Otherwise this is what remains of the bound
            // without the union over 2⁶⁴ code words and the first candidate's share of the error.
            if bound != 0 { highest = max(highest, 65 * log10(2) - bound) }
        }
        // 2,000 draws: a bound 10^−h that is honest exceeds h = 6 with a probability of 1 in 500.
        #expect(highest < 6)
    }

    @Test func aCleanCodeWordIsCertain() {
        let word = ErrorCorrection.encode(MarkID(rawValue: 99))
        let bound = Decision.logFalsePositive(soft: word, word: word, trial: 1)
        #expect(Decision.accepts(bound) && bound < -50)
        #expect(!Decision.accepts(Decision.logFalsePositive(soft: word.map { -$0 }, word: word, trial: 1)))
        #expect(!Decision.accepts(Decision.logFalsePositive(soft: word.map { _ in 0 }, word: word, trial: 1)))
    }
}
