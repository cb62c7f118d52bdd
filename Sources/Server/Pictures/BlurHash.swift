import Foundation
import Imaging

/// A placeholder of a few dozen characters for a picture (BlurHash, Wolt 2018; the format of its ALGORITHM document).
enum BlurHash {
    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~")
    private static let across = 4
    private static let down = 3
    /// Samples per side: the cosines are so slow that more say nothing.
    private static let grid = 32

    /// Nil for layouts without colour.
    static func encode(_ raster: Raster) -> String? {
        let pixels = raster.converted(to: .rgb).to8Bit()
        guard case .u8(let values) = pixels.samples else { return nil }
        var factors = [(Double, Double, Double)](repeating: (0, 0, 0), count: across * down)
        for y in 0..<grid {
            for x in 0..<grid {
                let base = ((y * pixels.height / grid) * pixels.width + x * pixels.width / grid) * 3
                let color = (linear(values[base]), linear(values[base + 1]), linear(values[base + 2]))
                for j in 0..<down {
                    for i in 0..<across {
                        let wave =
                            cos(.pi * Double(i) * (Double(x) + 0.5) / Double(grid))
                            * cos(.pi * Double(j) * (Double(y) + 0.5) / Double(grid))
                        factors[j * across + i].0 += color.0 * wave
                        factors[j * across + i].1 += color.1 * wave
                        factors[j * across + i].2 += color.2 * wave
                    }
                }
            }
        }
        let count = Double(grid * grid)
        for index in factors.indices {
            let scale = (index == 0 ? 1 : 2) / count
            factors[index] = (factors[index].0 * scale, factors[index].1 * scale, factors[index].2 * scale)
        }
        let largest = factors.dropFirst().flatMap { [abs($0.0), abs($0.1), abs($0.2)] }.max() ?? 0
        let quantised = max(0, min(82, Int(largest * 166 - 0.5)))
        let range = Double(quantised + 1) / 166
        var hash = base83((across - 1) + (down - 1) * 9, 1) + base83(quantised, 1)
        let mean = factors[0]
        hash += base83(encoded(mean.0) << 16 | encoded(mean.1) << 8 | encoded(mean.2), 4)
        for factor in factors.dropFirst() {
            func step(_ value: Double) -> Int {
                let root = (abs(value) / range).squareRoot()
                return max(0, min(18, Int((value < 0 ? -root : root) * 9 + 9.5)))
            }
            hash += base83(step(factor.0) * 361 + step(factor.1) * 19 + step(factor.2), 2)
        }
        return hash
    }

    private static func base83(_ value: Int, _ length: Int) -> String {
        var digits: [Character] = []
        var rest = value
        for _ in 0..<length {
            digits.append(alphabet[rest % 83])
            rest /= 83
        }
        return String(digits.reversed())
    }

    /// sRGB to linear light (IEC 61966-2-1).
    private static func linear(_ value: UInt8) -> Double {
        let value = Double(value) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func encoded(_ value: Double) -> Int {
        let value = max(0, min(1, value))
        let encoded = value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055
        return Int(encoded * 255 + 0.5)
    }
}
