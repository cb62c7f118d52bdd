import AntiAI
import CCloakKernels
import Foundation
import Testing

/// The sweeps of the descent against the plainest loops there are, on every level that this machine has.
@Suite("The descent's sweeps")
struct DescentKernelTests {
    private static let count = 16 * 300

    private static func values(_ seed: UInt64, _ number: Int, _ scale: Float = 1) -> [Float] {
        var dice = Dice(seed)
        return (0..<number).map { _ in (dice.unit() * 2 - 1) * scale }
    }

    @Test(arguments: KernelLevel.supported)
    func sumsPartsAndSquares(_ level: KernelLevel) {
        let parts = Self.values(1, 2 * Self.count)
        let factors: [Float] = [0.5, -2]
        var sum = [Float](repeating: 9, count: Self.count)
        let squares = fx_combine(level.rawValue, parts, factors, 2, Self.count, &sum)
        let expected = (0..<Self.count).map { parts[$0] * 0.5 - parts[Self.count + $0] * 2 }
        for (a, b) in zip(sum, expected) { #expect(abs(a - b) < 1e-5) }
        let total = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(squares - total) < 1e-4 * total)
        #expect(abs(fx_squares(level.rawValue, sum, Self.count) - total) < 1e-4 * total)
    }

    @Test(arguments: KernelLevel.supported)
    func stepsAlongTheSignAndStaysInBounds(_ level: KernelLevel) {
        let count = Self.count
        let original = Self.values(2, 3 * count).map(abs)
        let bounds = Self.values(3, count, 0.03).map(abs)
        var gradient = Self.values(4, 3 * count)
        var sight = Self.values(5, 3 * count)
        for place in stride(from: 0, to: 3 * count, by: 7) { (gradient[place], sight[place]) = (0, 0) }
        let before = (0..<3 * count).map { (Self.values(UInt64($0 % 7), 1).first ?? 0) * bounds[$0 % count] }
        var (change, changed) = (before, [Float](repeating: 0, count: 3 * count))
        fx_descend(level.rawValue, count, original, bounds, gradient, 0.7, sight, 0.4, 0.6, &change, &changed)
        for place in 0..<3 * count {
            let bound = bounds[place % count]
            let luma = zip([0.299, 0.587, 0.114] as [Float], 0..<3).reduce(0) {
                $0 + $1.0 * before[$1.1 * count + place % count]
            }
            let slope = gradient[place] * 0.7 + sight[place] - 0.4 * (before[place] - luma) / bound
            let moved = before[place] + (slope > 0 ? 0.6 : slope < 0 ? -0.6 : 0) * bound
            let expected = min(max(moved, -bound), bound)
            #expect(abs(change[place] - expected) < 1e-6)
            #expect(abs(changed[place] - min(max(original[place] + expected, 0), 1)) < 1e-6)
        }
    }

    @Test(arguments: KernelLevel.supported)
    func movesBytesByWholeNumbersHalfUpWithinTheirRange(_ level: KernelLevel) {
        let count = 1003
        let moves = (0..<count).map { Int8(truncatingIfNeeded: $0 * 37) }
        let before = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 91) }
        for unit: Float in [0.125, -0.5, 1, 7] {
            var pixels = before
            fx_add_moves(level.rawValue, moves, unit, count, &pixels)
            for place in 0..<count {
                let sum = Float(before[place]) + Float(moves[place]) * unit
                #expect(pixels[place] == UInt8(min(max((sum + 0.5).rounded(.down), 0), 255)))
            }
        }
    }
}
