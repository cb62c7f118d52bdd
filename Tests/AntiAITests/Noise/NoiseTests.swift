import AntiAI
import Core
import Imaging
import Testing

struct NoiseTests {
    @Test func sameSeedSameNoiseOtherSeedOtherNoise() {
        let picture = Drawing.painting(150, 140)
        let seed = Noise.seed(for: MarkID(rawValue: 1))
        let first = Noise.residual(for: picture, seed: seed)
        #expect(first == Noise.residual(for: picture, seed: seed))
        let other = Noise.residual(for: picture, seed: Noise.seed(for: MarkID(rawValue: 2)))
        let product = zip(first.values, other.values).reduce(0.0) { $0 + Double($1.0 * $1.1) }
        #expect(abs(product / Double(first.values.count)) < 0.1)
    }

    @Test func hasUnitPower() {
        let noise = Noise.residual(for: Drawing.painting(200, 180), seed: 7)
        let power = noise.values.reduce(0.0) { $0 + Double($1 * $1) } / Double(noise.values.count)
        #expect(abs(power - 1) < 0.001)
    }

    @Test(arguments: [(1, 1), (1, 300), (300, 1), (5, 4)])
    func flatAndTinyPicturesGetNone(_ width: Int, _ height: Int) {
        let flat = Raster(
            width: width, height: height, layout: .gray, samples: .u8([UInt8](repeating: 90, count: width * height)))
        #expect(Noise.residual(for: flat, seed: 1).values.allSatisfy { $0 == 0 })
    }

    @Test func flatAreasStayClean() {
        let picture = Drawing.gray(120, 60) { x, y in x < 60 ? 128 : Float((x * 37 + y * 91) % 97) + 80 }
        let noise = Noise.residual(for: picture, seed: 3)
        for y in 0..<60 { for x in 0..<48 { #expect(abs(noise.values[y * 120 + x]) < 0.001) } }
    }

    /// Bands are an implementation matter: the rows at their border must not look different from others.
    @Test func bandsFitTogether() {
        let tall = Drawing.gray(64, 600) { x, y in Float((x * 37 + y * 91 + x * y) % 101) + 60 }
        let noise = Noise.residual(for: tall, seed: 5)
        func power(_ row: Int) -> Float {
            (0..<64).reduce(0) { $0 + noise.values[row * 64 + $1] * noise.values[row * 64 + $1] }
        }
        let usual = (100..<200).map(power).reduce(0, +) / 100
        let border = (248..<264).map(power).reduce(0, +) / 16
        #expect(border > usual * 0.6 && border < usual * 1.6)
    }
}
