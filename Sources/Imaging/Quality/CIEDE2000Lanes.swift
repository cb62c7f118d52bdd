import Foundation

/// ΔE2000 of eight colours at a time in single precision, for whole pictures; within 0.002 of `difference` (tested).
///
/// Differences of chroma and hue are taken from those of a and b, so that near colours lose nothing to cancellation, and no angle is
/// taken but the distance from 275°.
extension CIEDE2000 {
    package struct LabLanes {
        let l: Lanes
        let a: Lanes
        let b: Lanes

        package init(l: Lanes, a: Lanes, b: Lanes) {
            self.l = l
            self.a = a
            self.b = b
        }
    }

    package static func difference(_ first: LabLanes, _ second: LabLanes) -> Lanes {
        let chroma = root(first.a * first.a + first.b * first.b) + root(second.a * second.a + second.b * second.b)
        let g = 1.5 - 0.5 * saturation(chroma * 0.5)
        let a1 = first.a * g
        let b1 = first.b
        let a2 = second.a * g
        let b2 = second.b
        let (byA, byB) = ((second.a - first.a) * g, b2 - b1)
        let c1 = root(a1 * a1 + b1 * b1)
        let c2 = root(a2 * a2 + b2 * b2)
        let sum = c1 + c2
        let meanC = sum * 0.5

        // 2 √(C₁C₂) sin(Δh / 2): where hues are near, from what lies across.
        let product = c1 * c2
        let along = a1 * a2 + b1 * b2
        let across = a1 * byB - b1 * byA
        let near = across * across / (product + along).replacing(with: 1, where: along .<= 0)
        let turned = root(2 * (product - along).replacing(with: near, where: along .> 0))
        let deltaH = turned.replacing(with: -turned, where: across .< 0)
        let deltaC = (byA * (a1 + a2) + byB * (b1 + b2)) / (sum + tiny)

        // The mean hue is the bisector of the two; a colour without chroma has no say in it.
        let (inverse1, inverse2) = (1 / (c1 + tiny), 1 / (c2 + tiny))
        var cosine = a1 * inverse1 + a2 * inverse2
        var sine = b1 * inverse1 + b2 * inverse2
        let length = root(cosine * cosine + sine * sine)
        cosine = (cosine / (length + tiny)).replacing(with: 1, where: length .< tiny)
        sine = sine / (length + tiny)

        let cosine2 = cosine * cosine - sine * sine
        let sine2 = 2 * sine * cosine
        let cosine3 = cosine2 * cosine - sine2 * sine
        let sine3 = sine2 * cosine + cosine2 * sine
        let cosine4 = cosine2 * cosine2 - sine2 * sine2
        let sine4 = 2 * sine2 * cosine2
        var t = 1 - (cosine * turn30.cosine + sine * turn30.sine) * 0.17
        t += cosine2 * 0.24
        t += (cosine3 * turn6.cosine - sine3 * turn6.sine) * 0.32
        t -= (cosine4 * turn63.cosine + sine4 * turn63.sine) * 0.20

        let offset = (first.l + second.l) * 0.5 - 50
        let lightness = offset * offset
        let l = (second.l - first.l) / (1 + 0.015 * lightness / root(20 + lightness))
        let c = deltaC / (1 + 0.045 * meanC)
        let h = deltaH / (1 + 0.015 * meanC * t)
        let squared = l * l + c * c + h * h + blueRotation(cosine, sine, meanC) * c * h
        var result = root(squared.replacing(with: 0, where: squared .< 0))
        // Opposite hues: the mean of the two angles is another than the bisector, which is nowhere.
        let opposite = (length .< 0.02) .& (c1 .> 0) .& (c2 .> 0)
        if any(opposite) {
            for lane in 0..<Lanes.scalarCount where opposite[lane] {
                result[lane] = Float(difference(first.color(lane), second.color(lane)))
            }
        }
        return result
    }

    private static let tiny: Float = 1e-20
    private static let turn30 = turn(30)
    private static let turn6 = turn(6)
    private static let turn63 = turn(63)
    private static let turn275 = turn(275)

    private static func turn(_ degrees: Double) -> (cosine: Float, sine: Float) {
        (Float(cos(degrees * .pi / 180)), Float(sin(degrees * .pi / 180)))
    }

    @inline(__always)
    private static func root(_ value: Lanes) -> Lanes { value.squareRoot() }

    /// √(C⁷ / (C⁷ + 25⁷)).
    @inline(__always)
    private static func saturation(_ chroma: Lanes) -> Lanes {
        let square = chroma * chroma
        let seventh = square * square * square * chroma
        return root(seventh / (seventh + 6.103515625e9))
    }

    /// The interaction of chroma and hue in the blue, from the hue's distance from 275°.
    @inline(__always)
    private static func blueRotation(_ hueCosine: Lanes, _ hueSine: Lanes, _ meanC: Lanes) -> Lanes {
        let near = hueCosine * turn275.cosine + hueSine * turn275.sine
        let far = near .< -0.17
        let across = hueSine * turn275.cosine - hueCosine * turn275.sine
        let half = across / (1 + near).replacing(with: 1, where: far)
        // Twice the arc tangent of the half angle's tangent, which is 1.2 at most.
        let degrees = arcTangent(half) * Float(360 / Double.pi)
        let parts = degrees * (1 / 25 as Float)
        let angle = bell(parts * parts) * Float(Double.pi / 3)
        let square = angle * angle
        var sine = 1 - square * (1 / 42 as Float)
        sine = 1 - square * (1 / 20 as Float) * sine
        sine = 1 - square * (1 / 6 as Float) * sine
        let rotation = angle * sine
        return (-2 * rotation * saturation(meanC)).replacing(with: 0, where: far)
    }

    /// atan x for |x| up to 1.25, to 3·10⁻⁵: that of x / 2 about, by atan x = 2 atan(x / (1 + √(1 + x²))).
    @inline(__always)
    private static func arcTangent(_ x: Lanes) -> Lanes {
        let half = x / (1 + root(1 + x * x))
        let square = half * half
        var sum = (1 / 7 as Float) - square * (1 / 9 as Float)
        sum = (1 / 5 as Float) - square * sum
        sum = (1 / 3 as Float) - square * sum
        return 2 * half * (1 - square * sum)
    }

    /// e⁻ˣ for x in 0…17: the sixteenth power of that of x / 16.
    @inline(__always)
    private static func bell(_ x: Lanes) -> Lanes {
        let part = x * (1 / 16 as Float)
        var power = Lanes(repeating: 1)
        for divisor in [1 / 6, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 1] as [Float] { power = 1 - part * divisor * power }
        for _ in 0..<4 { power *= power }
        return power
    }
}

extension CIEDE2000.LabLanes {
    init(_ rows: RowStore, _ row: Int, _ x: Int) {
        self.init(l: Lanes(rows[row], x), a: Lanes(rows[row + 1], x), b: Lanes(rows[row + 2], x))
    }

    func color(_ lane: Int) -> SIMD3<Double> { SIMD3(Double(l[lane]), Double(a[lane]), Double(b[lane])) }
}
