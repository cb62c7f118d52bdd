import CCloakKernels
import Imaging

/// SSIMULACRA2 of a tile with its gradient. Used by one thread at a time.
package final class VisibilityTerm {
    private let raw: OpaquePointer

    /// - Parameter planes: the original's red, green and blue, 0…1; sides of at least 8.
    /// Nil when memory is short.
    package init?(_ planes: UnsafePointer<Float>, width: Int, height: Int, level: KernelLevel) {
        let scales = Self.scales(width, height)
        let weights = SSIMULACRA2Weights.flattened(scales: scales)
        guard let made = fx_visibility_new(level.rawValue, planes, Int32(width), Int32(height), weights, Int32(scales))
        else { return nil }
        raw = made
    }

    deinit { fx_visibility_free(raw) }

    /// The score of a changed tile; `gradient` becomes its derivative by each sample.
    package func score(_ planes: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>? = nil) -> Double {
        fx_visibility_score(raw, planes, gradient)
    }

    private static func scales(_ width: Int, _ height: Int) -> Int {
        var side = min(width, height)
        var scales = 1
        while scales < SSIMULACRA2Weights.scales, (side + 1) / 2 >= SSIMULACRA2Weights.minimumSide {
            side = (side + 1) / 2
            scales += 1
        }
        return scales
    }
}
