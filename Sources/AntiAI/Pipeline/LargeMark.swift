import Core
import Foundation
import Imaging

/// Marks a very large picture with hardly more memory than the picture itself: its gain is solved on a sample of tiles,
/// the mark stays on its canonical plane, and the picture is changed in place.
///
/// Unlike the pipeline it does not measure the whole result again, which would need a second copy.
struct LargeMark {
    let payload: MarkID
    let key: WatermarkKey
    let visibility: MarkVisibility

    func embed(_ original: Data, format: ImageFormat?, quality: Int?, limits: DecodeLimits) throws -> Data {
        // The only reference to the pixels, from here to the end.
        var decoded = try ImageCodec.decode(original, limits: limits)
        let form = OutputForm(of: decoded, format: format, quality: quality)
        var picture = decoded.raster
        decoded.raster = Raster(width: 1, height: 1, layout: .gray, samples: .u8([0]))
        if form.format != .png { picture = try form.prepare(picture) }
        let residual = try Watermark.compactResidual(for: picture, payload: payload, key: key)
        picture.add(residual, gain: try gain(picture, residual))
        return try form.encode(picture, xmp: nil)
    }

    private func gain(_ picture: Raster, _ residual: MarkResidual) throws -> Float {
        let tiles = SampleTiles(width: picture.width, height: picture.height)
        let sample = tiles?.cut(picture) ?? picture
        let plane = tiles.map { $0.cut(residual) } ?? residual.plane()
        let reference = SSIMULACRA2Reference(sample)
        let gain = StrengthSolver(untouched: 100, target: visibility.target).solve(from: 1) { gain in
            reference.score(sample.adding(plane, gain: gain))
        }.gain
        return min(gain, Float(visibility.norm / ButteraugliEstimate(sample).norm(of: plane)))
    }
}
