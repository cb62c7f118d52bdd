import Core
import Foundation
import Imaging

/// A very large picture on its way through the pipeline, for recipes of a watermark and rights only: it lies in nameless
/// files, and everything that looks at all of it does so band by band. The file that comes out is the one that
/// `ProtectionRun` would make.
struct LargeRun {
    /// Pictures above this, in pixels, are protected here where their recipe allows it.
    static let pixels = 5_000_000

    private let original: Data
    private let limits: DecodeLimits
    private let meter: ProgressMeter
    private let scratch: URL
    private let decoded: DecodedFile
    private var form: OutputForm
    private var seconds = ProtectionReport.Seconds()

    /// - Parameter scratch: the directory of the nameless files; about three times the picture's samples go there.
    init(
        _ original: Data, limits: DecodeLimits, format: ImageFormat?, quality: Int?, meter: ProgressMeter, scratch: URL
    ) throws {
        self.original = original
        self.limits = limits
        self.meter = meter
        self.scratch = scratch
        try meter.reach(0)
        var seconds = ProtectionReport.Seconds()
        decoded = try CPUTime.measure(&seconds.decode) {
            try ImageCodec.decode(original, intoFileIn: scratch, limits: limits)
        }
        form = OutputForm(of: decoded, format: format, quality: quality)
        self.seconds = seconds
        try meter.reach(0.08)
    }

    /// Whether pictures of that size are protected here.
    ///
    /// - Parameter pixels: what counts as very large.
    static func handles(_ original: Data, _ methods: Set<ProtectionMethod>, above pixels: Int) -> Bool {
        guard methods.isSubset(of: [.watermark, .rights]), methods.contains(.watermark),
            let size = try? ImageCodec.dimensions(original)
        else { return false }
        return size.width * size.height > pixels
    }

    /// What the original file said; nothing of it is written unless it is asked for.
    var metadata: ImageMetadata { decoded.metadata }

    /// A finished file and what it is like.
    struct Outcome {
        var data: Data
        var form: OutputForm
        /// What viewers of the file see.
        var shown: RasterFile
        var gain: Float
        /// SSIMULACRA2 of the whole picture.
        var score: Double
    }

    /// Protects the picture and measures what came of it.
    mutating func perform(
        recipe: Recipe, payload: MarkID, keys: [WatermarkKey], packet: Data?
    ) throws -> (outcome: Outcome, report: ProtectionReport) {
        let outcome = try produce(recipe: recipe, payload: payload, keys: keys, packet: packet)
        let quality = CPUTime.measure(&seconds.encode) {
            ImageQuality.compare(decoded.raster, outcome.shown, ssimulacra2: outcome.score)
        }
        try meter.reach(0.9)
        let selfCheck = try CPUTime.measure(&seconds.watermark) {
            try SelfCheck(payload: payload, keys: keys).run(outcome.shown)
        }
        let applied = ProtectionMethod.allCases.filter {
            recipe.methods.contains($0) && ($0 != .watermark || outcome.gain != 0)
        }
        let report = ProtectionReport(
            width: outcome.shown.width, height: outcome.shown.height, recipe: recipe.name, methods: applied,
            payload: applied.contains(.watermark) ? payload : nil, visibility: quality.ssimulacra2, psnr: quality.psnr,
            ssim: quality.ssim, worstDeltaE: quality.worstDeltaE, seconds: seconds, selfCheck: selfCheck, cloak: nil,
            originalSHA256: Digest.sha256(original), protectedSHA256: Digest.sha256(outcome.data),
            limits: LimitsStatement.text(applied))
        try meter.reach(1)
        return (outcome, report)
    }

    /// Solves the strength on a sample of tiles, encodes the picture, and corrects the strength where the sample
    /// misjudged it.
    ///
    /// - Parameter visibility: as in `ProtectionRun.produce`.
    mutating func produce(
        recipe: Recipe, payload: MarkID, keys: [WatermarkKey], packet: Data?, visibility: MarkVisibility? = nil
    ) throws -> Outcome {
        try Watermark.requireMarkable(decoded.raster.width, decoded.raster.height)
        let picture = try form.prepare(decoded.raster)
        let residual = try CPUTime.measure(&seconds.watermark) {
            try MarkResidual(file: picture, payload: payload, keys: keys)
        }
        try meter.reach(0.15)
        let check = SelfCheck(payload: payload, keys: keys)
        var search = try solve(picture, residual, target: recipe.visibilityTarget, check)
        try meter.reach(0.3)
        if let visibility {
            let probe = MarkProbe(payload: payload, keys: keys)
            try CPUTime.measure(&seconds.watermark) {
                try search.settle(visibility) { gains in
                    try probe.survived(picture.adding(residual, gain: gains.watermark))
                }
            }
        }
        return try finish(&search, picture, residual, packet)
    }

    private mutating func solve(
        _ picture: RasterFile, _ residual: MarkResidual, target: Double, _ check: SelfCheck
    ) throws -> StrengthSearch {
        let tiles = SampleTiles(width: picture.width, height: picture.height)
        let sample = tiles?.cut(picture) ?? picture.rows(0..<picture.height)
        let plane = tiles?.cut(residual) ?? residual.plane()
        var search = StrengthSearch(Perturbation(sample, form: form), target: target)
        try CPUTime.measure(&seconds.encode) { try search.chooseForm() }
        // Nothing else wants a share, so the sample's mark is not read back.
        try CPUTime.measure(&seconds.watermark) {
            try search.solveWatermark(plane, othersShare: 0, check: check)
        }
        return search
    }

    private mutating func finish(
        _ search: inout StrengthSearch, _ picture: RasterFile, _ residual: MarkResidual, _ packet: Data?
    ) throws -> Outcome {
        let target = search.target
        let form = search.perturbation.form
        let solves = search.gains != .init() && !search.perturbation.ignoresEncoding
        var best: Outcome?
        for attempt in 0..<4 {
            let outcome = try CPUTime.measure(&seconds.encode) {
                let marked = try picture.adding(residual, gain: search.gains.watermark)
                // What a lossless form shows is known without it.
                let data = form.quality == nil ? Data() : try form.encode(marked, xmp: packet)
                let shown =
                    form.quality == nil
                    ? marked : try ImageCodec.decode(data, intoFileIn: scratch, limits: limits).raster
                return Outcome(
                    data: data, form: form, shown: shown, gain: search.gains.watermark,
                    score: SSIMULACRA2Reference.score(picture, shown))
            }
            try meter.reach(0.3 + 0.1 * Double(attempt + 1))
            if best.map({ ScoredOutcome.isBetter(outcome.score, than: $0.score, target: target) }) ?? true {
                best = outcome
            }
            guard solves, outcome.score < target || (attempt == 0 && outcome.score > target + 1.5) else { break }
            let before = search.gains
            search.correct(after: outcome.score)
            if search.gains == before { break }
        }
        guard var best else { throw UserError("The picture could not be encoded.", .internal) }
        if form.quality == nil {
            best.data = try CPUTime.measure(&seconds.encode) { try form.encode(best.shown, xmp: packet) }
        }
        return best
    }
}

/// Which of two attempts to keep.
enum ScoredOutcome {
    /// Meeting the target counts most, then using what it allows; among those that miss it, missing it by less.
    static func isBetter(_ score: Double, than other: Double, target: Double) -> Bool {
        switch (score >= target, other >= target) {
        case (true, true): score < other
        case (false, false): score > other
        case (let meets, _): meets
        }
    }
}

extension RasterFile {
    /// `Raster.adding` for a picture in a file.
    func adding(_ residual: MarkResidual, gain: Float) throws -> RasterFile {
        precondition(residual.width == width && residual.height == height)
        let result = try RasterFile(
            width: width, height: height, layout: layout, bitDepth: bitDepth, iccProfile: iccProfile, in: directory)
        var values: [Float] = []
        values.reserveCapacity(width * bandHeight)
        residual.forEachRow { y, row in
            for x in 0..<width { values.append(row[x] * gain) }
            let count = values.count / width
            guard count == bandHeight || y == height - 1 else { return }
            let plane = Plane(width: width, height: count, values: values)
            let first = y + 1 - count
            result.write(rows(first..<y + 1).adding(plane, gain: 1), at: first)
            values.removeAll(keepingCapacity: true)
        }
        return result
    }
}
