import CCloakKernels

/// A tile as JPEG leaves it, with a way back for gradients. Used by one thread at a time.
///
/// What quantisation makes zero passes as much of a gradient as it is near to not becoming zero. A descent that sees the
/// tile so in every third round of turns puts less into what JPEG takes away, and that is what anything else takes away
/// first, too.
package final class JPEGView {
    /// As libjpeg counts it.
    package static let quality: Int32 = 75
    private let raw: OpaquePointer

    /// - Parameters:
    ///   - width, height: multiples of 16.
    /// Nil when memory is short.
    package init?(width: Int, height: Int, level: KernelLevel) {
        guard let made = fx_jpeg_new(level.rawValue, Int32(width), Int32(height), Self.quality) else { return nil }
        raw = made
    }

    deinit { fx_jpeg_free(raw) }

    /// Three planes, red, green and blue, 0…1; the result may lie outside of that a little.
    package func look(at planes: UnsafePointer<Float>, into view: UnsafeMutablePointer<Float>) {
        fx_jpeg_forward(raw, planes, view)
    }

    /// Turns a gradient by the last view into one by the planes that it was of.
    package func goBack(_ gradient: UnsafeMutablePointer<Float>) { fx_jpeg_backward(raw, gradient) }
}
