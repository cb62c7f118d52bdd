import AntiAI
import Foundation
import Imaging
import Testing

@Suite("The differentiable butteraugli")
struct ButteraugliTermTests {
    private static let (width, height) = (96, 70)
    private static let original = planes { x, y in
        // Texture on the right, a soft ramp on the left.
        let ramp = 0.3 + 0.3 * Float(y) / 70
        return x < 48 ? (ramp, ramp * 0.9, ramp * 0.7) : Self.grain(x, y).map { ($0, $0 * 0.8, 0.9 - $0) } ?? (0, 0, 0)
    }

    private static func grain(_ x: Int, _ y: Int) -> Float? {
        var dice = Dice(UInt64(y * 1000 + x))
        return 0.3 + 0.4 * dice.unit()
    }

    private static func planes(_ color: (Int, Int) -> (Float, Float, Float)) -> [Float] {
        var planes = [Float](repeating: 0, count: 3 * width * height)
        for y in 0..<height {
            for x in 0..<width {
                let (red, green, blue) = color(x, y)
                for (channel, value) in [red, green, blue].enumerated() {
                    planes[(channel * height + y) * width + x] = value
                }
            }
        }
        return planes
    }

    /// The original with a change of luma.
    private static func changed(_ move: (Int, Int) -> Float) -> [Float] {
        let moves = planes { x, y in (move(x, y), move(x, y), move(x, y)) }
        return zip(original, moves).map { min(max($0 + $1, 0), 1) }
    }

    private static func term(_ level: KernelLevel = .chosen) throws -> ButteraugliTerm {
        try #require(ButteraugliTerm(original, width: width, height: height, level: level))
    }

    @Test(arguments: KernelLevel.supported)
    func givesTheDerivativeOfTheNorm(_ level: KernelLevel) throws {
        var dice = Dice(11)
        let changed = Self.original.map { min(max($0 + (dice.unit() - 0.5) * 0.04, 0.002), 0.998) }
        let term = try Self.term(level)
        var gradient = [Float](repeating: 0, count: changed.count)
        let norm = term.norm(changed, gradient: &gradient)
        #expect(abs(norm - term.norm(changed)) < 1e-5)
        let root = (gradient.reduce(0) { $0 + $1 * $1 } / Float(gradient.count)).squareRoot()
        let directions: [[Float]] = [
            gradient.map { min(max($0 / root, -2), 2) }, gradient.map { $0 > 0 ? 1 : -1 },
            // At corners, where blurs and lines end.
            gradient.indices.map { place in
                let (x, y) = (place % Self.width, place / Self.width % Self.height)
                return x < 12 && y < 8 || x > 86 && y > 62 ? min(max(gradient[place] / root, -2), 2) : 0
            },
        ]
        for direction in directions {
            expectSlope(of: { term.norm($0) }, at: changed, along: direction, gradient: gradient)
        }
    }

    @Test func thePictureItselfIsNotVisible() throws {
        #expect(try Self.term().norm(Self.original) < 1e-6)
    }

    /// What SSIMULACRA2 does not tell apart, and texture hides both.
    @Test func linesAreMoreVisibleThanGrainAndTextureHides() throws {
        let term = try Self.term()
        func norm(_ side: Range<Int>, _ move: (Int, Int) -> Float) -> Double {
            term.norm(Self.changed { x, y in side.contains(x) ? move(x, y) : 0 })
        }
        let line = { (x: Int, _: Int) -> Float in x / 4 % 2 == 0 ? 0.012 : -0.012 }
        let grain = { (x: Int, y: Int) -> Float in
            var dice = Dice(UInt64(7 + 1000 * y + x))
            return dice.unit() > 0.5 ? 0.012 : -0.012
        }
        #expect(norm(4..<44, line) > 1.2 * norm(4..<44, grain))
        #expect(norm(52..<92, grain) < 0.8 * norm(4..<44, grain))
    }

    @Test func aPictureOfAnotherWidthIsRefused() {
        #expect(ButteraugliTerm(Self.original, width: 50, height: 70, level: .chosen) == nil)
    }

    /// Networks leave their maps where the term works.
    @Test(arguments: KernelLevel.supported)
    func whatIsLeftInTheRoomDoesNotMatter(_ level: KernelLevel) throws {
        let changed = Self.changed { x, y in Float(x % 5 - 2) * 0.004 + Float(y % 3 - 1) * 0.003 }
        let pool = TensorPool(level: level, capacity: 4 << 20)
        func litter() { pool.take(floats: 1 << 20).floats.update(repeating: .nan, count: 1 << 20) }
        litter()
        let term = try #require(
            ButteraugliTerm(Self.original, width: Self.width, height: Self.height, level: level, pool: pool))
        litter()
        var (own, lent) = ([Float](repeating: 0, count: changed.count), [Float](repeating: 0, count: changed.count))
        #expect(try Self.term(level).norm(changed, gradient: &own) == term.norm(changed, gradient: &lent))
        #expect(own == lent && pool.outside == 0)
    }
}
