import AntiAI
import CCloakKernels
import Testing

@Suite("Bottlenecks against their layers one after the other")
struct BottleneckTests {
    struct Shape: Sendable {
        var inputs, channels, outputs, height, width, kernel, stride: Int
        var expands = true
    }

    /// Maps lower than the filter, odd sides, channels that fill no block, with and without the first convolution.
    static let shapes = [
        Shape(inputs: 16, channels: 96, outputs: 24, height: 14, width: 22, kernel: 3, stride: 2),
        Shape(inputs: 9, channels: 37, outputs: 11, height: 13, width: 17, kernel: 5, stride: 1),
        Shape(inputs: 20, channels: 40, outputs: 3, height: 9, width: 31, kernel: 5, stride: 2),
        Shape(inputs: 32, channels: 32, outputs: 16, height: 11, width: 19, kernel: 3, stride: 1, expands: false),
        Shape(inputs: 17, channels: 17, outputs: 33, height: 12, width: 10, kernel: 5, stride: 2, expands: false),
        Shape(inputs: 3, channels: 5, outputs: 2, height: 2, width: 3, kernel: 5, stride: 1),
        Shape(inputs: 3, channels: 18, outputs: 4, height: 1, width: 1, kernel: 3, stride: 2),
    ]

    @Test(arguments: KernelLevel.supported, shapes)
    func forwardAndBackward(_ level: KernelLevel, _ s: Shape) throws {
        var dice = Dice(UInt64(s.channels * 131 + s.width))
        func numbers(_ count: Int, _ fan: Int) -> [Float] {
            (0..<count).map { _ in dice.normal() / Float(fan).squareRoot() }
        }
        let raw = level.rawValue
        let expand =
            s.expands
            ? fx_conv_new(
                raw, numbers(s.channels * s.inputs, s.inputs), numbers(s.channels, 4), Int32(s.channels),
                Int32(s.inputs), 1, 1) : nil
        let filters = numbers(s.channels * s.kernel * s.kernel, s.kernel * s.kernel)
        let depth = try #require(
            fx_depthwise_new(
                raw, filters, numbers(s.channels, 4), Int32(s.channels), Int32(s.kernel), Int32(s.stride)))
        let project = try #require(
            fx_conv_new(
                raw, numbers(s.outputs * s.channels, s.channels), numbers(s.outputs, 4), Int32(s.outputs),
                Int32(s.channels), 1, 1))
        defer {
            fx_conv_free(expand)
            fx_depthwise_free(depth)
            fx_conv_free(project)
        }
        let (high, wide) = ((s.height + s.stride - 1) / s.stride, (s.width + s.stride - 1) / s.stride)
        let pool = TensorPool(level: level)
        func tensor(_ channels: Int, _ height: Int, _ width: Int) -> Tensor {
            pool.take(.init(channels: channels, height: height, width: width))
        }
        let source = Maps(s.inputs, s.height, s.width) { dice.normal() }.tensor(pool)
        let received = Maps(s.outputs, high, wide) { dice.normal() }.tensor(pool)
        let mask = Maps(s.inputs, s.height, s.width) { dice.normal() }.signs(pool)

        // One layer after the other.
        let expanded = s.expands ? tensor(s.channels, s.height, s.width) : source
        let (deep, made) = (tensor(s.channels, high, wide), tensor(s.outputs, high, wide))
        let (inner, outer) = (pool.takeSigns(expanded.shape), pool.takeSigns(deep.shape))
        let noted = pool.takeSigns(made.shape)
        var (from, wider, deeper, to) = (source.raw, expanded.raw, deep.raw, made.raw)
        if s.expands { fx_conv_forward(expand, &from, &wider, 0.1, inner.words) }
        fx_depthwise_forward(depth, &wider, &deeper, 0, outer.words)
        fx_conv_forward(project, &deeper, &to, 0.5, noted.words)
        let expected = Maps(made, level)
        let returned = tensor(s.inputs, s.height, s.width)
        let (wideBack, deepBack) = (tensor(s.channels, s.height, s.width), tensor(s.channels, high, wide))
        var (arrived, target) = (received.raw, returned.raw)
        var (wideTarget, deepTarget) = (wideBack.raw, deepBack.raw)
        fx_conv_backward(project, &arrived, &deepTarget, outer.words, 0)
        if s.expands {
            fx_depthwise_backward(depth, &deepTarget, &wideTarget, inner.words, 0.1)
            fx_conv_backward(expand, &wideTarget, &target, mask.words, 0.3)
        } else {
            fx_depthwise_backward(depth, &deepTarget, &target, mask.words, 0.3)
        }
        let back = Maps(returned, level)

        // Row by row.
        var bottleneck = fx_bottleneck(
            expand: expand, depth: depth, project: project, expand_slope: 0.1, depth_slope: 0)
        let own = pool.take(bytes: fx_bottleneck_signs_bytes(&bottleneck, Int32(s.height), Int32(s.width)))
        let room = pool.take(bytes: fx_bottleneck_room_bytes(&bottleneck, Int32(s.width)))
        let (again, signs) = (tensor(s.outputs, high, wide), pool.takeSigns(made.shape))
        let returnedAgain = tensor(s.inputs, s.height, s.width)
        var (second, secondTarget) = (again.raw, returnedAgain.raw)
        fx_bottleneck_forward(&bottleneck, &from, &second, 0.5, own.words, signs.words, room.start)
        fx_bottleneck_backward(&bottleneck, &arrived, &secondTarget, own.words, mask.words, 0.3, room.start)
        let tolerance: Float = level == .bf16 ? 0.01 : 1e-6
        #expect(Maps(again, level).error(against: expected) < tolerance)
        #expect(Maps(again, level).agrees(with: signs))
        #expect(Maps(returnedAgain, level).error(against: back) < tolerance)
        // Without notes, and without a mask.
        fx_bottleneck_forward(&bottleneck, &from, &second, 0.5, nil, nil, room.start)
        #expect(Maps(again, level).error(against: expected) < tolerance)
        if s.expands {
            fx_conv_backward(expand, &wideTarget, &target, nil, 0.3)
        } else {
            fx_depthwise_backward(depth, &deepTarget, &target, nil, 0.3)
        }
        fx_bottleneck_backward(&bottleneck, &arrived, &secondTarget, own.words, nil, 0.3, room.start)
        #expect(Maps(returnedAgain, level).error(against: Maps(returned, level)) < tolerance)
        withExtendedLifetime((source, received, expanded, deep, made, returned, wideBack, deepBack)) {}
        withExtendedLifetime((again, returnedAgain, mask, inner, outer, own, room)) {}
    }

    /// What the plan puts together gives what its layers do.
    @Test(arguments: KernelLevel.supported)
    func aNetworkOfThemAnswersAsPlainConvolutionsDo(_ level: KernelLevel) throws {
        let builder = TestNetworks.bottlenecksBuilder()
        func values(_ name: String) -> [Float]? { builder.tensors.first { $0.name == name }?.values }
        func convolved(
            _ maps: Maps, _ name: String, _ kernel: Int, stride: Int = 1, depthwise: Bool = false, slope: Float = 1
        ) throws -> Maps {
            let weights = try #require(values("\(name).weight"))
            let outputs = depthwise ? maps.channels : weights.count / (maps.channels * kernel * kernel)
            return maps.convolved(
                weights, values("\(name).bias") ?? [Float](repeating: 0, count: outputs), kernel: kernel,
                stride: stride, isDepthwise: depthwise, slope: slope)
        }
        var dice = Dice(12)
        let picture = Maps(3, 48, 64) { dice.unit() }
        var maps = picture
        for index in maps.values.indices { maps.values[index] = maps.values[index] * 2 - 1 }
        maps = try convolved(maps, "stem", 3, stride: 2, slope: 0)
        maps = try convolved(maps, "first", 3, depthwise: true, slope: 0)
        maps = try convolved(maps, "narrow", 1)
        maps = try convolved(maps, "wide", 1, slope: 0)
        maps = try convolved(maps, "depth", 5, stride: 2, depthwise: true, slope: 0.1)
        maps = try convolved(maps, "less", 1)
        let kept = maps
        maps = try convolved(maps, "again", 1, slope: 0.3)
        maps = try convolved(maps, "filter", 3, depthwise: true)
        maps = try convolved(maps, "last", 1)
        for index in maps.values.indices { maps.values[index] += kept.values[index] }

        let network = try Network(TestNetworks.bottlenecks(), level: level)
        let pool = TensorPool(level: level)
        let runner = NetworkRunner(network, pool: pool, isCancelled: { false })
        for remembers in [false, true] {
            let output = try #require(
                runner.forward(picture.values, height: 48, width: 64, remembers: remembers))
            #expect(Maps(output, level).error(against: maps) < (level == .bf16 ? 0.03 : 1e-5))
            pool.release(output)
        }
    }
}
