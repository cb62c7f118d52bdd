import AntiAI
import CCloakKernels
import Testing

@Suite("Depthwise convolutions against a plain reference")
struct DepthwiseTests {
    struct Shape: Sendable {
        var channels, height, width, kernel, stride: Int
    }

    /// Odd sides, sides below the filter's, channels that fill no block, rows narrower and wider than a run.
    static let shapes = [
        Shape(channels: 20, height: 13, width: 17, kernel: 3, stride: 1),
        Shape(channels: 33, height: 14, width: 34, kernel: 3, stride: 2),
        Shape(channels: 16, height: 11, width: 23, kernel: 5, stride: 1),
        Shape(channels: 40, height: 12, width: 30, kernel: 5, stride: 2),
        Shape(channels: 5, height: 9, width: 7, kernel: 5, stride: 2),
        Shape(channels: 3, height: 1, width: 1, kernel: 5, stride: 1),
        Shape(channels: 3, height: 2, width: 3, kernel: 3, stride: 2),
    ]

    @Test(arguments: KernelLevel.supported, shapes)
    func forwardAndBackward(_ level: KernelLevel, _ s: Shape) throws {
        var dice = Dice(UInt64(s.channels * 131 + s.width))
        let input = Maps(s.channels, s.height, s.width) { dice.normal() }
        let weights = (0..<s.channels * s.kernel * s.kernel).map { _ in dice.normal() / Float(s.kernel) }
        let bias = (0..<s.channels).map { _ in dice.normal() }
        let (high, wide) = ((s.height + s.stride - 1) / s.stride, (s.width + s.stride - 1) / s.stride)
        let expected = input.convolved(
            weights, bias, kernel: s.kernel, stride: s.stride, isDepthwise: true, slope: 0.1)
        let gradient = Maps(s.channels, high, wide) { dice.normal() }
        var back = Maps(s.channels, s.height, s.width)
        Maps.products(s.channels, s.channels, s.kernel, s.stride, s.height, s.width, isDepthwise: true) {
            output, source, weight in
            back[source.0, source.1, source.2] += gradient[output.0, output.1, output.2] * weights[weight]
        }
        let signs = Maps(s.channels, s.height, s.width) { dice.normal() }
        for index in back.values.indices where signs.values[index] <= 0 { back.values[index] *= 0.25 }

        let conv = try #require(
            fx_depthwise_new(level.rawValue, weights, bias, Int32(s.channels), Int32(s.kernel), Int32(s.stride)))
        defer { fx_depthwise_free(conv) }
        let pool = TensorPool(level: level)
        let made = pool.take(.init(channels: s.channels, height: high, width: wide))
        let returned = pool.take(.init(channels: s.channels, height: s.height, width: s.width))
        let (source, received, mask) = (input.tensor(pool), gradient.tensor(pool), signs.signs(pool))
        let noted = pool.takeSigns(made.shape)
        var (from, to) = (source.raw, made.raw)
        var (arrived, target) = (received.raw, returned.raw)
        fx_depthwise_forward(conv, &from, &to, 0.1, noted.words)
        fx_depthwise_backward(conv, &arrived, &target, mask.words, 0.25)
        let tolerance: Float = level == .bf16 ? 0.01 : 3e-6
        #expect(Maps(made, level).error(against: expected) < tolerance)
        #expect(Maps(made, level).agrees(with: noted))
        #expect(Maps(returned, level).error(against: back) < tolerance)
        withExtendedLifetime((source, received, made, returned, mask)) {}
    }
}
