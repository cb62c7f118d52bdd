import Core
import Foundation
import Imaging

/// A picture for an account that has none: a symmetric pattern in two colours that its id decides.
enum Identicon {
    private static let cells = 7
    private static let side = 168

    static func png(seed: UInt64) throws -> Data {
        var state = seed &+ 0x9E37_79B9_7F4A_7C15
        func next() -> UInt64 {
            // SplitMix64 (Steele, Lea, Flood 2014).
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
        let hue = Double(next() % 360)
        let front = color(hue, 0.55, 0.45)
        let back = color(hue + 40, 0.35, 0.92)
        var on = [Bool](repeating: false, count: cells * cells)
        for row in 1..<(cells - 1) {
            for column in 1...(cells / 2) where next() & 1 == 1 {
                on[row * cells + column] = true
                on[row * cells + cells - 1 - column] = true
            }
        }
        var samples = [UInt8](repeating: 0, count: side * side * 3)
        for y in 0..<side {
            for x in 0..<side {
                let cell = (y * cells / side) * cells + x * cells / side
                let color = on[cell] ? front : back
                for channel in 0..<3 { samples[(y * side + x) * 3 + channel] = color[channel] }
            }
        }
        return try ImageCodec.encode(
            Raster(width: side, height: side, layout: .rgb, samples: .u8(samples)), as: .png)
    }

    /// HSL to RGB (CSS Color 4, section 7).
    private static func color(_ hue: Double, _ saturation: Double, _ lightness: Double) -> [UInt8] {
        [0.0, 8, 4].map { offset in
            let k = (offset + hue / 30).truncatingRemainder(dividingBy: 12)
            let a = saturation * min(lightness, 1 - lightness)
            return UInt8(255 * (lightness - a * max(-1, min(k - 3, 9 - k, 1))))
        }
    }
}
