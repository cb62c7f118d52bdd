import CCloakKernels
import Imaging

/// SSIMULACRA2 of a tile with its gradient. Used by one thread at a time.
package final class VisibilityTerm {
    private let raw: OpaquePointer
    private let pool: TensorPool

    /// - Parameters:
    ///   - planes: the original's red, green and blue, 0…1; sides of at least 8.
    ///   - pool: where what a look needs is taken from and given back to; nil for a place of its own.
    /// Nil when memory is short.
    package init?(
        _ planes: UnsafePointer<Float>, width: Int, height: Int, level: KernelLevel, pool: TensorPool? = nil
    ) {
        let scales = Self.scales(width, height)
        let weights = SSIMULACRA2Weights.flattened(scales: scales)
        guard let made = fx_visibility_new(level.rawValue, Int32(width), Int32(height), weights, Int32(scales)) else {
            return nil
        }
        raw = made
        self.pool = pool ?? TensorPool(level: level)
        let room = self.pool.take(floats: fx_visibility_room(raw))
        withExtendedLifetime(room) { fx_visibility_start(raw, planes, room.floats) }
    }

    deinit { fx_visibility_free(raw) }

    /// The score of a changed tile; `gradient` becomes its derivative by each sample.
    package func score(_ planes: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>? = nil) -> Double {
        let room = pool.take(floats: fx_visibility_room(raw))
        return withExtendedLifetime(room) { fx_visibility_score(raw, planes, gradient, room.floats) }
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
