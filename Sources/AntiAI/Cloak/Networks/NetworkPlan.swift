import Core

/// One layer of a network as it runs: from one value (a feature map) to another.
struct NetworkLayer {
    enum Kind: Equatable {
        /// The plan's stem, on the picture.
        case stem
        case convolution(Int)
        /// One filter for each channel.
        case depthwise(Int)
        case bottleneck(Int)
        /// Adds a second value.
        case sum(with: Int)
        case activation
        case scale(mul: Float, add: Float)
        case tanh(limit: Float)
        case upsample
        /// The largest of 3×3, every second sample along each axis.
        case maxPool
        case groupNorm(Int)
    }

    var kind: Kind
    var input: Int
    var output: Int
    /// What negative outputs are multiplied with: 1 changes nothing, 0 is ReLU.
    var slope: Float = 1

    var inputs: [Int] {
        if case .sum(let other) = kind { return [input, other] }
        return [input]
    }
}

/// A network checked through and through, ready to be packed: values in the order in which they are made.
struct NetworkPlan {
    struct Convolution {
        var weights: [Float]
        var bias: [Float]?
        var outputs: Int
        var inputs: Int
        var kernel: Int
        var stride: Int
    }

    /// A convolution of 3×3 that alone reads the picture, each sample of which becomes mul · v + add before.
    struct Stem {
        var convolution: Convolution
        var mul: Float
        var add: Float
    }

    struct Depthwise {
        /// [channels][kernel][kernel]
        var weights: [Float]
        var bias: [Float]?
        var channels: Int
        var kernel: Int
        var stride: Int
    }

    /// 1×1, depthwise and 1×1, worked on row by row: the maps between are never whole.
    struct Bottleneck {
        /// None where the depthwise convolution comes first.
        var expand: Int?
        var depthwise: Int
        var project: Int
        var expandSlope: Float = 1
        var depthSlope: Float = 1
    }

    struct GroupNorm {
        var weight: [Float]
        var bias: [Float]
        var groups: Int
    }

    struct Value {
        var channels: Int
        /// Halvings of each side so far.
        var halvings: Int
    }

    private(set) var values = [Value(channels: 3, halvings: 0)]
    private(set) var layers: [NetworkLayer] = []
    /// Where there is one, nothing else reads the picture, which then needs no map.
    private(set) var stem: Stem?
    private(set) var convolutions: [Convolution] = []
    private(set) var depthwise: [Depthwise] = []
    private(set) var bottlenecks: [Bottleneck] = []
    private(set) var norms: [GroupNorm] = []
    /// The value that the layers made so far end in.
    private(set) var output = 0

    private var kept: [Int] = []
    private let name: String

    static let maximumChannels = 1024
    static let maximumHalvings = 4
    static let maximumLayers = 256

    init(name: String) { self.name = name }

    func wrong(_ what: String) -> UserError { UserError("The network \(name) cannot be used: \(what).") }

    /// How often each value is read.
    var readers: [Int] {
        var count = [Int](repeating: 0, count: values.count)
        for layer in layers { for input in layer.inputs { count[input] += 1 } }
        count[output] += 1
        return count
    }

    /// Multiplications for one pixel of the picture, one pass forward.
    var multiplicationsPerPixel: Double {
        func weights(_ kind: NetworkLayer.Kind) -> Int {
            switch kind {
            case .stem: stem?.convolution.weights.count ?? 0
            case .convolution(let index): convolutions[index].weights.count
            case .depthwise(let index): depthwise[index].weights.count
            default: 0
            }
        }
        return layers.reduce(0) { sum, layer in
            let pixels = 1 / Double(1 << (2 * values[layer.output].halvings))
            guard case .bottleneck(let index) = layer.kind else { return sum + Double(weights(layer.kind)) * pixels }
            let bottleneck = bottlenecks[index]
            let before = 1 / Double(1 << (2 * values[layer.input].halvings))
            let expanded = bottleneck.expand.map { Double(weights(.convolution($0))) * before } ?? 0
            let rest = weights(.depthwise(bottleneck.depthwise)) + weights(.convolution(bottleneck.project))
            return sum + expanded + Double(rest) * pixels
        }
    }

    /// Values that the way back needs: outputs of tanh, and inputs of normalisations. Of activations it needs the signs alone.
    var remembered: Set<Int> {
        var remembered: Set<Int> = []
        for layer in layers {
            switch layer.kind {
            case .tanh: remembered.insert(layer.output)
            case .maxPool: remembered.formUnion([layer.input, layer.output])
            case .groupNorm: remembered.insert(layer.input)
            default: break
            }
        }
        return remembered
    }

    /// The most that the maps of a pass there and back hold at a time, in bytes for each pixel of the picture.
    func peakBytesPerPixel(elementSize: Int) -> Double {
        let sizes = values.indices.map { bytesPerPixel($0, elementSize) }
        let remembered = remembered
        var waiting = readers
        var held = sizes[0]
        var most = held
        for layer in layers {
            held += sizes[layer.output]
            if layer.slope != 1 { held += bytesPerPixel(layer.output, 2) / 16 }
            most = max(most, held)
            for read in layer.inputs {
                waiting[read] -= 1
                if waiting[read] == 0, !remembered.contains(read) { held -= sizes[read] }
            }
        }
        var gradients: Set<Int> = [output]
        held += sizes[output]
        for layer in layers.reversed() where gradients.contains(layer.output) {
            for input in layer.inputs {
                // Where another reader's gradient is there already, or slopes go in, the sum is a map more.
                most = max(most, held + 2 * sizes[input])
                if gradients.insert(input).inserted { held += sizes[input] }
            }
            gradients.remove(layer.output)
            held -= sizes[layer.output]
        }
        return max(most, held)
    }

    /// Bytes of the output for each pixel of the picture.
    func outputBytesPerPixel(elementSize: Int) -> Double { bytesPerPixel(output, elementSize) }

    private func bytesPerPixel(_ value: Int, _ elementSize: Int) -> Double {
        guard value > 0 || stem == nil else { return 0 }
        let blocks = (values[value].channels + 15) / 16
        return Double(blocks * 16 * elementSize) / Double(1 << (2 * values[value].halvings))
    }

    // MARK: - Building

    mutating func push() { kept.append(output) }

    /// - Parameter onCopy: convolves the copy that was kept last instead of the present value.
    mutating func convolve(_ convolution: Convolution, onCopy: Bool = false) throws {
        let source = onCopy ? kept.removeLast() : output
        guard values[source].channels == convolution.inputs else {
            throw wrong(
                "a convolution expects \(convolution.inputs) channels where there are \(values[source].channels)")
        }
        let halvings = try halvings(after: source, stride: convolution.stride)
        convolutions.append(convolution)
        let made = try append(
            .convolution(convolutions.count - 1), from: source, channels: convolution.outputs, halvings: halvings)
        if onCopy { kept.append(made) } else { output = made }
    }

    mutating func convolve(_ depthwise: Depthwise) throws {
        guard values[output].channels == depthwise.channels else {
            throw wrong(
                """
                a depthwise convolution expects \(depthwise.channels) channels where there are \
                \(values[output].channels)
                """)
        }
        let halvings = try halvings(after: output, stride: depthwise.stride)
        self.depthwise.append(depthwise)
        output = try append(
            .depthwise(self.depthwise.count - 1), from: output, channels: depthwise.channels, halvings: halvings)
    }

    private func halvings(after value: Int, stride: Int) throws -> Int {
        let halvings = values[value].halvings + (stride == 2 ? 1 : 0)
        guard halvings <= Self.maximumHalvings else { throw wrong("it halves the picture too often") }
        return halvings
    }

    mutating func activate(slope: Float) throws {
        guard (0...1).contains(slope) else { throw wrong("an activation has a slope outside of 0…1") }
        guard slope != 1 else { return }
        // Done in the same sweep where nothing else reads what comes before it.
        if let last = layers.indices.last, layers[last].output == output, layers[last].slope == 1,
            !kept.contains(output)
        {
            switch layers[last].kind {
            case .convolution, .depthwise, .sum:
                layers[last].slope = slope
                return
            default: break
            }
        }
        try extend(.activation)
        layers[layers.count - 1].slope = slope
    }

    mutating func add() throws {
        guard let other = kept.popLast() else { throw wrong("it adds what was never kept") }
        guard values[other].channels == values[output].channels, values[other].halvings == values[output].halvings
        else { throw wrong("it adds maps of different sizes") }
        try extend(.sum(with: other))
    }

    mutating func scale(mul: Float, add: Float) throws {
        guard mul.isFinite, add.isFinite else { throw wrong("a scale is no number") }
        try extend(.scale(mul: mul, add: add))
    }

    mutating func tanh(limit: Float) throws { try extend(.tanh(limit: limit)) }

    mutating func upsample() throws {
        guard values[output].halvings > 0 else { throw wrong("it makes the picture larger") }
        output = try append(
            .upsample, from: output, channels: values[output].channels, halvings: values[output].halvings - 1)
    }

    /// Only after an activation that leaves nothing negative: what lies outside of the maps counts as 0.
    mutating func maxPool() throws {
        guard let last = layers.last, last.output == output, last.slope == 0 else {
            throw wrong("it pools maps that no ReLU has made")
        }
        guard values[output].halvings < Self.maximumHalvings else { throw wrong("it halves the picture too often") }
        output = try append(
            .maxPool, from: output, channels: values[output].channels, halvings: values[output].halvings + 1)
    }

    mutating func normalise(_ norm: GroupNorm) throws {
        let channels = values[output].channels
        guard norm.groups > 0, channels % norm.groups == 0, channels / norm.groups % 16 == 0,
            norm.weight.count == channels, norm.bias.count == channels
        else { throw wrong("its normalisation does not fit its channels") }
        norms.append(norm)
        try extend(.groupNorm(norms.count - 1))
    }

    /// The last check: nothing is left over.
    func finished() throws -> NetworkPlan {
        guard kept.isEmpty else { throw wrong("it keeps what it never uses") }
        guard layers.contains(where: { if case .convolution = $0.kind { true } else { false } }) else {
            throw wrong("it has no convolution")
        }
        var plan = self
        plan.findStem()
        plan.findBottlenecks()
        return plan
    }

    /// Puts layers together where nothing else reads what is between them.
    private mutating func findBottlenecks() {
        let readers = readers
        func isPointwise(_ layer: NetworkLayer) -> Int? {
            guard case .convolution(let index) = layer.kind, convolutions[index].kernel == 1,
                convolutions[index].stride == 1
            else { return nil }
            return index
        }
        var index = 0
        while index + 1 < layers.count {
            defer { index += 1 }
            let (depth, last) = (layers[index], layers[index + 1])
            guard case .depthwise(let depthwise) = depth.kind, let project = isPointwise(last),
                last.input == depth.output, readers[depth.output] == 1
            else { continue }
            var bottleneck = Bottleneck(depthwise: depthwise, project: project, depthSlope: depth.slope)
            var input = depth.input
            var first = index
            if index > 0, let expand = isPointwise(layers[index - 1]), layers[index - 1].output == input,
                readers[input] == 1
            {
                bottleneck.expand = expand
                bottleneck.expandSlope = layers[index - 1].slope
                input = layers[index - 1].input
                first -= 1
            }
            bottlenecks.append(bottleneck)
            let whole = NetworkLayer(
                kind: .bottleneck(bottlenecks.count - 1), input: input, output: last.output, slope: last.slope)
            layers.replaceSubrange(first...index + 1, with: [whole])
            index = first
        }
    }

    /// Makes the first convolution the stem, and the scale before it, where nothing else reads what they read.
    private mutating func findStem() {
        let readers = readers
        guard readers[0] == 1, var first = layers.first else { return }
        var (mul, add) = (Float(1), Float(0))
        if case .scale(let scale, let shift) = first.kind, readers[first.output] == 1, layers.count > 1 {
            (mul, add) = (scale, shift)
            first = layers[1]
        }
        guard case .convolution(0) = first.kind, convolutions[0].kernel == 3, layers[0].input == 0,
            first.input == 0 || first.input == layers[0].output
        else { return }
        layers.removeSubrange(0...(layers[0].output == first.output ? 0 : 1))
        for index in layers.indices {
            if case .convolution(let convolution) = layers[index].kind {
                layers[index].kind = .convolution(convolution - 1)
            }
        }
        layers.insert(NetworkLayer(kind: .stem, input: 0, output: first.output, slope: first.slope), at: 0)
        stem = Stem(convolution: convolutions.removeFirst(), mul: mul, add: add)
    }

    private mutating func extend(_ kind: NetworkLayer.Kind) throws {
        output = try append(kind, from: output, channels: values[output].channels, halvings: values[output].halvings)
    }

    private mutating func append(_ kind: NetworkLayer.Kind, from input: Int, channels: Int, halvings: Int) throws -> Int
    {
        guard layers.count < Self.maximumLayers else { throw wrong("it has more than \(Self.maximumLayers) layers") }
        guard channels <= Self.maximumChannels else { throw wrong("it has too many channels") }
        values.append(Value(channels: channels, halvings: halvings))
        layers.append(NetworkLayer(kind: kind, input: input, output: values.count - 1))
        return values.count - 1
    }
}
