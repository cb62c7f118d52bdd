import Foundation
import Imaging

/// A point of a drawing, in pixels; y grows downwards.
struct Point: Hashable, Sendable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }

    static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
    static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
    static func * (a: Point, k: Double) -> Point { Point(a.x * k, a.y * k) }

    var length: Double { (x * x + y * y).squareRoot() }

    /// The point at that distance in that direction (radians).
    func moved(_ distance: Double, _ angle: Double) -> Point {
        Point(x + cos(angle) * distance, y + sin(angle) * distance)
    }

    static func mix(_ a: Point, _ b: Point, _ t: Double) -> Point { a + (b - a) * t }
}

/// A colour in linear light, 0…1, not premultiplied.
struct Ink: Hashable, Sendable {
    var red: Float
    var green: Float
    var blue: Float
    var alpha: Float = 1

    /// From sRGB as `0xRRGGBB`.
    init(_ hex: UInt32, _ alpha: Double = 1) {
        red = Ink.linear(Double((hex >> 16) & 255) / 255)
        green = Ink.linear(Double((hex >> 8) & 255) / 255)
        blue = Ink.linear(Double(hex & 255) / 255)
        self.alpha = Float(alpha)
    }

    init(red: Float, green: Float, blue: Float, alpha: Float = 1) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    func faded(_ alpha: Double) -> Ink {
        var ink = self
        ink.alpha = Float(alpha)
        return ink
    }

    /// Mixed as the eye sees it: in the square root of light.
    func mixed(_ other: Ink, _ t: Double) -> Ink {
        let t = Float(min(max(t, 0), 1))
        func mix(_ a: Float, _ b: Float) -> Float {
            let root = a.squareRoot() + (b.squareRoot() - a.squareRoot()) * t
            return root * root
        }
        return Ink(
            red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue),
            alpha: alpha + (other.alpha - alpha) * t)
    }

    func lighter(_ t: Double) -> Ink { mixed(Ink(0xFFFFFF, Double(alpha)), t) }
    func darker(_ t: Double) -> Ink { mixed(Ink(0x000000, Double(alpha)), t) }

    private static func linear(_ value: Double) -> Float {
        Float(value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4))
    }
}

/// Pixels in linear light, painted with anti-aliased shapes.
struct Canvas {
    let width: Int
    let height: Int
    /// Red, green, blue of each pixel.
    private(set) var pixels: [Float]

    init(_ width: Int, _ height: Int, _ ground: Ink) {
        self.width = width
        self.height = height
        pixels = [Float](repeating: 0, count: width * height * 3)
        for index in 0..<(width * height) {
            pixels[index * 3] = ground.red
            pixels[index * 3 + 1] = ground.green
            pixels[index * 3 + 2] = ground.blue
        }
    }

    var size: Point { Point(Double(width), Double(height)) }

    /// Lays ink over one pixel.
    mutating func blend(_ x: Int, _ y: Int, _ ink: Ink, _ coverage: Float = 1) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let alpha = min(max(ink.alpha * coverage, 0), 1)
        let base = (y * width + x) * 3
        pixels[base] += (ink.red - pixels[base]) * alpha
        pixels[base + 1] += (ink.green - pixels[base + 1]) * alpha
        pixels[base + 2] += (ink.blue - pixels[base + 2]) * alpha
    }

    /// Adds light.
    mutating func glow(_ x: Int, _ y: Int, _ ink: Ink, _ amount: Float) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let base = (y * width + x) * 3
        pixels[base] += ink.red * amount
        pixels[base + 1] += ink.green * amount
        pixels[base + 2] += ink.blue * amount
    }

    /// Ink through a layer of glaze: multiplies.
    mutating func glaze(_ x: Int, _ y: Int, _ ink: Ink, _ amount: Float) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let base = (y * width + x) * 3
        let amount = min(max(amount, 0), 1)
        pixels[base] *= 1 + (ink.red - 1) * amount
        pixels[base + 1] *= 1 + (ink.green - 1) * amount
        pixels[base + 2] *= 1 + (ink.blue - 1) * amount
    }

    func ink(_ x: Int, _ y: Int) -> Ink {
        let base = (min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)) * 3
        return Ink(red: pixels[base], green: pixels[base + 1], blue: pixels[base + 2])
    }

    /// Sets every pixel by a function of its place.
    mutating func paint(_ color: (_ x: Double, _ y: Double) -> Ink) {
        for y in 0..<height {
            for x in 0..<width { blend(x, y, color(Double(x) + 0.5, Double(y) + 0.5)) }
        }
    }

    /// A vertical gradient over stops from top (0) to bottom (1).
    mutating func gradient(_ stops: [(at: Double, ink: Ink)]) {
        for y in 0..<height {
            let ink = Canvas.ramp(stops, (Double(y) + 0.5) / Double(height))
            for x in 0..<width { blend(x, y, ink) }
        }
    }

    static func ramp(_ stops: [(at: Double, ink: Ink)], _ t: Double) -> Ink {
        guard var before = stops.first else { return Ink(0) }
        for stop in stops {
            if stop.at >= t {
                let span = stop.at - before.at
                return span <= 0 ? stop.ink : before.ink.mixed(stop.ink, (t - before.at) / span)
            }
            before = stop
        }
        return before.ink
    }

    /// The picture in sRGB with a little dither, so that smooth skies show no bands.
    func raster(_ random: inout Random) -> Raster {
        var samples = [UInt8](repeating: 0, count: pixels.count)
        for index in pixels.indices {
            let value = min(max(pixels[index], 0), 1)
            let encoded = value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055
            samples[index] = UInt8(min(max(encoded * 255 + Float(random.unit()), 0), 255))
        }
        return Raster(width: width, height: height, layout: .rgb, samples: .u8(samples))
    }
}
