import Foundation
import Imaging

/// A working picture brought to the canonical grid by a pose and summed over all tiles, as the tile's spectrum.
///
/// The mark repeats with the tile and the picture does not: the sum is the matched filter for any crop.
struct TileFold {
    let spectrum: ComplexSquare
    /// Power of the spectrum around each point: mostly that of the picture, which is what the mark has to be heard over.
    let noise: [Float]
    /// How the grid lies on the working picture.
    let pose: Pose
    /// Working coordinates of the grid's point (0, 0).
    let originX: Double
    let originY: Double

    init(_ picture: WorkingPicture, pose: Pose) {
        self.pose = pose
        var sum = ComplexSquare(side: Carrier.tile)
        (originX, originY) = sum.re.withUnsafeMutableBufferPointer { sum in
            if pose.isIdentity {
                TileFold.addStraight(picture, sum.baseAddress!)
                return (0, 0)
            }
            return TileFold.addWarped(picture, pose, sum.baseAddress!)
        }
        sum.transform(.tile)
        spectrum = sum
        noise = TileFold.localPower(sum)
    }

    /// The mean power of 7 × 7 points, none of which counts for more than four times the mean of its wider neighbourhood.
    private static func localPower(_ spectrum: ComplexSquare) -> [Float] {
        let side = spectrum.side
        var power = Plane(width: side, height: side)
        for index in 0..<side * side {
            power.values[index] = spectrum.re[index] * spectrum.re[index] + spectrum.im[index] * spectrum.im[index]
        }
        var wide = power
        wide.boxFilter(radius: 10)
        for index in 0..<side * side { power.values[index] = min(power.values[index], 4 * wide.values[index]) }
        power.boxFilter(radius: 3)
        // Sums that run over a row leave rounding errors behind where hardly anything is.
        for index in 0..<side * side {
            power.values[index] = max(power.values[index], 0.01 * wide.values[index], 1e-20)
        }
        return power.values
    }

    private static func addStraight(_ picture: WorkingPicture, _ sum: UnsafeMutablePointer<Float>) {
        let tile = Carrier.tile
        picture.withPixels { pixels in
            for y in 0..<picture.height {
                let line = sum + y % tile * tile
                let row = pixels + y * picture.stride
                var left = 0
                while left < picture.width {
                    let count = min(tile, picture.width - left)
                    for x in 0..<count { line[x] += row[left + x] }
                    left += tile
                }
            }
        }
    }

    /// Catmull and Rom's cubic at 256 sub-pixel phases.
    private static let cubics: [SIMD4<Float>] = (0...256).map { phase in
        let t = Double(phase) / 256
        return SIMD4(
            Float(ResamplingTable.cubic(1 + t)), Float(ResamplingTable.cubic(t)), Float(ResamplingTable.cubic(1 - t)),
            Float(ResamplingTable.cubic(2 - t)))
    }

    private static func addWarped(
        _ picture: WorkingPicture, _ pose: Pose, _ sum: UnsafeMutablePointer<Float>
    ) -> (Double, Double) {
        let tile = Carrier.tile
        let m = pose.matrix
        let determinant = m.xx * m.yy - m.xy * m.yx
        let (width, height) = (Double(picture.width), Double(picture.height))
        // The grid's size: the picture's box on the canonical plane.
        let columns = Int(((abs(m.yy) * width + abs(m.xy) * height) / abs(determinant)).rounded(.up)) + 1
        let rows = Int(((abs(m.yx) * width + abs(m.xx) * height) / abs(determinant)).rounded(.up)) + 1
        let (middleX, middleY) = (Double(columns - 1) / 2, Double(rows - 1) / 2)
        let originX = (width - 1) / 2 - m.xx * middleX - m.xy * middleY
        let originY = (height - 1) / 2 - m.yx * middleX - m.yy * middleY
        let (stepX, stepY) = (m.xx, m.yx)
        let pitch = picture.stride * 4
        func fixed(_ value: Double) -> Int { Int((value * 0x1p32).rounded()) }
        picture.withPixels { pixels in
            cubics.withUnsafeBufferPointer { cubics in
                for y in 0..<rows {
                    let startX = originX + m.xy * Double(y)
                    let startY = originY + m.yy * Double(y)
                    // The part of the line that falls into the picture.
                    var (first, last) = (0.0, Double(columns - 1))
                    for (start, step, size) in [(startX, stepX, width), (startY, stepY, height)] {
                        if abs(step) < 1e-12 {
                            if start < -0.5 || start > size - 0.5 { last = -1 }
                        } else {
                            let (a, b) = ((-0.5 - start) / step, (size - 0.5 - start) / step)
                            first = max(first, min(a, b))
                            last = min(last, max(a, b))
                        }
                    }
                    guard first <= last else { continue }
                    let line = sum + y % tile * tile
                    // Fixed point, 32 fractional bits; the upper eight of them are the phase of the cubic. Half a
                    // phase is added, so that cutting off rounds.
                    let begin = Int(first.rounded(.up))
                    var fx = fixed(startX + stepX * Double(begin) + 1 / 512)
                    var fy = fixed(startY + stepY * Double(begin) + 1 / 512)
                    let (dx, dy) = (fixed(stepX), fixed(stepY))
                    for x in begin..<max(begin, Int(last.rounded(.down)) + 1) {
                        let at = pixels + ((fy >> 32 &- 1) &* picture.stride &+ (fx >> 32 &- 1))
                        let across = cubics[(fx >> 24) & 255]
                        let down = cubics[(fy >> 24) & 255]
                        let raw = UnsafeRawPointer(at)
                        let upper =
                            raw.loadUnaligned(as: SIMD4<Float>.self) * down[0]
                            + (raw + pitch).loadUnaligned(as: SIMD4<Float>.self) * down[1]
                        let lower =
                            (raw + 2 * pitch).loadUnaligned(as: SIMD4<Float>.self) * down[2]
                            + (raw + 3 * pitch).loadUnaligned(as: SIMD4<Float>.self) * down[3]
                        let cell = (upper + lower) * across
                        let pair = cell.lowHalf + cell.highHalf
                        line[x & (tile - 1)] += pair[0] + pair[1]
                        fx &+= dx
                        fy &+= dy
                    }
                }
            }
        }
        return (originX, originY)
    }
}
