import CCloakKernels

/// A tile in another size, with a way back for gradients.
///
/// What moves a network at one size alone moves others little: they have filters of other widths, and see at other places.
/// A descent that asks at another size in every round finds what moves them at all of these.
package final class ResizedView {
    package let width: Int
    package let height: Int
    private let raw: OpaquePointer

    /// What a side becomes: a multiple of 16 near to the scale.
    package static func side(_ length: Int, scale: Double) -> Int {
        max(16, Int((Double(length) * scale / 16).rounded()) * 16)
    }

    /// - Parameters:
    ///   - width, height: multiples of 16.
    ///   - scale: 0.25 or more.
    /// Nil when memory is short.
    package init?(width: Int, height: Int, scale: Double, level: KernelLevel) {
        self.width = Self.side(width, scale: scale)
        self.height = Self.side(height, scale: scale)
        guard
            let made = fx_resample_new(
                level.rawValue, Int32(width), Int32(height), Int32(self.width), Int32(self.height))
        else { return nil }
        raw = made
    }

    deinit { fx_resample_free(raw) }

    /// What both ways need to work in, in samples.
    package var room: Int { fx_resample_room(raw) }

    /// Three planes.
    package func look(
        at planes: UnsafePointer<Float>, into view: UnsafeMutablePointer<Float>, room: UnsafeMutablePointer<Float>
    ) {
        fx_resample_forward(raw, planes, view, room)
    }

    /// Turns a gradient by the view into one by the planes that it was of.
    package func goBack(
        _ gradient: UnsafePointer<Float>, into planes: UnsafeMutablePointer<Float>, room: UnsafeMutablePointer<Float>
    ) {
        fx_resample_backward(raw, gradient, planes, room)
    }
}
