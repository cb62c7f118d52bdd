import Foundation
import Imaging

/// A horizontal band of the noise; bands fit together without seams, because each looks far enough beyond its edges.
struct NoiseBand {
    static let height = 256
    /// How far a value can reach: the smoothing of displacements and of luma.
    private static let reach = 8

    /// The band's rows, without the margin.
    let values: [Float]

    init(_ raster: Raster, top: Int, seed: UInt64) {
        let width = raster.width
        let bottom = min(raster.height, top + Self.height)
        let first = max(0, top - Self.reach)
        let last = min(raster.height, bottom + Self.reach)
        let luma = raster.cropped(x: 0, y: first, width: width, height: last - first).luma()
        let smooth = luma.smoothed(Self.kernel(deviation: 1))
        let gentle = luma.smoothed(Self.kernel(deviation: 0.7))
        func field(_ index: UInt64) -> Plane {
            var plane = Plane(width: width, height: last - first)
            let random = RandomField(seed: seed &+ index &* 0xD1B5_4A32_D192_ED03, width: width)
            plane.values.withUnsafeMutableBufferPointer { values in
                for y in first..<last { random.fill(row: y, values.baseAddress! + (y - first) * width) }
            }
            return plane
        }
        let gain = field(1)
        let kernel = Self.kernel(deviation: 0.8)
        // Smoothing a white field leaves this much of its deviation.
        let left = kernel.reduce(0) { $0 + $1 * $1 }
        let displacement = (field(2).smoothed(kernel), field(3).smoothed(kernel))
        values = [Float](unsafeUninitializedCapacity: width * (bottom - top)) { target, count in
            for y in top..<bottom {
                let row = (y - first) * width
                let above = (max(y - 1, first) - first) * width
                let below = (min(y + 1, last - 1) - first) * width
                for x in 0..<width {
                    let detail = luma.values[row + x] - smooth.values[row + x]
                    let right = gentle.values[row + min(x + 1, width - 1)]
                    let slopeX = (right - gentle.values[row + max(x - 1, 0)]) * 0.5
                    let slopeY = (gentle.values[below + x] - gentle.values[above + x]) * 0.5
                    let slope = (slopeX * slopeX + slopeY * slopeY).squareRoot()
                    let shift = slopeX * displacement.0.values[row + x] + slopeY * displacement.1.values[row + x]
                    let scaled = detail * gain.values[row + x] / (1 + abs(detail) / Self.detailLimit)
                    target[(y - top) * width + x] =
                        scaled + shift / left * Self.shiftWeight / (1 + slope / Self.slopeLimit)
                }
            }
            count = width * (bottom - top)
        }
    }

    /// Where detail and slopes (0…255 scale) stop counting in full: hard edges would fray.
    private static let detailLimit: Float = 12
    private static let slopeLimit: Float = 12
    /// Deviation of the displacement in pixels, each way, beside a random gain of deviation 1.
    private static let shiftWeight: Float = 1.2

    /// A Gaussian that is cut off at three deviations; its weights add up to 1.
    private static func kernel(deviation: Double) -> [Float] {
        let radius = Int((3 * deviation).rounded(.up))
        let raw = (-radius...radius).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
        let sum = raw.reduce(0, +)
        return raw.map { Float($0 / sum) }
    }
}

extension Plane {
    /// Convolved with a symmetric kernel along both axes; the outermost samples continue beyond the borders.
    func smoothed(_ kernel: [Float]) -> Plane {
        let radius = kernel.count / 2
        var across = Plane(width: width, height: height)
        var result = Plane(width: width, height: height)
        var line = [Float](repeating: 0, count: width + 2 * radius)
        for y in 0..<height {
            for x in 0..<line.count { line[x] = values[y * width + min(max(x - radius, 0), width - 1)] }
            across.values.withUnsafeMutableBufferPointer { target in
                line.withUnsafeBufferPointer { source in
                    for (offset, weight) in kernel.enumerated() {
                        let row = target.baseAddress! + y * width
                        let shifted = source.baseAddress! + offset
                        for x in 0..<width { row[x] += shifted[x] * weight }
                    }
                }
            }
        }
        result.values.withUnsafeMutableBufferPointer { target in
            across.values.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let row = target.baseAddress! + y * width
                    for (offset, weight) in kernel.enumerated() {
                        let from = source.baseAddress! + min(max(y + offset - radius, 0), height - 1) * width
                        for x in 0..<width { row[x] += from[x] * weight }
                    }
                }
            }
        }
        return result
    }
}
