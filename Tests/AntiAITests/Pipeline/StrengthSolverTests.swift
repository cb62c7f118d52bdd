import AntiAI
import Foundation
import Testing

@Suite("The search for a gain")
struct StrengthSolverTests {
    /// Solves, and counts how often a score was asked for.
    private static func solve(
        _ solver: StrengthSolver, from start: Float, _ score: (Double) -> Double
    ) -> (gain: Float, score: Double, asked: Int) {
        var asked = 0
        let found = solver.solve(from: start) { gain in
            asked += 1
            return score(Double(gain))
        }
        return (found.gain, found.score, asked)
    }

    @Test(arguments: [0.7, 0.9, 1, 1.6], [0.5, 1, 8] as [Float])
    func findsTheScoreThatIsWanted(_ power: Double, _ start: Float) {
        let solver = StrengthSolver(untouched: 100, target: 72)
        let found = Self.solve(solver, from: start) { 100 - 9 * pow($0, power) }
        #expect(found.score >= 72 && found.score <= 72.4)
    }

    @Test func aSlopeThatIsKnownSavesALook() {
        let score = { 100 - 12 * pow($0, 0.6) }
        let guessed = Self.solve(StrengthSolver(untouched: 100, target: 72), from: 1, score)
        let known = Self.solve(StrengthSolver(untouched: 100, target: 72, slope: 0.6), from: 1, score)
        #expect(known.asked == 2 && guessed.asked > 2)
        #expect(known.score >= 72 && known.score <= 72.4)
    }

    /// Pixels are whole numbers: between two gains the score may jump over all that is wanted.
    @Test func looksNoFurtherWhereOnlyRoundingLiesBetween() {
        let solver = StrengthSolver(untouched: 100, target: 85, tolerance: 0.1, evaluations: 40)
        let found = Self.solve(solver, from: 1) { $0 < 2.2 ? 100 - 6.5 * $0 : 83 - $0 }
        #expect(found.asked < 20)
        #expect(found.gain > 2.19 && found.gain < 2.2 && found.score > 85)
    }

    @Test func nothingIsLeftToSpend() {
        let found = Self.solve(StrengthSolver(untouched: 85.02, target: 85), from: 1) { _ in 0 }
        #expect(found.gain == 0 && found.asked == 0 && found.score == 85.02)
    }

    @Test func noGainIsSmallEnough() {
        let found = Self.solve(StrengthSolver(untouched: 100, target: 85), from: 1) { _ in 20 }
        #expect(found.gain == 0 && found.score == 100)
    }
}
