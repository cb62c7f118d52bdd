import Foundation

/// How samples are weighted when a picture changes size. Both widen with the reduction, so nothing aliases.
public enum ResizeFilter: Sendable {
    /// The mean over the area that a new sample covers: fast, no overshoot.
    case area
    /// The windowed sinc of three lobes: sharpest.
    case lanczos3

    /// In source samples of a picture that is not reduced.
    private var radius: Double {
        switch self {
        case .area: 0.5
        case .lanczos3: 3
        }
    }

    private func weight(_ distance: Double) -> Double {
        guard self == .lanczos3 else { return 1 }
        if distance == 0 { return 1 }
        guard abs(distance) < 3 else { return 0 }
        let angle = Double.pi * distance
        return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
    }

    /// For each new sample the first source sample that counts and the weights from there on; they add up to 1.
    func taps(from source: Int, to target: Int) -> [Taps] {
        let step = Double(source) / Double(target)
        let scale = max(1, step)
        return (0..<target).map { index in
            let center = (Double(index) + 0.5) * step
            let reach = radius * scale
            let first = max(0, Int((center - reach).rounded(.down)))
            let last = min(source, max(first + 1, Int((center + reach).rounded(.up))))
            var weights = (first..<last).map { sample in
                switch self {
                case .area:
                    max(0, min(center + reach, Double(sample + 1)) - max(center - reach, Double(sample)))
                case .lanczos3:
                    weight((Double(sample) + 0.5 - center) / scale)
                }
            }
            let sum = weights.reduce(0, +)
            weights = weights.map { $0 / sum }
            return Taps(first: first, weights: weights.map(Float.init))
        }
    }
}

/// The source samples that make up one new sample.
struct Taps {
    let first: Int
    let weights: [Float]
    var end: Int { first + weights.count }
}
