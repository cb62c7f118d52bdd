import Foundation

/// The colour difference ΔE2000 (CIE 142-2001; formulas as in Sharma, Wu, Dalal, "The CIEDE2000 color-difference
/// formula", 2005), with all weights 1.
public enum CIEDE2000 {
    /// The difference of two colours in CIELAB (L 0…100, a, b).
    public static func difference(_ first: SIMD3<Double>, _ second: SIMD3<Double>) -> Double {
        let meanChroma =
            ((first.y * first.y + first.z * first.z).squareRoot()
                + (second.y * second.y + second.z * second.z).squareRoot()) / 2
        let g = 0.5 * (1 - saturation(meanChroma))
        let a1 = (1 + g) * first.y
        let a2 = (1 + g) * second.y
        let b1 = first.z
        let b2 = second.z
        let c1 = (a1 * a1 + b1 * b1).squareRoot()
        let c2 = (a2 * a2 + b2 * b2).squareRoot()
        let meanC = (c1 + c2) / 2

        // 2 √(C₁C₂) sin(Δh / 2), without its angle.
        let turned = max(0, 2 * (c1 * c2 - a1 * a2 - b1 * b2)).squareRoot()
        let deltaH = a1 * b2 - a2 * b1 < 0 ? -turned : turned

        // The mean hue is the bisector of the two; a colour without chroma has no say in it.
        var cosine = (c1 > 0 ? a1 / c1 : 0) + (c2 > 0 ? a2 / c2 : 0)
        var sine = (c1 > 0 ? b1 / c1 : 0) + (c2 > 0 ? b2 / c2 : 0)
        let length = (cosine * cosine + sine * sine).squareRoot()
        if length > 1e-12 {
            cosine /= length
            sine /= length
        } else if c1 > 0 {
            // Opposite hues: the mean of the two angles as the definition takes it.
            let angle = (positive(atan2(b1, a1)) + positive(atan2(b2, a2))) / 2
            cosine = cos(angle)
            sine = sin(angle)
        } else {
            cosine = 1
            sine = 0
        }
        let cosine2 = cosine * cosine - sine * sine
        let sine2 = 2 * sine * cosine
        let cosine3 = cosine2 * cosine - sine2 * sine
        let sine3 = sine2 * cosine + cosine2 * sine
        let cosine4 = cosine2 * cosine2 - sine2 * sine2
        let sine4 = 2 * sine2 * cosine2
        let t =
            1 - 0.17 * (cosine * cosine30 + sine * sine30) + 0.24 * cosine2
            + 0.32 * (cosine3 * cosine6 - sine3 * sine6) - 0.20 * (cosine4 * cosine63 + sine4 * sine63)

        let lightness = ((first.x + second.x) / 2 - 50) * ((first.x + second.x) / 2 - 50)
        let l = (second.x - first.x) / (1 + 0.015 * lightness / (20 + lightness).squareRoot())
        let c = (c2 - c1) / (1 + 0.045 * meanC)
        let h = deltaH / (1 + 0.015 * meanC * t)
        return max(0, l * l + c * c + h * h + blueRotation(cosine, sine, meanC) * c * h).squareRoot()
    }

    private static let cosine30 = cos(30 * Double.pi / 180)
    private static let sine30 = sin(30 * Double.pi / 180)
    private static let cosine6 = cos(6 * Double.pi / 180)
    private static let sine6 = sin(6 * Double.pi / 180)
    private static let cosine63 = cos(63 * Double.pi / 180)
    private static let sine63 = sin(63 * Double.pi / 180)

    /// √(C⁷ / (C⁷ + 25⁷)).
    @inline(__always)
    private static func saturation(_ chroma: Double) -> Double {
        let square = chroma * chroma
        let seventh = square * square * square * chroma
        return (seventh / (seventh + 6_103_515_625)).squareRoot()
    }

    /// The interaction of chroma and hue in the blue; more than 100° away from 275° it is below 10⁻⁷.
    @inline(__always)
    private static func blueRotation(_ cosine: Double, _ sine: Double, _ meanC: Double) -> Double {
        if cosine * 0.087_155_742_747_658_17 - sine * 0.996_194_698_091_745_5 < -0.17 { return 0 }
        let turn = (positive(atan2(sine, cosine)) * 180 / .pi - 275) / 25
        return -sin(60 * exp(-turn * turn) * .pi / 180) * 2 * saturation(meanC)
    }

    private static func positive(_ angle: Double) -> Double { angle < 0 ? angle + 2 * .pi : angle }

    /// Turns rows of linear red, green and blue into CIELAB in place, in whole lanes.
    static func convert(
        _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
        _ third: UnsafeMutablePointer<Float>, width: Int
    ) {
        @inline(__always)
        func bend(_ value: Lanes) -> Lanes {
            let straight = (value * Float(24389.0 / 27) + 16) / 116
            return straight.replacing(with: XYB.cubeRoot(value), where: value .> Float(216.0 / 24389))
        }
        var x = 0
        while x < width {
            let red = Lanes(first, x)
            let green = Lanes(second, x)
            let blue = Lanes(third, x)
            let bentX = bend((red * 0.4124564 + green * 0.3575761 + blue * 0.1804375) / 0.95047)
            let bentY = bend(red * 0.2126729 + green * 0.7151522 + blue * 0.0721750)
            let bentZ = bend((red * 0.0193339 + green * 0.1191920 + blue * 0.9503041) / 1.08883)
            (bentY * 116 - 16).store(first, x)
            ((bentX - bentY) * 500).store(second, x)
            ((bentY - bentZ) * 200).store(third, x)
            x += 8
        }
    }

    /// Largest and mean difference of two pictures in linear light.
    static func compare(_ first: any LinearRows, _ second: any LinearRows) -> (worst: Double, mean: Double) {
        let width = first.width
        let rows = RowStore(width: width, rows: 6)
        var worst: Float = 0
        var total = 0.0
        for y in 0..<first.height {
            first.read(row: y, rows[0], rows[1], rows[2])
            second.read(row: y, rows[3], rows[4], rows[5])
            convert(rows[0], rows[1], rows[2], width: width)
            convert(rows[3], rows[4], rows[5], width: width)
            for x in stride(from: 0, to: width, by: Lanes.scalarCount) {
                let differences = difference(LabLanes(rows, 0, x), LabLanes(rows, 3, x))
                for lane in 0..<min(Lanes.scalarCount, width - x) {
                    worst = max(worst, differences[lane])
                    total += Double(differences[lane])
                }
            }
        }
        return (Double(worst), total / Double(width * first.height))
    }
}
