import Foundation
import Imaging

/// A picture as the reader looks at it: luma at a working size, with everything but fine, evenly loud texture removed.
struct WorkingPicture {
    /// Zeros around the values, so that interpolation needs no test at the edges.
    static let border = 3
    /// Added to the local deviation. In places quieter than this a mark is fainter than in texture, and compression
    /// leaves nothing of it, so they count for less: about as the embedder's mask has it.
    private static let quiet: Float = 6

    let width: Int
    let height: Int
    let stride: Int
    private let values: [Float]

    /// High-pass (three boxes, σ ≈ 4), clip at ±40, divide by the local deviation: what is left of a photograph is
    /// nearly white, and no edge outshouts the mark.
    init(_ luma: Plane) {
        var smooth = luma
        smooth.boxFilter(radius: 3)
        smooth.boxFilter(radius: 4)
        smooth.boxFilter(radius: 4)
        var detail = luma
        for index in 0..<detail.values.count {
            let value = min(max(detail.values[index] - smooth.values[index], -40), 40)
            detail.values[index] = value
            smooth.values[index] = value * value
        }
        smooth.boxFilter(radius: 4)
        let border = WorkingPicture.border
        let (width, height) = (luma.width, luma.height)
        let stride = width + 2 * border
        var values = [Float](repeating: 0, count: stride * (height + 2 * border))
        values.withUnsafeMutableBufferPointer { values in
            for y in 0..<height {
                let row = values.baseAddress! + (y + border) * stride + border
                for x in 0..<width {
                    let at = y * width + x
                    row[x] = detail.values[at] / (max(smooth.values[at], 0).squareRoot() + WorkingPicture.quiet)
                }
            }
        }
        self.width = width
        self.height = height
        self.stride = stride
        self.values = values
    }

    /// The address of pixel (0, 0).
    func withPixels<R>(_ body: (UnsafePointer<Float>) throws -> R) rethrows -> R {
        try values.withUnsafeBufferPointer {
            try body($0.baseAddress! + WorkingPicture.border * (stride + 1))
        }
    }
}

/// How a picture lies on the canonical plane: working pixel = offset + scale · rotation · (mirror?) · canonical pixel.
struct Pose: Hashable {
    /// Working pixels per canonical pixel.
    var scale: Double
    /// Degrees.
    var angle: Double
    var mirrored: Bool

    /// The linear part, canonical → working: (x, y) ↦ (xx·x + xy·y, yx·x + yy·y).
    var matrix: (xx: Double, xy: Double, yx: Double, yy: Double) {
        let radians = angle * .pi / 180
        let (c, s) = (scale * cos(radians), scale * sin(radians))
        return mirrored ? (-c, -s, -s, c) : (c, -s, s, c)
    }

    /// Straight and unscaled: canonical pixels are the working pixels.
    var isIdentity: Bool { scale == 1 && angle == 0 && !mirrored }

    /// Whether a fold in one pose says nothing that a fold in the other has not said.
    func isClose(to other: Pose) -> Bool {
        mirrored == other.mirrored && abs(angle - other.angle) < 0.1 && abs(scale / other.scale - 1) < 0.001
    }
}
