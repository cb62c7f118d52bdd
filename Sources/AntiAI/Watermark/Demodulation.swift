import Foundation

/// One of the eight ways to lay a square on itself, as a matrix of −1, 0 and 1: picture axes from canonical axes.
struct SquareSymmetry: Hashable {
    let xx: Int
    let xy: Int
    let yx: Int
    let yy: Int

    static let identity = SquareSymmetry(xx: 1, xy: 0, yx: 0, yy: 1)
    static let half = SquareSymmetry(xx: -1, xy: 0, yx: 0, yy: -1)
    /// Identity first, then half a turn, mirror images, quarter turns.
    static let all = [
        identity, half,
        SquareSymmetry(xx: -1, xy: 0, yx: 0, yy: 1), SquareSymmetry(xx: 1, xy: 0, yx: 0, yy: -1),
        SquareSymmetry(xx: 0, xy: -1, yx: 1, yy: 0), SquareSymmetry(xx: 0, xy: 1, yx: -1, yy: 0),
        SquareSymmetry(xx: 0, xy: 1, yx: 1, yy: 0), SquareSymmetry(xx: 0, xy: -1, yx: -1, yy: 0),
    ]

    /// Where the picture has the frequency that is `point` on the canonical plane.
    func index(of point: Carrier.Point) -> Int {
        let mask = Carrier.tile - 1
        return ((yx * point.x + yy * point.y) & mask) * Carrier.tile + ((xx * point.x + xy * point.y) & mask)
    }
}

/// A fold in one orientation, with the tile's place found by the pilot.
struct Alignment {
    let orientation: SquareSymmetry
    /// Canonical position, modulo the tile, of the grid's point (0, 0).
    let x: Double
    let y: Double
    /// How many of the pilot's tones agree, 0…1.
    let strength: Float
}

/// What a fold says of each code bit: positive for a zero, in no particular unit.
struct SoftBits {
    var values: [Float]
    /// Mean square of the values over what carriers of random signs would add up to: 1 where there is no mark, about
    /// 1.35 for the faintest that may be reported. It depends on no sign, so the decision stays what it is.
    var coherence: Float

    /// Whether decoding is worth its time.
    var isPromising: Bool { coherence > 1.1 }
}

extension TileFold {
    /// Phase correlation with the pilot: the place of the tile to 1/8 pixel.
    func align(_ carrier: Carrier, _ orientation: SquareSymmetry) -> Alignment {
        let side = Carrier.tile
        var correlation = ComplexSquare(side: side)
        var tones: [(point: Carrier.Point, re: Float, im: Float)] = []
        for (index, point) in carrier.pilots.enumerated() {
            let at = orientation.index(of: point)
            let (re, im) = (spectrum.re[at], spectrum.im[at])
            let size = max((re * re + im * im).squareRoot(), 1e-12)
            let (c, s) = (carrier.pilotCos[index], carrier.pilotSin[index])
            let tone = (point, (re * c + im * s) / size, (im * c - re * s) / size)
            tones.append(tone)
            let to = (point.y & (side - 1)) * side + (point.x & (side - 1))
            correlation.re[to] = tone.1
            correlation.im[to] = tone.2
        }
        // The tone of a tile that stands at d turns by e^(2πi k·d): the forward transform peaks at d.
        correlation.transform(.tile)
        var peak = 0
        for index in 1..<side * side where correlation.re[index] > correlation.re[peak] { peak = index }
        var (bestX, bestY) = (Double(peak % side), Double(peak / side))
        var best = -Float.infinity
        let (startX, startY) = (bestX, bestY)
        for stepY in -4...4 {
            for stepX in -4...4 {
                let (x, y) = (startX + Double(stepX) / 8, startY + Double(stepY) / 8)
                var sum: Float = 0
                for tone in tones {
                    let turn = Float(
                        2 * Double.pi / Double(side) * (Double(tone.point.x) * x + Double(tone.point.y) * y))
                    sum += tone.re * cosf(turn) + tone.im * sinf(turn)
                }
                if sum > best { (best, bestX, bestY) = (sum, x, y) }
            }
        }
        return Alignment(orientation: orientation, x: bestX, y: bestY, strength: best / Float(tones.count))
    }

    /// Soft values of the code bits, > 0 for a zero: every carrier counts by what the pilot says of its band.
    func soft(_ carrier: Carrier, _ alignment: Alignment) -> SoftBits {
        let side = Carrier.tile
        // e^(−2πi j x / side) for j of either sign, by axis.
        func turns(_ distance: Double) -> [(c: Float, s: Float)] {
            (-side / 2..<side / 2).map { j in
                let angle = -2 * Double.pi / Double(side) * Double(j) * distance
                return (Float(cos(angle)), Float(sin(angle)))
            }
        }
        let (across, down) = (turns(alignment.x), turns(alignment.y))
        func value(_ point: Carrier.Point) -> (re: Float, im: Float) {
            let at = alignment.orientation.index(of: point)
            let (a, b) = (across[point.x + side / 2], down[point.y + side / 2])
            let (c, s) = (a.c * b.c - a.s * b.s, a.c * b.s + a.s * b.c)
            let (re, im) = (spectrum.re[at], spectrum.im[at])
            return (re * c - im * s, re * s + im * c)
        }
        let bandCount = Carrier.bandEdges.count - 1
        var pilot = [Float](repeating: 0, count: bandCount)
        var tones = [Float](repeating: 1e-9, count: bandCount)
        for (index, point) in carrier.pilots.enumerated() {
            let v = value(point)
            pilot[point.band] += v.re * carrier.pilotCos[index] + v.im * carrier.pilotSin[index]
            tones[point.band] += 1
        }
        // Every carrier counts by its amplitude, as the pilot says of its band, over the noise at its place.
        var square: Float = 0
        var parts = [Float](repeating: 0, count: 2 * carrier.points.count)
        for (index, point) in carrier.points.enumerated() {
            let v = value(point)
            let band = carrier.bands[index]
            let noise = noise[alignment.orientation.index(of: point)]
            let amplitude = max(pilot[band] / tones[band], 0) + 1e-3 * noise.squareRoot()
            let weight = amplitude * carrier.shape[index] / noise
            parts[2 * index] = v.re * weight * carrier.sign[2 * index]
            parts[2 * index + 1] = v.im * weight * carrier.sign[2 * index + 1]
            square += parts[2 * index] * parts[2 * index] + parts[2 * index + 1] * parts[2 * index + 1]
        }
        let limit = 2 * (square / Float(parts.count)).squareRoot()
        var (total, together): (Float, Float) = (1e-30, 0)
        var soft = [Float](repeating: 0, count: ErrorCorrection.codeBits)
        for (index, part) in parts.enumerated() {
            let clipped = min(max(part, -limit), limit)
            soft[Int(carrier.bit[index])] += clipped
            total += clipped * clipped
        }
        for value in soft { together += value * value }
        return SoftBits(values: soft, coherence: together / total)
    }
}
