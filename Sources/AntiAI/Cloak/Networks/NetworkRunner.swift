import CCloakKernels

/// Runs a network forward and backward on tiles of one size. Used by one thread.
package final class NetworkRunner {
    package let network: Network
    private let pool: TensorPool
    private let level: Int32
    private var values: [Tensor?]
    /// Of the activations, as long as they are remembered.
    private var signs: [ArenaBytes?]
    /// Of the activations inside of bottlenecks, by their outputs.
    private var innerSigns: [Int: ArenaBytes] = [:]
    private var moments: [Int: [Float]] = [:]
    /// Asked between layers; true ends a pass early, with no result.
    private let isCancelled: () -> Bool

    package init(_ network: Network, pool: TensorPool, isCancelled: @escaping () -> Bool) {
        self.network = network
        self.pool = pool
        self.isCancelled = isCancelled
        level = network.level.rawValue
        values = Array(repeating: nil, count: network.plan.values.count)
        signs = Array(repeating: nil, count: network.plan.values.count)
    }

    /// The output for a picture given as planes (red, green, blue, 0…1); the caller releases it. Nil when cancelled.
    ///
    /// - Parameter remembers: keeps what `backward` needs until it is called, or `forget`.
    package func forward(_ planes: UnsafePointer<Float>, height: Int, width: Int, remembers: Bool) -> Tensor? {
        forget()
        let plan = network.plan
        if plan.stem == nil {
            let input = pool.take(.init(channels: 3, height: height, width: width))
            withUnsafePointer(to: input.raw) { fx_pack(level, planes, $0) }
            values[0] = input
        }
        var waiting = network.readers
        for layer in plan.layers {
            if isCancelled() {
                forget()
                return nil
            }
            values[layer.output] =
                if layer.kind == .stem {
                    runStem(layer, planes, height: height, width: width, remembers: remembers)
                } else {
                    run(layer, remembers: remembers)
                }
            for read in layer.inputs {
                waiting[read] -= 1
                if waiting[read] == 0, !(remembers && network.remembered.contains(read)) {
                    pool.release(values[read])
                    values[read] = nil
                }
            }
        }
        guard let output = values[plan.output] else { return nil }
        pool.retain(output)
        if !remembers { forget() }
        return output
    }

    /// Releases what a pass forward kept.
    package func forget() {
        for index in values.indices {
            pool.release(values[index])
            values[index] = nil
            signs[index] = nil
        }
        innerSigns = [:]
    }

    private func runStem(
        _ layer: NetworkLayer, _ planes: UnsafePointer<Float>, height: Int, width: Int, remembers: Bool
    ) -> Tensor? {
        guard let stem = network.plan.stem?.convolution else { return nil }
        var shape = TensorPool.Shape(channels: stem.outputs, height: height, width: width)
        shape.shrink(by: stem.stride)
        let output = pool.take(shape)
        let words = noteSigns(of: layer, shape, remembers)
        withUnsafePointer(to: output.raw) {
            fx_stem_forward(network.stem, planes, Int32(height), Int32(width), $0, layer.slope, words)
        }
        return output
    }

    /// Where a layer writes the signs of its activation; nil where there is none, or nobody goes back.
    private func noteSigns(
        of layer: NetworkLayer, _ shape: TensorPool.Shape, _ remembers: Bool
    ) -> UnsafeMutablePointer<UInt16>? {
        guard remembers, layer.slope != 1 else { return nil }
        let map = pool.takeSigns(shape)
        signs[layer.output] = map
        return map.words
    }

    private func run(_ layer: NetworkLayer, remembers: Bool) -> Tensor? {
        guard let input = values[layer.input] else { return nil }
        let value = network.plan.values[layer.output]
        var shape = input.shape
        shape.channels = value.channels
        var source = input.raw
        switch layer.kind {
        case .convolution(let index): shape.shrink(by: network.plan.convolutions[index].stride)
        case .depthwise(let index): shape.shrink(by: network.plan.depthwise[index].stride)
        case .bottleneck(let index):
            shape.shrink(by: network.plan.depthwise[network.plan.bottlenecks[index].depthwise].stride)
        case .upsample:
            shape.height *= 2
            shape.width *= 2
        case .maxPool: shape.shrink(by: 2)
        default: break
        }
        let output = pool.take(shape)
        let words = noteSigns(of: layer, shape, remembers)
        var target = output.raw
        switch layer.kind {
        case .stem: return nil
        case .convolution(let index):
            fx_conv_forward(network.convolutions[index], &source, &target, layer.slope, words)
        case .depthwise(let index):
            fx_depthwise_forward(network.depthwise[index], &source, &target, layer.slope, words)
        case .bottleneck(let index):
            var bottleneck = network.bottleneck(index)
            if remembers {
                innerSigns[layer.output] = pool.take(
                    bytes: fx_bottleneck_signs_bytes(&bottleneck, source.height, source.width))
            }
            let room = pool.take(bytes: fx_bottleneck_room_bytes(&bottleneck, source.width))
            fx_bottleneck_forward(
                &bottleneck, &source, &target, layer.slope, innerSigns[layer.output]?.words, words, room.start)
            withExtendedLifetime(room) {}
        case .sum(let other):
            guard var second = values[other]?.raw else { return nil }
            fx_add(level, &source, &second, &target, layer.slope, words)
        case .activation: fx_activate(level, &source, &target, layer.slope, words)
        case .scale(let mul, let add): fx_scale(level, &source, &target, mul, add)
        case .tanh(let limit): fx_tanh(level, &source, &target, limit)
        case .upsample: fx_upsample(level, &source, &target)
        case .maxPool: fx_max_pool(level, &source, &target)
        case .groupNorm(let index):
            let norm = network.plan.norms[index]
            var found = [Float](repeating: 0, count: 2 * norm.groups)
            fx_group_norm(level, &source, &target, norm.weight, norm.bias, Int32(norm.groups), &found)
            moments[index] = found
        }
        return output
    }

    /// The gradient by the picture (three planes) for a gradient by the output, which it takes over. False when
    /// cancelled.
    package func backward(_ gradient: Tensor, into planes: UnsafeMutablePointer<Float>) -> Bool {
        let plan = network.plan
        var gradients = [Tensor?](repeating: nil, count: plan.values.count)
        var waiting = network.readers
        defer {
            gradients.forEach(pool.release)
            forget()
        }
        deliver(gradient, to: plan.output, masked: false, &gradients, &waiting)
        for layer in plan.layers.reversed() {
            if isCancelled() { return false }
            guard let arrived = gradients[layer.output] else { continue }
            gradients[layer.output] = nil
            if let stem = plan.stem, layer.kind == .stem {
                let (height, width) = (arrived.raw.height, arrived.raw.width)
                let stride = Int32(stem.convolution.stride)
                withUnsafePointer(to: arrived.raw) {
                    fx_stem_backward(network.stem, $0, planes, height * stride, width * stride)
                }
                pool.release(arrived)
                return true
            }
            pass(arrived, back: layer, &gradients, &waiting)
            pool.release(arrived)
        }
        guard var result = gradients[0]?.raw else { return false }
        fx_unpack(level, &result, planes)
        return true
    }

    /// What the gradient of a value is still to be multiplied with: the slopes of its activation.
    private func mask(of value: Int) -> (words: UnsafePointer<UInt16>, slope: Float)? {
        guard let maker = network.maker[value], let map = signs[value] else { return nil }
        return (UnsafePointer(map.words), network.plan.layers[maker].slope)
    }

    private func pass(_ arrived: Tensor, back layer: NetworkLayer, _ gradients: inout [Tensor?], _ waiting: inout [Int])
    {
        var out = arrived.raw
        func make(like channels: Int, _ height: Int, _ width: Int) -> Tensor {
            pool.take(.init(channels: channels, height: height, width: width))
        }
        let channels = network.plan.values[layer.input].channels
        let (height, width) = (Int(out.height), Int(out.width))
        switch layer.kind {
        case .stem: break
        case .convolution(let index):
            let convolution = network.convolutions[index]
            pass(arrived, backBy: network.plan.convolutions[index].stride, to: layer.input, &gradients, &waiting) {
                fx_conv_backward(convolution, &out, $0, $1, $2)
            }
        case .depthwise(let index):
            let convolution = network.depthwise[index]
            pass(arrived, backBy: network.plan.depthwise[index].stride, to: layer.input, &gradients, &waiting) {
                fx_depthwise_backward(convolution, &out, $0, $1, $2)
            }
        case .bottleneck(let index):
            var bottleneck = network.bottleneck(index)
            let stride = network.plan.depthwise[network.plan.bottlenecks[index].depthwise].stride
            let room = pool.take(bytes: fx_bottleneck_room_bytes(&bottleneck, out.width * Int32(stride)))
            pass(arrived, backBy: stride, to: layer.input, &gradients, &waiting) {
                fx_bottleneck_backward(
                    &bottleneck, &out, $0, innerSigns[layer.output]?.words, $1, $2, room.start)
            }
            withExtendedLifetime(room) {}
        case .sum(let other):
            pool.retain(arrived)
            deliver(arrived, to: layer.input, masked: false, &gradients, &waiting)
            pool.retain(arrived)
            deliver(arrived, to: other, masked: false, &gradients, &waiting)
        case .activation:
            pool.retain(arrived)
            deliver(arrived, to: layer.input, masked: false, &gradients, &waiting)
        case .scale(let mul, _):
            let result = make(like: channels, height, width)
            var target = result.raw
            fx_scale(level, &out, &target, mul, 0)
            deliver(result, to: layer.input, masked: false, &gradients, &waiting)
        case .tanh(let limit):
            let result = make(like: channels, height, width)
            var target = result.raw
            if var y = values[layer.output]?.raw { fx_tanh_backward(level, &out, &y, &target, limit) }
            deliver(result, to: layer.input, masked: false, &gradients, &waiting)
        case .upsample:
            let result = make(like: channels, height / 2, width / 2)
            var target = result.raw
            fx_upsample_backward(level, &out, &target)
            deliver(result, to: layer.input, masked: false, &gradients, &waiting)
        case .maxPool:
            let result = make(like: channels, height * 2, width * 2)
            var target = result.raw
            if var y = values[layer.output]?.raw, var source = values[layer.input]?.raw {
                fx_max_pool_backward(level, &out, &y, &source, &target)
            }
            deliver(result, to: layer.input, masked: false, &gradients, &waiting)
        case .groupNorm(let index):
            let norm = network.plan.norms[index]
            let result = make(like: channels, height, width)
            var target = result.raw
            if var source = values[layer.input]?.raw, let found = moments[index] {
                fx_group_norm_backward(level, &out, &source, &target, norm.weight, Int32(norm.groups), found)
            }
            deliver(result, to: layer.input, masked: false, &gradients, &waiting)
        }
    }

    /// The way back through a convolution, which takes the slopes of its source's activation along where it is the last reader.
    ///
    /// - Parameter convolve: gets where to write, the signs that decide, and the slope of what is negative.
    private func pass(
        _ arrived: Tensor, backBy stride: Int, to input: Int, _ gradients: inout [Tensor?], _ waiting: inout [Int],
        _ convolve: (UnsafePointer<fx_tensor>, UnsafePointer<UInt16>?, Float) -> Void
    ) {
        let shape = arrived.shape
        // Sides are multiples of 16 and halved at most four times, so doubling gives the input's size back.
        let result = pool.take(
            .init(
                channels: network.plan.values[input].channels, height: shape.height * stride,
                width: shape.width * stride))
        let mask = waiting[input] == 1 && gradients[input] == nil ? mask(of: input) : nil
        var target = result.raw
        convolve(&target, mask?.words, mask?.slope ?? 1)
        deliver(result, to: input, masked: mask != nil, &gradients, &waiting)
    }

    /// Adds a reader's gradient to that of a value, which becomes complete with its last reader: then the slopes of
    /// its activation go in. Takes the tensor over.
    private func deliver(
        _ tensor: Tensor, to value: Int, masked: Bool, _ gradients: inout [Tensor?], _ waiting: inout [Int]
    ) {
        waiting[value] -= 1
        let mask = waiting[value] == 0 && !masked ? mask(of: value) : nil
        let earlier = gradients[value]
        guard earlier != nil || mask != nil else {
            gradients[value] = tensor
            return
        }
        let result = pool.take(tensor.shape)
        var (a, target) = (tensor.raw, result.raw)
        if var b = earlier?.raw {
            fx_add_masked(level, &a, &b, mask?.words, mask?.slope ?? 1, &target)
        } else {
            fx_add_masked(level, &a, nil, mask?.words, mask?.slope ?? 1, &target)
        }
        pool.release(tensor)
        pool.release(earlier)
        gradients[value] = result
    }
}

extension TensorPool.Shape {
    /// What a layer that takes every `stride`-th sample leaves of it.
    fileprivate mutating func shrink(by stride: Int) {
        height = (height + stride - 1) / stride
        width = (width + stride - 1) / stride
    }
}
