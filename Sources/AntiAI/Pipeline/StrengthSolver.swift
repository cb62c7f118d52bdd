import Foundation

/// Finds the gain at which a picture reaches a score: secant steps on (ln gain, ln(score at gain 0 − score)), which is
/// close to a straight line.
package struct StrengthSolver {
    /// Score without this gain: 100, or less where encoding or other methods cost something.
    private let untouched: Double
    private let target: Double
    private let tolerance: Double
    private let evaluations: Int
    private let slope: Double

    /// - Parameters:
    ///   - tolerance: how far above the target a score may stay, in points.
    ///   - slope: how what is lost is expected to grow with the gain, both as logarithms, until two gains tell.
    package init(
        untouched: Double, target: Double, tolerance: Double = 0.4, evaluations: Int = 6, slope: Double = 1
    ) {
        self.untouched = untouched
        self.target = target
        self.tolerance = tolerance
        self.evaluations = evaluations
        self.slope = slope
    }

    /// The largest gain found that does not fall below the target, with its score; gain 0 when there is none.
    ///
    /// - Parameter score: the score at a gain; each call is one evaluation.
    package func solve(from start: Float, _ score: (Float) throws -> Double) rethrows -> (gain: Float, score: Double) {
        guard untouched - target > 0.05 else { return (0, untouched) }
        // A small allowance is not to be left unused within the tolerance.
        let tolerance = min(tolerance, (untouched - target) / 2)
        let wanted = log(untouched - target - tolerance / 2)
        var best: (gain: Float, score: Double) = (0, untouched)
        var points: [(x: Double, y: Double)] = []
        var x = log(Double(start))
        for _ in 0..<evaluations {
            let gain = Float(exp(x))
            let value = try score(gain)
            if value >= target && gain > best.gain { best = (gain, value) }
            if value >= target && value <= target + tolerance { break }
            points.append((x, log(max(untouched - value, 0.02))))
            guard let following = next(points, wanted) else { break }
            x = following
        }
        return best
    }

    /// Nil where two gains are so near to the one wanted that what lies between is a matter of rounding.
    private func next(_ points: [(x: Double, y: Double)], _ wanted: Double) -> Double? {
        let below = points.filter { $0.y <= wanted }.max { $0.x < $1.x }
        let above = points.filter { $0.y > wanted }.min { $0.x < $1.x }
        if let below, let above, above.x > below.x {
            let span = above.x - below.x
            guard span > Self.closest else { return nil }
            let guess = below.x + (wanted - below.y) * span / max(above.y - below.y, 0.01)
            return min(max(guess, below.x + 0.1 * span), above.x - 0.1 * span)
        }
        let last = points[points.count - 1]
        var slope = slope
        if points.count > 1 {
            let previous = points[points.count - 2]
            if abs(last.x - previous.x) > 1e-6 { slope = (last.y - previous.y) / (last.x - previous.x) }
        }
        let step = (wanted - last.y) / min(max(slope, 0.5), 3)
        return min(max(last.x + min(max(step, -1.5), 1.5), Self.limits.lowerBound), Self.limits.upperBound)
    }

    private static let closest = 0.004

    /// Beyond these gains a picture is so flat or so fragile that looking further is pointless.
    private static let limits = log(1.0 / 64)...log(64.0)
}
