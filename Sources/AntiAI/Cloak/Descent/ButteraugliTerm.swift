import CCloakKernels

/// Butteraugli's 3-norm of a tile, about, with its gradient. Used by one thread at a time.
///
/// Luma alone, at full size, linear in the change: what a descent needs to know of it, which is that what holds together
/// over a few samples is more visible than grain of the same magnitude, and where there is something to hide behind.
package final class ButteraugliTerm {
    private let raw: OpaquePointer
    private let pool: TensorPool

    /// - Parameters:
    ///   - planes: the original's red, green and blue, 0…1; the width is a multiple of 16.
    ///   - pool: where what a look needs is taken from and given back to; nil for a place of its own.
    /// Nil when memory is short.
    package init?(
        _ planes: UnsafePointer<Float>, width: Int, height: Int, level: KernelLevel, pool: TensorPool? = nil
    ) {
        guard let made = fx_butteraugli_new(level.rawValue, Int32(width), Int32(height)) else { return nil }
        raw = made
        self.pool = pool ?? TensorPool(level: level)
        let room = self.pool.take(floats: fx_butteraugli_room(raw))
        withExtendedLifetime(room) { fx_butteraugli_start(raw, planes, room.floats) }
    }

    deinit { fx_butteraugli_free(raw) }

    /// The norm of a changed tile; `gradient` becomes its derivative by each sample.
    package func norm(_ planes: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>? = nil) -> Double {
        let room = pool.take(floats: fx_butteraugli_room(raw))
        return withExtendedLifetime(room) { fx_butteraugli_norm(raw, planes, gradient, room.floats) }
    }
}
