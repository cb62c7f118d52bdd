import AntiAI
import CCloakKernels
import Testing

@Suite("Convolutions of a picture's planes against a plain reference")
struct StemTests {
    struct Shape: Sendable {
        var outputs, height, width, stride: Int
    }

    /// Rows of several parts, the last of them narrow; odd sides; a picture of one sample; channels that fill no block.
    static let shapes = [
        Shape(outputs: 20, height: 9, width: 130, stride: 1),
        Shape(outputs: 33, height: 14, width: 197, stride: 2),
        Shape(outputs: 3, height: 15, width: 96, stride: 2),
        Shape(outputs: 16, height: 7, width: 5, stride: 2),
        Shape(outputs: 40, height: 1, width: 1, stride: 1),
        Shape(outputs: 5, height: 1, width: 2, stride: 2),
    ]

    @Test(arguments: KernelLevel.supported, shapes)
    func forwardAndBackward(_ level: KernelLevel, _ s: Shape) throws {
        var dice = Dice(UInt64(s.outputs * 131 + s.width))
        let picture = Maps(3, s.height, s.width) { dice.unit() }
        let weights = (0..<s.outputs * 27).map { _ in dice.normal() / 5 }
        let bias = (0..<s.outputs).map { _ in dice.normal() }
        let (mul, add): (Float, Float) = (2, -0.7)
        var scaled = picture
        for index in scaled.values.indices { scaled.values[index] = scaled.values[index] * mul + add }
        let expected = scaled.convolved(weights, bias, kernel: 3, stride: s.stride, slope: 0.1)
        let gradient = Maps(s.outputs, expected.height, expected.width) { dice.normal() }
        var back = Maps(3, s.height, s.width)
        Maps.products(s.outputs, 3, 3, s.stride, s.height, s.width) { output, source, weight in
            back[source.0, source.1, source.2] += gradient[output.0, output.1, output.2] * weights[weight] * mul
        }

        let stem = try #require(
            fx_stem_new(level.rawValue, weights, bias, Int32(s.outputs), Int32(s.stride), mul, add))
        defer { fx_stem_free(stem) }
        let pool = TensorPool(level: level)
        let made = pool.take(.init(channels: s.outputs, height: expected.height, width: expected.width))
        let noted = pool.takeSigns(made.shape)
        let received = gradient.tensor(pool)
        var (to, arrived) = (made.raw, received.raw)
        fx_stem_forward(stem, picture.values, Int32(s.height), Int32(s.width), &to, 0.1, noted.words)
        var returned = Maps(3, s.height, s.width) { 7 }
        fx_stem_backward(stem, &arrived, &returned.values, Int32(s.height), Int32(s.width))
        let tolerance: Float = level == .bf16 ? 0.01 : 3e-6
        #expect(Maps(made, level).error(against: expected) < tolerance)
        #expect(Maps(made, level).agrees(with: noted))
        #expect(returned.error(against: back) < tolerance)
        withExtendedLifetime((made, received)) {}
    }
}
