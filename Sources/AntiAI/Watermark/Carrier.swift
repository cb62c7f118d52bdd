import Core
import Foundation

/// Where a key hides its bits: points of the spectrum of a 128 × 128 tile, and what each of them carries.
package struct Carrier: Sendable {
    static let tile = 128
    /// The ring of the tile's spectrum that is used, in cycles per canonical pixel.
    static let lowest = 0.045
    static let highest = 0.26
    /// The pilot's share of the power.
    static let pilotShare: Float = 0.2
    /// Bands in which the channel is estimated, and how many pilot tones lie in each.
    static let bandEdges = [0, 0.09, 0.13, 0.17, 0.20, 0.30]
    static let pilotsPerBand = [4, 6, 8, 8, 6]
    static let pilotRange = 0.06..<0.22

    /// A point of the half plane, in cycles per tile.
    package struct Point: Sendable {
        package var y: Int
        package var x: Int
        var radius: Double { (Double(y * y + x * x)).squareRoot() / Double(Carrier.tile) }
        var band: Int { Carrier.bandEdges.lastIndex { $0 <= radius } ?? 0 }
    }

    package let pilots: [Point]
    /// Unit vectors of the pilots' phases.
    package let pilotCos: [Float]
    package let pilotSin: [Float]
    package let points: [Point]
    let bands: [Int]
    /// Amplitude of each point, mean square 1; rises with the frequency because the eye forgives it there.
    let shape: [Float]
    /// The code bit that the real and the imaginary part of each point carry, and with which sign.
    package let bit: [Int32]
    package let sign: [Float]

    package init(key: WatermarkKey) {
        let half = Carrier.tile / 2
        var ring: [Point] = []
        for y in 0..<half {
            for x in -half..<half where y > 0 || x > 0 {
                let point = Point(y: y, x: x)
                if (Carrier.lowest...Carrier.highest).contains(point.radius) { ring.append(point) }
            }
        }
        var stream = KeyedStream(key, purpose: "carrier points")
        stream.shuffle(&ring)
        var room = Carrier.pilotsPerBand
        var pilots: [Point] = []
        var points: [Point] = []
        for point in ring {
            if Carrier.pilotRange.contains(point.radius), room[point.band] > 0 {
                room[point.band] -= 1
                pilots.append(point)
            } else {
                points.append(point)
            }
        }
        stream = KeyedStream(key, purpose: "pilot phases")
        let phases = pilots.map { _ in 2 * Double.pi * stream.unit() }
        self.pilots = pilots
        pilotCos = phases.map { Float(cos($0)) }
        pilotSin = phases.map { Float(sin($0)) }
        self.points = points
        bands = points.map(\.band)

        let raw = points.map { point in
            point.radius.squareRoot() * min(max((point.radius - Carrier.lowest) / 0.02 + 0.5, 0.05), 1)
        }
        let norm = (raw.reduce(0) { $0 + $1 * $1 } / Double(raw.count)).squareRoot()
        shape = raw.map { Float($0 / norm) }

        // Each code bit gets its fair share of every frequency: from the lowest up, block by block, a permutation of all.
        stream = KeyedStream(key, purpose: "interleaver")
        let rising = points.indices.sorted { (points[$0].radius, $0) < (points[$1].radius, $1) }
        var slots = [Int32](repeating: 0, count: 2 * points.count)
        var block: [Int32] = []
        for index in rising {
            for part in 0...1 {
                if block.isEmpty {
                    block = (0..<Int32(ErrorCorrection.codeBits)).map { $0 }
                    stream.shuffle(&block)
                }
                slots[2 * index + part] = block.removeLast()
            }
        }
        bit = slots
        stream = KeyedStream(key, purpose: "signs")
        sign = slots.map { _ in stream.sign() }
    }

    /// One period of the mark, variance 1.
    package func pattern(for payload: MarkID) -> [Float] {
        let side = Carrier.tile
        let word = ErrorCorrection.encode(Scrambling.scramble(payload))
        var spectrum = ComplexSquare(side: side)
        let amplitude = ((1 - Carrier.pilotShare) / Float(points.count)).squareRoot()
        for (index, point) in points.enumerated() {
            let at = (point.y & (side - 1)) * side + (point.x & (side - 1))
            spectrum.re[at] = word[Int(bit[2 * index])] * sign[2 * index] * shape[index] * amplitude
            spectrum.im[at] = word[Int(bit[2 * index + 1])] * sign[2 * index + 1] * shape[index] * amplitude
        }
        let pilotAmplitude = (Carrier.pilotShare * 2 / Float(pilots.count)).squareRoot()
        for (index, point) in pilots.enumerated() {
            let at = (point.y & (side - 1)) * side + (point.x & (side - 1))
            spectrum.re[at] = pilotCos[index] * pilotAmplitude
            spectrum.im[at] = pilotSin[index] * pilotAmplitude
        }
        spectrum.transform(FourierTransform.tile, inverse: true)
        return spectrum.re
    }
}

extension FourierTransform {
    /// For a tile of the carrier.
    static let tile = FourierTransform(count: Carrier.tile)
}
