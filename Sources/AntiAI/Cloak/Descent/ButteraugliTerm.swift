import CCloakKernels

/// Butteraugli's 3-norm of a tile, about, with its gradient. Used by one thread at a time.
///
/// Luma alone, at full size, linear in the change: what a descent needs to know of it, which is that what holds together
/// over a few samples is more visible than grain of the same magnitude, and where there is something to hide behind.
package final class ButteraugliTerm {
    private let raw: OpaquePointer

    /// - Parameter planes: the original's red, green and blue, 0…1; the width is a multiple of 16.
    /// Nil when memory is short.
    package init?(_ planes: UnsafePointer<Float>, width: Int, height: Int, level: KernelLevel) {
        guard let made = fx_butteraugli_new(level.rawValue, planes, Int32(width), Int32(height)) else { return nil }
        raw = made
    }

    deinit { fx_butteraugli_free(raw) }

    /// The norm of a changed tile; `gradient` becomes its derivative by each sample.
    package func norm(_ planes: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>? = nil) -> Double {
        fx_butteraugli_norm(raw, planes, gradient)
    }
}
