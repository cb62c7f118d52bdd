import Core
import Imaging

/// What is added to a picture: residuals and their gains, with the sample on which the gains are solved.
struct Perturbation {
    struct Gains: Equatable {
        var watermark: Float = 0
        var noise: Float = 0
        var cloak: Float = 0

        func scaled(by factor: Float) -> Gains {
            Gains(watermark: watermark * factor, noise: noise * factor, cloak: cloak * factor)
        }
    }

    let picture: Raster
    let tiles: SampleTiles?
    var form: OutputForm
    /// Whether gains are solved without the losses of encoding, because those alone use up the target.
    var ignoresEncoding = false
    private let sample: Raster
    private let reference: SSIMULACRA2Reference
    private var watermark: Plane?
    private var noise: Plane?
    private(set) var cloak: CloakResidual?

    init(_ picture: Raster, form: OutputForm) {
        self.picture = picture
        self.form = form
        tiles = SampleTiles(width: picture.width, height: picture.height)
        sample = tiles?.cut(picture) ?? picture
        reference = SSIMULACRA2Reference(sample)
    }

    /// The original's side of the comparison where the sample is the whole picture.
    var wholeReference: SSIMULACRA2Reference { tiles == nil ? reference : SSIMULACRA2Reference(picture) }

    mutating func setWatermark(_ plane: Plane) { watermark = plane }

    /// Estimated butteraugli of the watermark at gain 1, on the sample.
    var watermarkNorm: Double {
        guard let watermark else { return 0 }
        return ButteraugliEstimate(sample).norm(of: tiles?.cut(watermark) ?? watermark)
    }

    mutating func setNoise(_ plane: Plane) { noise = plane }
    mutating func setCloak(_ residual: CloakResidual) { cloak = residual }

    /// The whole picture with the residuals added.
    func apply(_ gains: Gains) -> Raster { add(gains, to: picture, watermark, noise, cloak) }

    /// The score of the sample as viewers of the encoded file would see it.
    func score(_ gains: Gains) throws -> Double {
        let changed =
            tiles.map { add(gains, to: sample, watermark.map($0.cut), noise.map($0.cut), cloak.map($0.cut)) }
            ?? add(gains, to: sample, watermark, noise, cloak)
        return reference.score(ignoresEncoding ? changed : try form.roundTrip(changed))
    }

    /// The sum is rounded once, not once for each residual.
    private func add(
        _ gains: Gains, to raster: Raster, _ watermark: Plane?, _ noise: Plane?, _ cloak: CloakResidual?
    ) -> Raster {
        let luma = Self.sum(watermark, gains.watermark, noise, gains.noise)
        if let cloak, gains.cloak != 0 { return raster.adding(cloak, gain: gains.cloak, luma: luma) }
        return luma.map { raster.adding($0, gain: 1) } ?? raster
    }

    private static func sum(_ first: Plane?, _ gain: Float, _ second: Plane?, _ otherGain: Float) -> Plane? {
        guard var sum = first ?? second else { return nil }
        let (own, other) = first == nil ? (otherGain, 0) : (gain, otherGain)
        sum.values.withUnsafeMutableBufferPointer { target in
            if first != nil, let second, other != 0 {
                second.values.withUnsafeBufferPointer { source in
                    for index in 0..<target.count { target[index] = target[index] * own + source[index] * other }
                }
            } else {
                for index in 0..<target.count { target[index] *= own }
            }
        }
        return sum
    }
}
