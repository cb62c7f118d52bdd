/// White noise that is a function of the place alone, so that bands of a picture fit together.
struct RandomField {
    let seed: UInt64
    let width: Int

    /// Fills a row with values of mean 0 and variance 1, nearly normal: the sum of four uniform ones.
    func fill(row: Int, _ target: UnsafeMutablePointer<Float>) {
        let base = seed &+ UInt64(row) &* UInt64(width) &* Self.step
        for x in 0..<width {
            let bits = Self.mix(base &+ UInt64(x) &* Self.step)
            let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
            target[x] = (Float(sum) - 131_070) * Self.scale
        }
    }

    /// Four uniform words of 16 bits have a variance of 4 · (2³² − 1) / 12.
    private static let scale = Float(1 / (4 * 4_294_967_295.0 / 12).squareRoot())
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The output function of SplitMix64 (Steele, Lea, Flood 2014).
    @inline(__always)
    private static func mix(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
