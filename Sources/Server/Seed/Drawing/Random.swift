import Foundation

/// A repeatable stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014).
struct Random: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0 ≤ value < 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func range(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

    mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    mutating func pick<T>(_ values: [T]) -> T { values[Int(next() % UInt64(values.count))] }

    /// Normal distribution by the central limit of four uniform ones; near enough for drawing.
    mutating func normal(_ spread: Double = 1) -> Double {
        (unit() + unit() + unit() + unit() - 2) * 1.732 * spread
    }
}

/// Smooth noise: gradients on a lattice (Perlin 2002), summed over octaves.
struct Noise: Sendable {
    private static let directions = (0..<256).map { index -> (Double, Double) in
        let angle = Double(index) * (2 * .pi / 256)
        return (cos(angle), sin(angle))
    }

    private let table: [UInt8]

    init(_ random: inout Random) {
        var values = (0...255).map { UInt8($0) }
        values.shuffle(using: &random)
        table = values + values
    }

    /// About -1…1.
    func at(_ x: Double, _ y: Double) -> Double {
        let column = x.rounded(.down)
        let row = y.rounded(.down)
        let u = x - column
        let v = y - row
        let i = Int(column) & 255
        let j = Int(row) & 255
        func corner(_ di: Int, _ dj: Int) -> Double {
            let hash = Int(table[Int(table[(i + di) & 255]) + ((j + dj) & 255)])
            let direction = Self.directions[hash]
            return direction.0 * (u - Double(di)) + direction.1 * (v - Double(dj))
        }
        func fade(_ t: Double) -> Double { t * t * t * (t * (t * 6 - 15) + 10) }
        let top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * fade(u)
        let bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * fade(u)
        return (top + (bottom - top) * fade(v)) * 1.4
    }

    /// A square of fractal noise that repeats badly but is read fast: for textures over many layers.
    struct Tile: Sendable {
        static let side = 256
        private let values: [Float]

        init(_ noise: Noise, period: Double, octaves: Int) {
            values = (0..<(Self.side * Self.side)).map { index in
                Float(
                    noise.fractal(
                        Double(index % Self.side) / period, Double(index / Self.side) / period, octaves: octaves))
            }
        }

        /// Mirrored at its edges, so that no seam shows.
        func at(_ x: Int, _ y: Int) -> Float {
            func fold(_ value: Int) -> Int {
                let place = value & (2 * Self.side - 1)
                return place < Self.side ? place : 2 * Self.side - 1 - place
            }
            return values[fold(y) * Self.side + fold(x)]
        }
    }

    /// Several octaves, each half as large and twice as fine.
    func fractal(_ x: Double, _ y: Double, octaves: Int = 4) -> Double {
        var sum = 0.0
        var scale = 1.0
        var amplitude = 0.5
        for _ in 0..<octaves {
            sum += at(x * scale, y * scale) * amplitude
            scale *= 2.03
            amplitude *= 0.5
        }
        return sum
    }
}
