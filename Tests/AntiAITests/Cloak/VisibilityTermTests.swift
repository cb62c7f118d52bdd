import AntiAI
import Foundation
import Imaging
import Testing

@Suite("The differentiable SSIMULACRA2")
struct VisibilityTermTests {
    private static func planes(_ raster: Raster) -> [Float] {
        (0..<3).flatMap { raster.plane($0).values.map { $0 / 255 } }
    }

    private static func noisy(_ raster: Raster, _ amplitude: Float, seed: UInt64) -> Raster {
        var dice = Dice(seed)
        guard case .u8(let values) = raster.samples else { return raster }
        let changed = values.map { UInt8(min(max(Float($0) + amplitude * (dice.unit() * 2 - 1), 0), 255).rounded()) }
        return Raster(width: raster.width, height: raster.height, layout: .rgb, samples: .u8(changed))
    }

    @Test(arguments: [(256, 256), (301, 257), (64, 40), (320, 9)], KernelLevel.supported)
    func agreesWithTheMeasure(_ size: (Int, Int), _ level: KernelLevel) throws {
        let original = Drawing.painting(size.0, size.1)
        let term = try #require(
            VisibilityTerm(Self.planes(original), width: size.0, height: size.1, level: level))
        for amplitude: Float in [2, 6, 20] {
            let changed = Self.noisy(original, amplitude, seed: 5)
            let expected = SSIMULACRA2Reference(original).score(changed)
            #expect(abs(term.score(Self.planes(changed)) - expected) < 0.1, "\(size) ±\(amplitude) \(level)")
        }
        #expect(term.score(Self.planes(original)) == 100)
    }

    @Test(arguments: KernelLevel.supported)
    func givesTheDerivativeOfTheScore(_ level: KernelLevel) throws {
        let (width, height) = (261, 250)
        let original = Self.planes(Drawing.painting(width, height))
        var dice = Dice(11)
        let changed = original.map { min(max($0 + (dice.unit() - 0.5) * 0.04, 0.002), 0.998) }
        let term = try #require(VisibilityTerm(original, width: width, height: height, level: level))
        var gradient = [Float](repeating: 0, count: changed.count)
        _ = term.score(changed, gradient: &gradient)
        let root = (gradient.reduce(0) { $0 + $1 * $1 } / Float(gradient.count)).squareRoot()
        // Along the gradient, along its signs, along chance, and at a corner, where borders reflect.
        let directions: [[Float]] = [
            // Without its peaks: a step along those leaves the range in which the score is straight.
            gradient.map { min(max($0 / root, -2), 2) }, gradient.map { $0 > 0 ? 1 : -1 },
            zip(gradient, changed).map { ($0 > 0 ? 1 : -1) * ($1 > 0.5 ? 1 : 0) },
            gradient.indices.map { place in
                let (x, y) = (place % width, place / width % height)
                return x < 12 && y < 8 ? min(max(gradient[place] / root, -2), 2) : 0
            },
        ]
        for direction in directions {
            expectSlope(of: { term.score($0) }, at: changed, along: direction, gradient: gradient)
        }
    }

    /// Networks leave their maps where the term works.
    @Test(arguments: [(256, 240), (131, 77), (48, 9)], KernelLevel.supported)
    func whatIsLeftInTheRoomDoesNotMatter(_ size: (Int, Int), _ level: KernelLevel) throws {
        let original = Self.planes(Drawing.painting(size.0, size.1))
        let changed = original.map { min(max($0 + 0.01, 0), 1) }
        let pool = TensorPool(level: level, capacity: 8 << 20)
        func litter() { pool.take(floats: 2 << 20).floats.update(repeating: .nan, count: 2 << 20) }
        litter()
        let lent = try #require(VisibilityTerm(original, width: size.0, height: size.1, level: level, pool: pool))
        let own = try #require(VisibilityTerm(original, width: size.0, height: size.1, level: level))
        litter()
        var (first, second) = ([Float](repeating: 0, count: changed.count), [Float](repeating: 0, count: changed.count))
        #expect(own.score(changed, gradient: &first) == lent.score(changed, gradient: &second))
        #expect(first == second && pool.outside == 0)
    }
}
