import Core
import Foundation
import Imaging

/// One file on its way through the pipeline.
struct ProtectionRun {
    private let original: Data
    private let decoded: DecodedImage
    private let meter: ProgressMeter
    private let limits: DecodeLimits
    private let cloak: Cloak?
    private var form: OutputForm
    private var seconds = ProtectionReport.Seconds()
    /// Steps of the cloak's descent, where there was one.
    private var steps = 0

    /// - Parameter cloak: nil where no recipe may ask for it.
    init(
        _ original: Data, limits: DecodeLimits, format: ImageFormat?, quality: Int?, meter: ProgressMeter,
        cloak: Cloak? = nil
    ) throws {
        self.original = original
        self.cloak = cloak
        self.meter = meter
        self.limits = limits
        try meter.reach(0)
        var seconds = ProtectionReport.Seconds()
        decoded = try CPUTime.measure(&seconds.decode) { try ImageCodec.decode(original, limits: limits) }
        form = OutputForm(of: decoded, format: format, quality: quality)
        self.seconds = seconds
        try meter.reach(0.08)
    }

    /// What the original file said; nothing of it is written unless it is asked for.
    var metadata: ImageMetadata { decoded.metadata }

    /// A finished file and what it is like.
    struct Outcome {
        var data: Data
        var form: OutputForm
        /// What viewers of the file see.
        var shown: Raster
        var gains: Perturbation.Gains
        /// What the cloak was made with; nil without one.
        var cloak: (picture: Raster, residual: CloakResidual, steps: Int)?
        /// SSIMULACRA2 of the whole picture.
        var score: Double

        func isBetter(than other: Outcome, target: Double) -> Bool {
            ScoredOutcome.isBetter(score, than: other.score, target: target)
        }
    }

    /// Protects the picture and measures what came of it.
    mutating func perform(
        recipe: Recipe, payload: MarkID, keys: [WatermarkKey], packet: Data?
    ) throws -> (outcome: Outcome, report: ProtectionReport) {
        let outcome = try produce(recipe: recipe, payload: payload, keys: keys, packet: packet)
        let quality = CPUTime.measure(&seconds.encode) {
            ImageQuality.compare(decoded.raster, outcome.shown, ssimulacra2: outcome.score)
        }
        try meter.reach(0.96)
        var methods = recipe.methods
        if outcome.gains.noise == 0 { methods.remove(.noise) }
        if outcome.gains.watermark == 0 { methods.remove(.watermark) }
        if outcome.gains.cloak == 0 { methods.remove(.cloak) }
        let applied = ProtectionMethod.allCases.filter(methods.contains)
        var selfCheck: ProtectionReport.SelfCheck?
        if recipe.methods.contains(.watermark) {
            let check = SelfCheck(payload: payload, keys: keys)
            selfCheck = try CPUTime.measure(&seconds.watermark) { try check.run(outcome.shown) }
        }
        let start = CPUTime.now()
        let moved = measureCloak(outcome, payload)
        if moved != nil { seconds.cloak += CPUTime.now() - start }
        let report = ProtectionReport(
            width: outcome.shown.width, height: outcome.shown.height, recipe: recipe.name, methods: applied,
            payload: methods.contains(.watermark) ? payload : nil, visibility: quality.ssimulacra2, psnr: quality.psnr,
            ssim: quality.ssim, worstDeltaE: quality.worstDeltaE, seconds: seconds, selfCheck: selfCheck, cloak: moved,
            originalSHA256: Digest.sha256(original), protectedSHA256: Digest.sha256(outcome.data),
            limits: LimitsStatement.text(applied))
        try meter.reach(1)
        return (outcome, report)
    }

    /// What the cloak as it went in moves, beside noise as visible as it.
    private func measureCloak(_ outcome: Outcome, _ payload: MarkID) -> ProtectionReport.Cloak? {
        guard let cloak, let made = outcome.cloak, outcome.gains.cloak > 0,
            let reading = CloakMeter(cloak.networks).measure(
                made.picture, made.residual, gain: outcome.gains.cloak, seed: Cloak.seed(for: payload))
        else { return nil }
        return .init(displacement: reading.displacement, noiseDisplacement: reading.control, steps: made.steps)
    }

    /// Solves the strengths and encodes the picture.
    ///
    /// - Parameter visibility: for a watermark alone, how much may be seen of it.
    mutating func produce(
        recipe: Recipe, payload: MarkID, keys: [WatermarkKey], packet: Data?, visibility: MarkVisibility? = nil
    ) throws -> Outcome {
        let picture = try form.prepare(decoded.raster)
        if recipe.methods.contains(.watermark) { try Watermark.requireMarkable(picture.width, picture.height) }
        var search = try solve(picture, recipe, SelfCheck(payload: payload, keys: keys))
        if let visibility {
            let probe = MarkProbe(payload: payload, keys: keys)
            let perturbation = search.perturbation
            try CPUTime.measure(&seconds.watermark) {
                try search.settle(visibility) { try probe.survived(perturbation.apply($0)) }
            }
        }
        return try finish(search, recipe, packet)
    }

    private mutating func solve(_ picture: Raster, _ recipe: Recipe, _ check: SelfCheck) throws -> StrengthSearch {
        var search = StrengthSearch(Perturbation(picture, form: form), target: recipe.visibilityTarget)
        let marks = recipe.methods.contains(.watermark)
        let adds = recipe.methods.contains(.noise)
        let cloaks = recipe.methods.contains(.cloak)
        guard marks || adds || cloaks else { return search }
        try CPUTime.measure(&seconds.encode) { try search.chooseForm() }
        try meter.reach(cloaks ? 0.1 : 0.2)
        let cloakShare = !cloaks ? 0 : marks || adds ? recipe.cloakShare : 1
        var residual: CloakResidual?
        if cloaks {
            let goal = 100 - cloakShare * (search.untouched - recipe.visibilityTarget)
            let settings = CloakSettings(goal: goal, box: recipe.cloakBox, steps: recipe.cloakSteps)
            residual = try makeCloak(picture, settings, Cloak.seed(for: check.payload))
            steps = settings.steps
        }
        // What is still to come, in hundredths.
        func step(_ part: Double) -> Double { cloaks ? 0.7 + 0.1 * part : 0.2 + 0.55 * part }
        if marks {
            try CPUTime.measure(&seconds.watermark) {
                let residual = try Watermark.residual(for: picture, payload: check.payload, keys: check.keys)
                try meter.reach(step(0.1))
                let noiseShare = adds ? recipe.noiseShare * (cloaks ? 1 - cloakShare : 1) : 0
                try search.solveWatermark(residual, othersShare: noiseShare + cloakShare, check: check)
            }
            try meter.reach(step(0.55))
        }
        if adds {
            try CPUTime.measure(&seconds.noise) {
                let residual = Noise.residual(for: picture, seed: Noise.seed(for: check.payload))
                try meter.reach(step(0.7))
                try search.solveNoise(residual, cloakShare: cloakShare)
            }
            try meter.reach(step(0.8))
        }
        if let residual {
            try CPUTime.measure(&seconds.cloak) { try search.solveCloak(residual, check: marks ? check : nil) }
            try meter.reach(step(1))
        }
        return search
    }

    private mutating func makeCloak(_ picture: Raster, _ settings: CloakSettings, _ seed: UInt64) throws
        -> CloakResidual
    {
        guard let cloak else { throw UserError("The cloak's networks are not loaded.", .internal) }
        let meter = meter
        let made = try cloak.residual(for: picture, settings, seed: seed) { try meter.reach(0.1 + 0.6 * $0) }
        seconds.cloak += made.cpuSeconds
        return made.residual
    }

    /// Encodes and scores the whole picture; corrects the gains where the sample misjudged it.
    private mutating func finish(_ solved: StrengthSearch, _ recipe: Recipe, _ packet: Data?) throws -> Outcome {
        var search = solved
        let reference = search.perturbation.wholeReference
        let target = search.target
        let solves = search.gains != .init() && !search.perturbation.ignoresEncoding
        var best: Outcome?
        for attempt in 0..<4 {
            let outcome = try CPUTime.measure(&seconds.encode) {
                let data = try search.perturbation.form.encode(search.perturbation.apply(search.gains), xmp: packet)
                let shown = try ImageCodec.decode(data, limits: limits).raster
                return Outcome(
                    data: data, form: search.perturbation.form, shown: shown, gains: search.gains,
                    cloak: search.perturbation.cloak.map { (search.perturbation.picture, $0, steps) },
                    score: reference.score(shown))
            }
            try meter.reach(0.8 + 0.04 * Double(attempt))
            if best.map({ outcome.isBetter(than: $0, target: target) }) ?? true { best = outcome }
            guard solves, outcome.score < target || (attempt == 0 && outcome.score > target + 1.5) else { break }
            let before = search.gains
            search.correct(after: outcome.score)
            if search.gains == before { break }
        }
        guard let best else { throw UserError("The picture could not be encoded.", .internal) }
        return best
    }
}
