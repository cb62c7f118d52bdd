import Core
import Foundation

/// When a decoded code word counts as a mark.
///
/// The signs of the carriers are independent fair coins (keyed), and the geometry comes from the pilot's bins alone.
/// So for *any* unmarked picture, whatever it shows, and any one code word c, S = Σ wᵢ sgn(xᵢ) cᵢ is a Rademacher
/// sum, and Chernoff gives P(S ≥ s) ≤ exp(−E) with E = max over t of t s − Σ ln cosh(t wᵢ). Union over the 2⁶⁴ code
/// words and over the candidate geometries. Candidates are tried one
/// after the other; the n-th may spend α/(n(n+1)) of the error probability, which sums to α however many there are.
package enum Decision {
    /// The probability that an unmarked picture is taken for a marked one, for one call over all its candidates.
    package static let errorProbability = 1e-9
    /// How likely, together, the payloads next to the one that was read may be.
    package static let highestAmbiguity = 1e-5

    /// - Parameters:
    ///   - soft: soft values of the code bits.
    ///   - trial: 1 for the first candidate that is looked at, 2 for the second…
    /// - Returns: log10 of the bound on the probability that an unmarked picture scores as high.
    package static func logFalsePositive(soft: [Float], word: [Float], trial: Int) -> Double {
        let power = soft.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(soft.count)
        guard power > 0 else { return 0 }
        let scale = 1 / power.squareRoot()
        var sum = 0.0
        let weights = zip(soft, word).map { value, bit in
            let weight = min(Double(abs(value)) * scale, 2)
            sum += (value >= 0 ? weight : -weight) * Double(bit)
            return weight
        }
        guard sum > 0 else { return 0 }
        var best = 0.0
        for index in 0..<60 {
            let t = 0.2 * exp(Double(index) / 59 * log(30.0))
            var exponent = t * sum
            // ln cosh x = |x| + ln(1 + e^(−2|x|)) − ln 2
            for weight in weights { exponent -= t * weight + log1p(exp(-2 * t * weight)) - M_LN2 }
            best = max(best, exponent)
        }
        let candidates = log(Double(trial)) + log(Double(trial + 1))
        return (64 * M_LN2 + candidates - best) / M_LN10
    }

    package static func accepts(_ logFalsePositive: Double) -> Bool {
        logFalsePositive <= log10(errorProbability)
    }
}
