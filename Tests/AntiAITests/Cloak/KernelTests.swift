import AntiAI
import CCloakKernels
import Foundation
import Testing

/// Planes of single precision, with the plainest convolution there is.
struct Maps {
    var channels: Int
    var height: Int
    var width: Int
    var values: [Float]

    init(_ channels: Int, _ height: Int, _ width: Int, _ value: () -> Float = { 0 }) {
        (self.channels, self.height, self.width) = (channels, height, width)
        values = (0..<channels * height * width).map { _ in value() }
    }

    subscript(c: Int, y: Int, x: Int) -> Float {
        get { values[(c * height + y) * width + x] }
        set { values[(c * height + y) * width + x] = newValue }
    }

    /// Every product of a convolution, once: output place, input place, index of the weight.
    static func products(
        _ outputs: Int, _ inputs: Int, _ kernel: Int, _ stride: Int, _ height: Int, _ width: Int,
        isDepthwise: Bool = false, _ visit: (_ output: (Int, Int, Int), _ input: (Int, Int, Int), _ weight: Int) -> Void
    ) {
        for o in 0..<outputs {
            for y in 0..<(height + stride - 1) / stride {
                for x in 0..<(width + stride - 1) / stride {
                    for i in isDepthwise ? o..<o + 1 : 0..<inputs {
                        let filter = isDepthwise ? o : o * inputs + i
                        for ky in 0..<kernel {
                            for kx in 0..<kernel {
                                let (sy, sx) = (y * stride + ky - kernel / 2, x * stride + kx - kernel / 2)
                                guard (0..<height).contains(sy), (0..<width).contains(sx) else { continue }
                                visit((o, y, x), (i, sy, sx), (filter * kernel + ky) * kernel + kx)
                            }
                        }
                    }
                }
            }
        }
    }

    func tensor(_ pool: TensorPool) -> Tensor {
        let tensor = pool.take(.init(channels: channels, height: height, width: width))
        var raw = tensor.raw
        fx_pack(pool.level.rawValue, values, &raw)
        return tensor
    }

    init(_ tensor: Tensor, _ level: KernelLevel) {
        self.init(Int(tensor.raw.channels), Int(tensor.raw.height), Int(tensor.raw.width))
        var raw = tensor.raw
        fx_unpack(level.rawValue, &raw, &values)
    }

    /// A bit for each sample above zero, laid out as kernels have it.
    func signs(_ pool: TensorPool) -> ArenaBytes {
        let bytes = pool.takeSigns(.init(channels: channels, height: height, width: width))
        let count = fx_signs_bytes(Int32(channels), Int32(height), Int32(width)) / 2
        bytes.words.update(repeating: 0, count: count)
        forEachSign { word, bit, isAbove in if isAbove { bytes.words[word] |= bit } }
        return bytes
    }

    /// Whether the bits are those of these samples.
    func agrees(with signs: ArenaBytes) -> Bool {
        var isRight = true
        forEachSign { word, bit, isAbove in isRight = isRight && (signs.words[word] & bit != 0) == isAbove }
        return isRight
    }

    private func forEachSign(_ body: (_ word: Int, _ bit: UInt16, _ isAbove: Bool) -> Void) {
        for c in 0..<channels {
            for y in 0..<height {
                for x in 0..<width {
                    let word = (c / 16 * (height + 2) + y + 1) * (width + 2) + x + 1
                    body(word, 1 << UInt16(c % 16), self[c, y, x] > 0)
                }
            }
        }
    }

    /// The plainest convolution.
    func convolved(
        _ weights: [Float], _ bias: [Float], kernel: Int, stride: Int, isDepthwise: Bool = false, slope: Float = 1
    ) -> Maps {
        let (high, wide) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
        var made = Maps(bias.count, high, wide)
        for index in made.values.indices { made.values[index] = bias[index / (high * wide)] }
        Maps.products(bias.count, channels, kernel, stride, height, width, isDepthwise: isDepthwise) {
            output, source, weight in
            made[output.0, output.1, output.2] += self[source.0, source.1, source.2] * weights[weight]
        }
        for index in made.values.indices where made.values[index] < 0 { made.values[index] *= slope }
        return made
    }

    /// The largest difference, relative to the largest value.
    func error(against other: Maps) -> Float {
        let peak = other.values.map(abs).max() ?? 0
        var worst: Float = 0
        for (a, b) in zip(values, other.values) { worst = a.isFinite ? max(worst, abs(a - b)) : .infinity }
        return worst / max(peak, 1e-6)
    }
}

@Suite("Kernels of the cloak against plain references")
struct KernelTests {
    struct Shape: Sendable {
        var inputs, outputs, height, width, kernel, stride: Int
    }

    /// Odd sizes, sizes below a block, channels that fill no block, rows narrower and wider than a run.
    static let shapes = [
        Shape(inputs: 3, outputs: 20, height: 13, width: 17, kernel: 3, stride: 1),
        Shape(inputs: 32, outputs: 48, height: 14, width: 33, kernel: 3, stride: 2),
        Shape(inputs: 17, outputs: 40, height: 9, width: 5, kernel: 3, stride: 2),
        Shape(inputs: 33, outputs: 16, height: 8, width: 30, kernel: 1, stride: 1),
        Shape(inputs: 3, outputs: 3, height: 1, width: 1, kernel: 3, stride: 1),
        Shape(inputs: 5, outputs: 33, height: 7, width: 2, kernel: 3, stride: 2),
        Shape(inputs: 16, outputs: 8, height: 6, width: 29, kernel: 1, stride: 2),
    ]

    /// Maps large enough for Winograd's tiles of 4 × 4: whole tiles alone, and every number of rows and of columns that
    /// the last tiles can have inside; several batches of tiles, which end within a row of them; one direction only;
    /// channels that fill no block, and an odd number of blocks.
    static let tiledShapes = [
        Shape(inputs: 16, outputs: 12, height: 16, width: 20, kernel: 3, stride: 1),
        Shape(inputs: 27, outputs: 20, height: 25, width: 30, kernel: 3, stride: 1),
        Shape(inputs: 17, outputs: 33, height: 18, width: 17, kernel: 3, stride: 1),
        Shape(inputs: 40, outputs: 12, height: 15, width: 19, kernel: 3, stride: 1),
        Shape(inputs: 12, outputs: 14, height: 44, width: 7, kernel: 3, stride: 1),
        Shape(inputs: 3, outputs: 16, height: 17, width: 16, kernel: 3, stride: 1),
    ]

    /// Winograd's tiles round off a little more than plain sums do.
    private static func tolerance(_ level: KernelLevel) -> Float { level == .bf16 ? 0.01 : 1e-5 }

    @Test func thisMachineRunsThePortableLevel() {
        #expect(KernelLevel.supported.first == .portable)
        #expect(KernelLevel.supported.contains(.chosen))
    }

    @Test(arguments: KernelLevel.supported, shapes + tiledShapes)
    func convolutionsForwardAndBackward(_ level: KernelLevel, _ s: Shape) throws {
        var dice = Dice(UInt64(s.inputs * 131 + s.width))
        let input = Maps(s.inputs, s.height, s.width) { dice.normal() }
        let scale = 1 / Float(s.inputs * s.kernel * s.kernel).squareRoot()
        let weights = (0..<s.outputs * s.inputs * s.kernel * s.kernel).map { _ in dice.normal() * scale }
        let bias = (0..<s.outputs).map { _ in dice.normal() }
        let (high, wide) = ((s.height + s.stride - 1) / s.stride, (s.width + s.stride - 1) / s.stride)
        let expected = input.convolved(weights, bias, kernel: s.kernel, stride: s.stride, slope: 0.1)
        let gradient = Maps(s.outputs, high, wide) { dice.normal() }
        var back = Maps(s.inputs, s.height, s.width)
        Maps.products(s.outputs, s.inputs, s.kernel, s.stride, s.height, s.width) { output, source, weight in
            back[source.0, source.1, source.2] += gradient[output.0, output.1, output.2] * weights[weight]
        }
        let signs = Maps(s.inputs, s.height, s.width) { dice.normal() }
        for index in back.values.indices where signs.values[index] <= 0 { back.values[index] *= 0.25 }

        let conv = try #require(
            fx_conv_new(
                level.rawValue, weights, bias, Int32(s.outputs), Int32(s.inputs), Int32(s.kernel), Int32(s.stride)))
        defer { fx_conv_free(conv) }
        let pool = TensorPool(level: level)
        let made = pool.take(.init(channels: s.outputs, height: high, width: wide))
        let (source, received) = (input.tensor(pool), gradient.tensor(pool))
        let noted = pool.takeSigns(made.shape)
        var (from, to) = (source.raw, made.raw)
        fx_conv_forward(conv, &from, &to, 0.1, noted.words)
        #expect(Maps(made, level).error(against: expected) < Self.tolerance(level))
        #expect(Maps(made, level).agrees(with: noted))

        let returned = pool.take(.init(channels: s.inputs, height: s.height, width: s.width))
        let mask = signs.signs(pool)
        var (arrived, target) = (received.raw, returned.raw)
        fx_conv_backward(conv, &arrived, &target, mask.words, 0.25)
        #expect(Maps(returned, level).error(against: back) < Self.tolerance(level))
        #expect(Self.hasClearBorder(made, level) && Self.hasClearBorder(returned, level))
        withExtendedLifetime((source, received, made, returned, mask)) {}
    }

    /// Whether the samples around the maps are still zero.
    private static func hasClearBorder(_ tensor: Tensor, _ level: KernelLevel) -> Bool {
        let raw = tensor.raw
        let (high, wide) = (Int(raw.height) + 2, Int(raw.width) + 2)
        let count = fx_tensor_bytes(level.rawValue, raw.channels, raw.height, raw.width)
        let sample = count / ((Int(raw.channels) + 15) / 16 * high * wide)
        let bytes = UnsafeRawBufferPointer(start: raw.data, count: count)
        return (0..<count / sample).allSatisfy { place in
            let (y, x) = (place / wide % high, place % wide)
            if (1..<high - 1).contains(y), (1..<wide - 1).contains(x) { return true }
            return bytes[place * sample..<(place + 1) * sample].allSatisfy { $0 == 0 }
        }
    }

    /// ⟨conv(x), g⟩ = ⟨x, convᵀ(g)⟩, with neither bias nor activation nor mask.
    @Test(arguments: KernelLevel.supported, shapes + tiledShapes)
    func backwardIsTheAdjointOfForward(_ level: KernelLevel, _ s: Shape) throws {
        var dice = Dice(UInt64(s.outputs * 17 + s.height))
        let scale = 1 / Float(s.inputs * s.kernel * s.kernel).squareRoot()
        let weights = (0..<s.outputs * s.inputs * s.kernel * s.kernel).map { _ in dice.normal() * scale }
        let conv = try #require(
            fx_conv_new(
                level.rawValue, weights, nil, Int32(s.outputs), Int32(s.inputs), Int32(s.kernel), Int32(s.stride)))
        defer { fx_conv_free(conv) }
        let (high, wide) = ((s.height + s.stride - 1) / s.stride, (s.width + s.stride - 1) / s.stride)
        let input = Maps(s.inputs, s.height, s.width) { dice.normal() }
        let gradient = Maps(s.outputs, high, wide) { dice.normal() }
        let pool = TensorPool(level: level)
        let (source, received) = (input.tensor(pool), gradient.tensor(pool))
        let made = pool.take(.init(channels: s.outputs, height: high, width: wide))
        let returned = pool.take(.init(channels: s.inputs, height: s.height, width: s.width))
        var (from, to, arrived, target) = (source.raw, made.raw, received.raw, returned.raw)
        fx_conv_forward(conv, &from, &to, 1, nil)
        fx_conv_backward(conv, &arrived, &target, nil, 1)
        func products(_ a: Maps, _ b: Maps) -> [Double] { zip(a.values, b.values).map { Double($0) * Double($1) } }
        let there = products(Maps(made, level), gradient)
        let back = products(input, Maps(returned, level))
        let size = there.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(there.reduce(0, +) - back.reduce(0, +)) < (level == .bf16 ? 0.05 : 1e-5) * size)
        withExtendedLifetime((source, received, made, returned)) {}
    }

    @Test(arguments: KernelLevel.supported)
    func poolingTakesTheLargestAndSendsItsGradientThere(_ level: KernelLevel) {
        var dice = Dice(5)
        let (channels, height, width) = (20, 10, 14)
        // Whole numbers: exact at every level, with ties and with zeros.
        let input = Maps(channels, height, width) { max(0, (dice.normal() * 3).rounded()) }
        let gradient = Maps(channels, height / 2, width / 2) { (dice.normal() * 4).rounded() }
        var (expected, back) = (Maps(channels, height / 2, width / 2), Maps(channels, height, width))
        for c in 0..<channels {
            for y in 0..<height / 2 {
                for x in 0..<width / 2 {
                    var largest = -Float.infinity
                    var first = (row: 0, column: 0)
                    for row in max(0, 2 * y - 1)...min(height - 1, 2 * y + 1) {
                        for column in max(0, 2 * x - 1)...min(width - 1, 2 * x + 1)
                        where input[c, row, column] > largest {
                            largest = input[c, row, column]
                            first = (row, column)
                        }
                    }
                    expected[c, y, x] = largest
                    back[c, first.row, first.column] += gradient[c, y, x]
                }
            }
        }
        let pool = TensorPool(level: level)
        let (source, arrived) = (input.tensor(pool), gradient.tensor(pool))
        let made = pool.take(.init(channels: channels, height: height / 2, width: width / 2))
        let returned = pool.take(.init(channels: channels, height: height, width: width))
        var (from, to, out, target) = (source.raw, made.raw, arrived.raw, returned.raw)
        fx_max_pool(level.rawValue, &from, &to)
        fx_max_pool_backward(level.rawValue, &out, &to, &from, &target)
        #expect(Maps(made, level).error(against: expected) == 0)
        #expect(Maps(returned, level).error(against: back) == 0)
        withExtendedLifetime((source, arrived, made, returned)) {}
    }

    /// Rounding to bf16 leaves nothing of small differences; `allLevelsAgreeOnANetwork` compares that level's gradient.
    @Test(arguments: KernelLevel.supported.filter { $0 != .bf16 })
    func networksGiveTheDerivativeOfTheirOutput(_ level: KernelLevel) throws {
        let files = [
            try TestNetworks.everything(), try TestNetworks.bottlenecks(), try TestNetworks.tinyAutoencoder(),
            try TestNetworks.tinyAutoencoder(pool: true, prefix: "encoder.layers."),
        ]
        for file in files {
            let network = try Network(file, level: level)
            let (height, width) = (32, 48)
            var dice = Dice(7)
            let picture = (0..<3 * height * width).map { _ in dice.unit() }
            let pool = TensorPool(level: level)
            let runner = NetworkRunner(network, pool: pool, isCancelled: { false })
            func output(_ planes: [Float]) throws -> [Float] {
                let tensor = try #require(runner.forward(planes, height: height, width: width, remembers: false))
                defer { pool.release(tensor) }
                return Maps(tensor, level).values
            }
            let made = try #require(runner.forward(picture, height: height, width: width, remembers: true))
            let upstream = Maps(Int(made.raw.channels), Int(made.raw.height), Int(made.raw.width)) { dice.normal() }
            var gradient = [Float](repeating: 0, count: picture.count)
            #expect(runner.backward(upstream.tensor(pool), into: &gradient))
            #expect(gradient.allSatisfy { $0.isFinite })
            pool.release(made)

            let step: Float = 5e-4
            let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let direction = gradient.map { $0 / length * Float(picture.count).squareRoot() }
            func along(_ sign: Float) throws -> Double {
                let moved = try output(zip(picture, direction).map { $0 + sign * step * $1 })
                return zip(moved, upstream.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            let slope = try (along(1) - along(-1)) / Double(2 * step)
            let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(slope / expected - 1) < 0.03, "\(file.name) \(slope) \(expected)")
        }
    }

    @Test func allLevelsAgreeOnANetwork() throws {
        let file = try TestNetworks.tinyAutoencoder(pool: true)
        var dice = Dice(3)
        let picture = (0..<3 * 48 * 48).map { _ in dice.unit() }
        var results: [[Float]] = []
        for level in KernelLevel.supported {
            let pool = TensorPool(level: level)
            let runner = NetworkRunner(try Network(file, level: level), pool: pool, isCancelled: { false })
            let output = try #require(runner.forward(picture, height: 48, width: 48, remembers: true))
            var gradient = [Float](repeating: 0, count: picture.count)
            let upstream = Maps(output, level).tensor(pool)
            #expect(runner.backward(upstream, into: &gradient))
            results.append(gradient)
        }
        func cosine(_ a: [Float], _ b: [Float]) -> Float {
            let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
            let lengths = a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }
            return product / lengths.squareRoot()
        }
        for (level, result) in zip(KernelLevel.supported, results) {
            #expect(cosine(result, results[0]) > (level == .bf16 ? 0.98 : 0.99999), "\(level)")
        }
    }
}
