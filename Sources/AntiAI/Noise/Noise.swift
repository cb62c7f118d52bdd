import Core
import Crypto
import Foundation
import Imaging

/// Noise that costs little to the eye and much to a denoiser.
///
/// Denoisers tell noise from picture by what noise is not: tied to the structure of the picture. So this noise is made
/// of the picture's own structure, at random: its fine detail with random gain, and its gradients with a random
/// displacement of a fraction of a pixel. It lives where the eye is masked by texture and where non-local means,
/// wavelet shrinkage and bilateral filters keep what they find; flat areas stay clean. Luma only, so grey stays grey.
public enum Noise {
    /// The four words that noise for this payload grows from.
    public static func seed(for payload: MarkID) -> UInt64 {
        var hash = SHA256()
        hash.update(data: Data("fixative noise 1".utf8))
        withUnsafeBytes(of: payload.rawValue.bigEndian) { hash.update(bufferPointer: $0) }
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The luma to add to a picture for gain 1: root mean square 1 on the 0…255 scale, zero everywhere for pictures
    /// without any structure. The same for the same picture and seed.
    public static func residual(for raster: Raster, seed: UInt64) -> Plane {
        var result = Plane(width: raster.width, height: raster.height)
        var power = 0.0
        for top in stride(from: 0, to: raster.height, by: NoiseBand.height) {
            let band = NoiseBand(raster, top: top, seed: seed)
            band.values.withUnsafeBufferPointer { source in
                result.values.withUnsafeMutableBufferPointer { target in
                    for index in 0..<source.count {
                        target[top * raster.width + index] = source[index]
                        power += Double(source[index] * source[index])
                    }
                }
            }
        }
        let deviation = (power / Double(raster.pixelCount)).squareRoot()
        guard deviation > 1e-3 else { return Plane(width: raster.width, height: raster.height) }
        let scale = Float(1 / deviation)
        for index in 0..<result.values.count { result.values[index] *= scale }
        return result
    }
}
