import Core
import Imaging

/// Solves the gains of one picture for its recipe: the watermark first, then the noise, the cloak with what is left.
struct StrengthSearch {
    /// Score that encoding alone leaves; 100 for lossless forms.
    private(set) var untouched = 100.0
    private(set) var perturbation: Perturbation
    private(set) var gains = Perturbation.Gains()
    private(set) var target: Double
    /// The watermark's highest gain by another measure than the score.
    private var ceiling = Float.infinity
    /// What the watermark left of the share that was kept for noise and cloak.
    private var leftForOthers = 1.0

    init(_ perturbation: Perturbation, target: Double) {
        self.perturbation = perturbation
        self.target = target
    }

    /// Raises the quality of a lossy form until encoding leaves at least three fifths of the allowance to protection.
    /// A quality that the artist asked for stays; where it alone uses up the allowance, gains are solved without it.
    mutating func chooseForm() throws {
        guard perturbation.form.quality != nil else { return }
        let enough = target + 0.6 * (100 - target)
        untouched = try perturbation.score(.init())
        while untouched < enough, let better = perturbation.form.better {
            perturbation.form = better
            untouched = better.quality == nil ? 100 : try perturbation.score(.init())
        }
        if untouched < target + 0.25 * (100 - target) {
            perturbation.ignoresEncoding = true
            untouched = 100
        }
    }

    /// Solves the watermark's gain, giving it more of the others' share as long as it is not read back.
    mutating func solveWatermark(_ residual: Plane, othersShare: Double, check: SelfCheck) throws {
        perturbation.setWatermark(residual)
        var start: Float = 1
        for share in othersShare > 0 ? [othersShare, othersShare / 2, 0] : [0] {
            let goal = untouched - (1 - share) * (untouched - target)
            let solver = StrengthSolver(untouched: untouched, target: goal)
            gains.watermark = try solver.solve(from: start) { gain in
                try perturbation.score(.init(watermark: gain))
            }.gain
            leftForOthers = othersShare > 0 ? share / othersShare : 0
            if share == 0 { return }
            if gains.watermark > 0, try check.run(perturbation.form.roundTrip(perturbation.apply(gains))).passed {
                return
            }
            start = max(gains.watermark, 0.1) * 1.3
        }
    }

    /// Holds a watermark on its own to what may be seen of it, by both measures; and where it would not outlast what
    /// the network does to pictures, gives it more, down to the lowest score and up to the highest norm, as far as that
    /// helps.
    ///
    /// - Parameter probe: what `MarkProbe` says of the whole picture with such gains.
    mutating func settle(
        _ visibility: MarkVisibility, probe: (Perturbation.Gains) throws -> MarkProbe.Result
    ) throws {
        guard gains.watermark > 0 else { return }
        let unit = perturbation.watermarkNorm
        ceiling = Float(visibility.norm / unit)
        gains.watermark = min(gains.watermark, ceiling)
        var best = self
        var survived = try probe(gains)
        for part in [0.4, 0.7, 1] where visibility.floor < visibility.target {
            if survived.isWhole { break }
            target = visibility.target + part * (visibility.floor - visibility.target)
            ceiling = Float((visibility.norm + part * (visibility.highestNorm - visibility.norm)) / unit)
            gains.watermark = min(try solved(from: gains.watermark * 1.1), ceiling)
            let now = try probe(gains)
            if now.count > survived.count { (best, survived) = (self, now) }
        }
        self = best
    }

    private func solved(from start: Float) throws -> Float {
        try StrengthSolver(untouched: untouched, target: target).solve(from: start) { gain in
            try perturbation.score(.init(watermark: gain))
        }.gain
    }

    /// Solves the noise's gain for what the watermark left of the target; a picture without structure gets no noise.
    ///
    /// - Parameter cloakShare: the part of what the target allows that is kept for the cloak.
    mutating func solveNoise(_ residual: Plane, cloakShare: Double) throws {
        guard residual.values.contains(where: { $0 != 0 }) else { return }
        perturbation.setNoise(residual)
        let goal = target + leftForOthers * cloakShare * (untouched - target)
        gains.noise = try StrengthSolver(untouched: reached(), target: goal).solve(from: 1) { gain in
            try perturbation.score(.init(watermark: gains.watermark, noise: gain))
        }.gain
    }

    /// Solves the cloak's gain for all that is left of the target, then makes sure that a mark that is read without it is
    /// read with it: what the mark needs for that it takes from the cloak.
    mutating func solveCloak(_ residual: CloakResidual, check: SelfCheck?) throws {
        guard !residual.isZero else { return }
        perturbation.setCloak(residual)
        var attempts = 0
        while true {
            let start = gains.cloak > 0 ? gains.cloak : 1
            gains.cloak = 0
            let fixed = gains
            let solver = StrengthSolver(untouched: try reached(), target: target, slope: 0.9)
            gains.cloak = try solver.solve(from: start) { gain in
                try perturbation.score(.init(watermark: fixed.watermark, noise: fixed.noise, cloak: gain))
            }.gain
            guard let check, gains.watermark > 0, gains.cloak > 0, attempts < 3 else { return }
            if try reads(check, gains) { return }
            if attempts == 0, try !reads(check, .init(watermark: gains.watermark, noise: gains.noise)) { return }
            gains.watermark *= 1.2
            attempts += 1
        }
    }

    /// The score with what is solved so far: what the next method finds. A small share would drown in the solver's tolerance
    /// if it were looked for from the untouched picture's.
    private func reached() throws -> Double {
        gains == .init() ? untouched : try perturbation.score(gains)
    }

    private func reads(_ check: SelfCheck, _ gains: Perturbation.Gains) throws -> Bool {
        try check.run(perturbation.form.roundTrip(perturbation.apply(gains))).passed
    }

    /// The gains corrected after the whole picture scored other than the sample.
    mutating func correct(after score: Double) {
        let allowed = untouched - target - 0.3
        let factor = allowed / max(untouched - score, 0.01)
        gains = gains.scaled(by: Float(min(max(factor, 0.4), 1.4)))
        gains.watermark = min(gains.watermark, ceiling)
    }
}
