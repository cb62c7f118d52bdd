import Foundation

/// Eight samples at a time: what every row kernel of this folder works on.
package typealias Lanes = SIMD8<Float>

extension Lanes {
    @inline(__always)
    init(_ pointer: UnsafePointer<Float>, _ index: Int) {
        self = UnsafeRawPointer(pointer + index).loadUnaligned(as: Lanes.self)
    }

    @inline(__always)
    func store(_ pointer: UnsafeMutablePointer<Float>, _ index: Int) {
        UnsafeMutableRawPointer(pointer + index).storeBytes(of: self, as: Lanes.self)
    }

    @inline(__always)
    var magnitude: Lanes {
        unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: Lanes.self)
    }
}

/// A set of equally long rows of floats with zeros on both sides, so that kernels may read past the ends.
///
/// Every row has `margin` floats of zeros before its first sample and at least as many after its last.
/// Unchecked, because nothing writes to a store any more once it is shared.
final class RowStore: @unchecked Sendable {
    static let margin = 8
    let width: Int
    let stride: Int
    private let memory: UnsafeMutablePointer<Float>

    init(width: Int, rows: Int) {
        self.width = width
        stride = (width + 7) / 8 * 8 + 2 * Self.margin
        let count = stride * rows
        memory = .allocate(capacity: count)
        memory.initialize(repeating: 0, count: count)
    }

    deinit { memory.deallocate() }

    /// The first sample of a row.
    @inline(__always)
    subscript(row: Int) -> UnsafeMutablePointer<Float> { memory + row * stride + Self.margin }

    /// Restores the zeros that a kernel working in whole lanes wrote over after the last sample.
    @inline(__always)
    func clearTail(_ row: Int) {
        let pointer = self[row]
        for index in width..<((width + 7) / 8 * 8) { pointer[index] = 0 }
    }
}

/// A Gaussian of σ = 1.5 cut off at ±5 samples, as SSIM and SSIMULACRA2 use it.
enum RowBlur {
    static let radius = 5
    /// Weights of the distances 0…5; together with their mirror image they add up to 1.
    static let weights: [Float] = {
        let raw = (0...radius).map { Foundation.exp(-Double($0 * $0) / 4.5) }
        let sum = raw[0] + 2 * raw.dropFirst().reduce(0, +)
        return raw.map { Float($0 / sum) }
    }()

    /// Blurs along a row; samples outside it count as zero.
    static func horizontal(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, width: Int) {
        let w0 = weights[0]
        let w1 = weights[1]
        let w2 = weights[2]
        let w3 = weights[3]
        let w4 = weights[4]
        let w5 = weights[5]
        var x = 0
        while x < width {
            var sum = Lanes(source, x) * w0
            sum += (Lanes(source, x - 1) + Lanes(source, x + 1)) * w1
            sum += (Lanes(source, x - 2) + Lanes(source, x + 2)) * w2
            sum += (Lanes(source, x - 3) + Lanes(source, x + 3)) * w3
            sum += (Lanes(source, x - 4) + Lanes(source, x + 4)) * w4
            sum += (Lanes(source, x - 5) + Lanes(source, x + 5)) * w5
            sum.store(target, x)
            x += 8
        }
    }
}

/// The eleven rows around the present one in a ring of blurred rows, ready for the vertical half of the blur.
struct ColumnBlur {
    typealias Row = UnsafePointer<Float>
    let center: Row
    let pairs: (Row, Row, Row, Row, Row, Row, Row, Row, Row, Row)
    private let weights: (Float, Float, Float, Float, Float, Float)

    /// - Parameter row: gives the blurred row at a vertical distance of −5…5.
    init(_ row: (Int) -> UnsafeMutablePointer<Float>) {
        center = Row(row(0))
        pairs = (
            Row(row(-1)), Row(row(1)), Row(row(-2)), Row(row(2)), Row(row(-3)), Row(row(3)), Row(row(-4)), Row(row(4)),
            Row(row(-5)), Row(row(5))
        )
        let w = RowBlur.weights
        weights = (w[0], w[1], w[2], w[3], w[4], w[5])
    }

    @inline(__always)
    subscript(x: Int) -> Lanes {
        var sum = Lanes(center, x) * weights.0
        sum += (Lanes(pairs.0, x) + Lanes(pairs.1, x)) * weights.1
        sum += (Lanes(pairs.2, x) + Lanes(pairs.3, x)) * weights.2
        sum += (Lanes(pairs.4, x) + Lanes(pairs.5, x)) * weights.3
        sum += (Lanes(pairs.6, x) + Lanes(pairs.7, x)) * weights.4
        sum += (Lanes(pairs.8, x) + Lanes(pairs.9, x)) * weights.5
        return sum
    }
}

/// Reflects an index at the borders of 0..<count, repeating the border sample: −1 → 0, count → count − 1.
@inline(__always)
func reflected(_ index: Int, _ count: Int) -> Int {
    if index >= 0 && index < count { return index }
    let period = 2 * count
    let wrapped = ((index % period) + period) % period
    return wrapped < count ? wrapped : period - 1 - wrapped
}
