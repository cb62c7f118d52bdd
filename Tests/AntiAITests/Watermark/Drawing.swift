import Core
import Foundation
import Imaging

/// Small deterministic generator for test pictures (SplitMix64).
struct Dice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Normal deviate, mean 0, variance 1 (sum of twelve).
    mutating func normal() -> Float { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}

/// Test pictures drawn by code.
enum Drawing {
    static func raster(_ width: Int, _ height: Int, _ color: (Int, Int) -> (Float, Float, Float)) -> Raster {
        var samples: [UInt8] = []
        samples.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let (r, g, b) = color(x, y)
                for value in [r, g, b] { samples.append(UInt8(min(max(value.rounded(), 0), 255))) }
            }
        }
        return Raster(width: width, height: height, layout: .rgb, samples: .u8(samples))
    }

    static func gray(_ width: Int, _ height: Int, _ luma: (Int, Int) -> Float) -> Raster {
        raster(width, height) { x, y in
            let value = luma(x, y)
            return (value, value, value)
        }
    }

    /// A painting of sorts: sky, discs with hard edges, brushed texture.
    static func painting(_ width: Int, _ height: Int, seed: UInt64 = 1) -> Raster {
        var dice = Dice(seed)
        let discs = (0..<14).map { _ in
            (
                x: dice.unit() * Float(width), y: dice.unit() * Float(height),
                r: (0.03 + 0.15 * dice.unit()) * Float(width),
                red: dice.unit() * 220, green: dice.unit() * 220, blue: dice.unit() * 220, rough: dice.unit() * 14
            )
        }
        return raster(width, height) { x, y in
            let (u, v) = (Float(x) / Float(width), Float(y) / Float(height))
            var color = (90 + 80 * v, 120 + 60 * u, 190 - 70 * v)
            var rough: Float = 4
            for disc in discs where hypotf(Float(x) - disc.x, Float(y) - disc.y) < disc.r {
                color = (disc.red, disc.green, disc.blue)
                rough = disc.rough
            }
            let brush = rough * (sinf(Float(x) * 0.7 + 9 * v) * cosf(Float(y) * 0.5) + 0.5 * dice.normal())
            return (color.0 + brush, color.1 + brush, color.2 + brush)
        }
    }
}

extension Raster {
    /// Calls back for 8-bit samples, channel by channel.
    private func mapped(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int, _ channel: Int) -> Float) -> Raster {
        var samples: [UInt8] = []
        samples.reserveCapacity(width * height * layout.channels)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<layout.channels {
                    samples.append(UInt8(min(max(value(x, y, channel).rounded(), 0), 255)))
                }
            }
        }
        return Raster(width: width, height: height, layout: layout, samples: .u8(samples))
    }

    var bytes: [UInt8] {
        guard case .u8(let bytes) = samples else { fatalError("not 8 bit") }
        return bytes
    }

    func cropped(x left: Int, y top: Int, width: Int, height: Int) -> Raster {
        let bytes = bytes
        return mapped(width, height) { x, y, c in
            Float(bytes[((y + top) * self.width + x + left) * layout.channels + c])
        }
    }

    func mirrored() -> Raster {
        let bytes = bytes
        return mapped(width, height) { x, y, c in Float(bytes[(y * width + width - 1 - x) * layout.channels + c]) }
    }

    /// A quarter turn, clockwise.
    func turned() -> Raster {
        let bytes = bytes
        return mapped(height, width) { x, y, c in Float(bytes[((height - 1 - x) * width + y) * layout.channels + c]) }
    }

    /// Bilinear, after averaging where it shrinks; turned clockwise by `degrees` around the middle, empty corners grey.
    func warped(scale: Float, degrees: Float = 0) -> Raster {
        let bytes = bytes
        let (w, h) = (Int((Float(width) * scale).rounded()), Int((Float(height) * scale).rounded()))
        let (c, s) = (cosf(degrees * .pi / 180) / scale, sinf(degrees * .pi / 180) / scale)
        let samples = max(1, Int((1 / scale).rounded(.up)))
        return mapped(w, h) { x, y, channel in
            var sum: Float = 0
            for i in 0..<samples {
                for j in 0..<samples {
                    let dx = Float(x) + (Float(i) + 0.5) / Float(samples) - Float(w) / 2
                    let dy = Float(y) + (Float(j) + 0.5) / Float(samples) - Float(h) / 2
                    let px = c * dx + s * dy + Float(width) / 2 - 0.5
                    let py = -s * dx + c * dy + Float(height) / 2 - 0.5
                    let (x0, y0) = (Int(px.rounded(.down)), Int(py.rounded(.down)))
                    guard x0 >= -1, y0 >= -1, x0 < width, y0 < height else {
                        sum += 128
                        continue
                    }
                    let (fx, fy) = (px - Float(x0), py - Float(y0))
                    func at(_ x: Int, _ y: Int) -> Float {
                        Float(
                            bytes[
                                (min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)) * layout.channels
                                    + channel])
                    }
                    let top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx
                    let bottom = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx
                    sum += top * (1 - fy) + bottom * fy
                }
            }
            return sum / Float(samples * samples)
        }
    }

    func mapped(_ change: (Float) -> Float) -> Raster {
        let bytes = bytes
        return mapped(width, height) { x, y, c in change(Float(bytes[(y * width + x) * layout.channels + c])) }
    }

    func noisy(_ deviation: Float) -> Raster {
        var dice = Dice(99)
        return mapped { $0 + deviation * dice.normal() }
    }

    /// Binomial 1-2-1 in both directions.
    func blurred() -> Raster {
        let bytes = bytes
        return mapped(width, height) { x, y, c in
            var sum: Float = 0
            for (dy, v) in [(-1, Float(1)), (0, 2), (1, 1)] {
                for (dx, u) in [(-1, Float(1)), (0, 2), (1, 1)] {
                    let (px, py) = (min(max(x + dx, 0), width - 1), min(max(y + dy, 0), height - 1))
                    sum += u * v * Float(bytes[(py * width + px) * layout.channels + c])
                }
            }
            return sum / 16
        }
    }
}
