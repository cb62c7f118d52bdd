import Foundation

/// When to try again: full jitter, `rand(0, min(15 min, 1 s · 2ⁿ))` after the n-th failure in a row.
struct Backoff: Sendable {
    /// Failures in a row after which the artist is asked.
    static let maximumAttempts = 20
    static let longest: TimeInterval = 15 * 60

    /// A number in the range; tests inject their own.
    let random: @Sendable (ClosedRange<Double>) -> Double

    func delay(after attempts: Int) -> TimeInterval {
        random(0...min(Self.longest, pow(2, Double(min(max(attempts, 0), 20)))))
    }
}
