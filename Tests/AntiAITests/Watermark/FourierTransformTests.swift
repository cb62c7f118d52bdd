import AntiAI
import Foundation
import Testing

@Suite("Fourier transform")
struct FourierTransformTests {
    @Test(arguments: [8, 32, 64])
    func agreesWithTheDefinition(_ side: Int) {
        var dice = Dice(UInt64(side))
        var square = ComplexSquare(side: side)
        for index in 0..<side * side { (square.re[index], square.im[index]) = (dice.normal(), dice.normal()) }
        let input = square
        square.transform(FourierTransform(count: side))
        for (ky, kx) in [(0, 0), (1, 0), (0, 3), (side - 1, 5), (side / 2, side / 2 - 1)] {
            var (re, im) = (0.0, 0.0)
            for y in 0..<side {
                for x in 0..<side {
                    let angle = -2 * Double.pi * Double(ky * y + kx * x) / Double(side)
                    let (a, b) = (Double(input.re[y * side + x]), Double(input.im[y * side + x]))
                    re += a * cos(angle) - b * sin(angle)
                    im += a * sin(angle) + b * cos(angle)
                }
            }
            #expect(abs(re - Double(square.re[ky * side + kx])) < 1e-3 * Double(side))
            #expect(abs(im - Double(square.im[ky * side + kx])) < 1e-3 * Double(side))
        }
    }

    @Test func theInverseGivesTheInputBack() {
        var dice = Dice(1)
        var square = ComplexSquare(side: 128)
        for index in 0..<128 * 128 { square.re[index] = dice.normal() }
        let input = square.re
        let fft = FourierTransform(count: 128)
        square.transform(fft)
        square.transform(fft, inverse: true)
        let worst = zip(input, square.re).map { abs($0 - $1 / (128 * 128)) }.max() ?? 1
        #expect(worst < 1e-5)
    }
}
