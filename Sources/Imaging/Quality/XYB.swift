/// The XYB colour space of JPEG XL (ISO/IEC 18181-1), shifted to positive values as SSIMULACRA2 does.
enum XYB {
    private static let m00: Float = 0.30
    private static let m02: Float = 0.078
    private static let m01: Float = 1 - m00 - m02
    private static let m10: Float = 0.23
    private static let m12: Float = 0.078
    private static let m11: Float = 1 - m10 - m12
    private static let m20: Float = 0.243_422_689_245_478_19
    private static let m21: Float = 0.204_767_444_244_968_21
    private static let m22: Float = 1 - m20 - m21
    private static let bias: Float = 0.003_793_073_255_275_449_3
    private static let biasRoot: Float = 0.155_954_200_549_248_63

    /// Cube root of positive numbers: a guess from the exponent, then two steps of Halley's method.
    @inline(__always)
    static func cubeRoot(_ value: Lanes) -> Lanes {
        var bits = unsafeBitCast(value, to: SIMD8<UInt32>.self)
        bits = (bits &>> 2) &+ (bits &>> 4)
        bits = bits &+ (bits &>> 4)
        bits = bits &+ (bits &>> 8)
        bits = bits &+ 0x2A51_37A0
        var root = unsafeBitCast(bits, to: Lanes.self)
        for _ in 0..<2 {
            let cube = root * root * root
            root = root * (cube + value + value) / (cube + cube + value)
        }
        return root
    }

    /// Turns rows of linear red, green and blue into X, Y and B − Y in place, in whole lanes.
    static func convert(
        _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
        _ third: UnsafeMutablePointer<Float>, width: Int
    ) {
        var x = 0
        while x < width {
            let red = Lanes(first, x)
            let green = Lanes(second, x)
            let blue = Lanes(third, x)
            let long = cubeRoot(red * m00 + green * m01 + blue * m02 + bias) - biasRoot
            let medium = cubeRoot(red * m10 + green * m11 + blue * m12 + bias) - biasRoot
            let short = cubeRoot(red * m20 + green * m21 + blue * m22 + bias) - biasRoot
            let y = (long + medium) * 0.5
            ((long - medium) * 7 + 0.42).store(first, x)
            (y + 0.01).store(second, x)
            (short - y + 0.55).store(third, x)
            x += 8
        }
    }
}
