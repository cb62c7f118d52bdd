import Core
import Imaging

/// A mark for one picture, still on the canonical plane; `row` brings it to the picture's own size.
public struct MarkResidual: Sendable {
    let canonical: Plane
    /// Canonical pixels per picture pixel.
    let step: Double
    public let width: Int
    public let height: Int

    init(raster: Raster, payload: MarkID, keys: [WatermarkKey]) throws {
        try self.init(width: raster.width, height: raster.height, payload: payload, keys: keys, luma: raster.luma)
    }

    /// The same for a picture in a file.
    init(file: RasterFile, payload: MarkID, keys: [WatermarkKey]) throws {
        try self.init(width: file.width, height: file.height, payload: payload, keys: keys, luma: file.luma)
    }

    /// - Parameters:
    ///   - keys: one, or several whose marks lie over each other with equal power.
    ///   - luma: the picture's at a given size, and how many times fewer pixels its long edge then has.
    private init(
        width: Int, height: Int, payload: MarkID, keys: [WatermarkKey],
        luma: (_ width: Int, _ height: Int, _ step: Double) -> Plane
    ) throws {
        let edge = max(width, height)
        try Watermark.requireMarkable(width, height)
        self.width = width
        self.height = height
        step = Double(CanonicalPlane.side(forLongEdge: edge)) / Double(edge)
        let columns = Int((Double(width) * step).rounded(.up))
        let rows = Int((Double(height) * step).rounded(.up))
        var residual = MarkResidual.mask(luma(columns, rows, 1 / step), floor: step < 0.6 ? 10 : 6)
        let pattern = MarkResidual.pattern(payload, keys)
        residual.values.withUnsafeMutableBufferPointer { values in
            pattern.withUnsafeBufferPointer { pattern in
                for y in 0..<rows {
                    let line = pattern.baseAddress! + y % Carrier.tile * Carrier.tile
                    for x in 0..<columns { values[y * columns + x] *= line[x % Carrier.tile] }
                }
            }
        }
        canonical = residual
    }

    /// One period of the marks of all keys together, variance 1.
    private static func pattern(_ payload: MarkID, _ keys: [WatermarkKey]) -> [Float] {
        let patterns = keys.map { Carrier(key: $0).pattern(for: payload) }
        guard var sum = patterns.first, patterns.count > 1 else { return patterns.first ?? [] }
        let scale = 1 / Float(patterns.count).squareRoot()
        for index in sum.indices { sum[index] = patterns.reduce(0) { $0 + $1[index] } * scale }
        return sum
    }

    /// How much the eye forgives at each point, mean square 1: √(σ² + floor²) with σ the local deviation, capped
    /// because strong edges are not texture, then smoothed.
    ///
    /// - Parameter floor: grey levels; higher for a mark that is coarser than the picture's detail, which the eye
    ///   forgives less at edges.
    private static func mask(_ luma: consuming Plane, floor: Float) -> Plane {
        var mean = luma
        // The variance is a small difference of large numbers; around zero it keeps its digits.
        let count = mean.values.count
        let squares = mean.values.withUnsafeMutableBufferPointer { values in
            [Float](unsafeUninitializedCapacity: count) { squares, written in
                for index in 0..<count {
                    let value = values[index] - 128
                    values[index] = value
                    squares[index] = value * value
                }
                written = count
            }
        }
        var mask = Plane(width: mean.width, height: mean.height, values: squares)
        mean.boxFilter(radius: 4)
        mask.boxFilter(radius: 4)
        mask.values.withUnsafeMutableBufferPointer { mask in
            mean.values.withUnsafeBufferPointer { mean in
                for index in 0..<count {
                    let variance = max(mask[index] - mean[index] * mean[index], 0)
                    mask[index] = (min(variance, 30 * 30) + floor * floor).squareRoot()
                }
            }
        }
        mask.boxFilter(radius: 2)
        let power = mask.values.reduce(0.0) { $0 + Double($1 * $1) } / Double(mask.values.count)
        let scale = Float(1 / power.squareRoot())
        for index in 0..<mask.values.count { mask.values[index] *= scale }
        return mask
    }

    /// Calls `body` with every row of the residual at the picture's size, top to bottom.
    func forEachRow(_ body: (_ y: Int, _ row: UnsafeMutablePointer<Float>) -> Void) {
        var resampler = RowResampler(
            inputWidth: canonical.width,
            horizontal: ResamplingTable(input: canonical.width, output: width, step: step, antialias: false),
            vertical: ResamplingTable(input: canonical.height, output: height, step: step, antialias: false))
        canonical.values.withUnsafeBufferPointer { source in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { line in
                for y in 0..<height {
                    resampler.next(line.baseAddress!) { row, buffer in
                        buffer.update(from: source.baseAddress! + row * canonical.width, count: canonical.width)
                    }
                    body(y, line.baseAddress!)
                }
            }
        }
    }

    /// The whole residual at the picture's size.
    public func plane() -> Plane {
        var result = Plane(width: width, height: height)
        result.values.withUnsafeMutableBufferPointer { target in
            forEachRow { y, row in (target.baseAddress! + y * width).update(from: row, count: width) }
        }
        return result
    }
}
