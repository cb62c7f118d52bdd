import Foundation

/// A picture drawn by code: interleaved 8-bit RGB, rows from the top.
public struct DrawnPicture: Hashable, Sendable {
    public var width: Int
    public var height: Int
    public var pixels: [UInt8]

    /// Sky, hills and texture, different for every seed; with detail enough to carry a watermark.
    public static func landscape(width: Int, height: Int, seed: UInt64 = 1) -> DrawnPicture {
        var random = SplitMix(state: seed)
        let phases = (0..<6).map { _ in Double(random.next() >> 40) / Double(1 << 24) * 2 * .pi }
        let hue = Double(random.next() % 100) / 100
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        for y in 0..<height {
            let down = Double(y) / Double(max(1, height - 1))
            for x in 0..<width {
                let across = Double(x) / Double(max(1, width - 1))
                let hill = 0.55 + 0.12 * sin(across * 7 + phases[0]) + 0.05 * sin(across * 19 + phases[1])
                let grain = Double(random.next() >> 56) / 255 - 0.5
                let wave = sin(across * 90 + phases[2]) * sin(down * 70 + phases[3])
                var color: (Double, Double, Double)
                if down < hill {
                    color = (0.35 + 0.4 * down + 0.2 * hue, 0.5 + 0.3 * down, 0.85 - 0.3 * down)
                } else {
                    color = (0.25 + 0.3 * hue + 0.1 * wave, 0.45 - 0.2 * (down - hill) + 0.1 * wave, 0.2 + 0.05 * wave)
                }
                color = (color.0 + 0.06 * grain, color.1 + 0.06 * grain, color.2 + 0.06 * grain)
                let at = (y * width + x) * 3
                pixels[at] = byte(color.0)
                pixels[at + 1] = byte(color.1)
                pixels[at + 2] = byte(color.2)
            }
        }
        return DrawnPicture(width: width, height: height, pixels: pixels)
    }

    /// One colour in the upper left quarter, others elsewhere: tells which way up a picture is.
    public static func corners(width: Int, height: Int) -> DrawnPicture {
        let colors: [[UInt8]] = [[220, 30, 30], [30, 200, 30], [30, 30, 220], [240, 240, 240]]
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width { pixels += colors[(y * 2 / height) * 2 + x * 2 / width] }
        }
        return DrawnPicture(width: width, height: height, pixels: pixels)
    }

    /// The plainest file format of all (Netpbm P6), which every tool reads.
    public var portablePixmap: Data { Data("P6\n\(width) \(height)\n255\n".utf8) + Data(pixels) }

    private static func byte(_ value: Double) -> UInt8 { UInt8(min(255, max(0, value * 255))) }

    /// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
