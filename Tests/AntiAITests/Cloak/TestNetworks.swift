import AntiAI
import Foundation

/// Builds network files, right ones and wrong ones.
struct NetworkBuilder {
    private(set) var tensors: [(name: String, shape: [Int], values: [Float])] = []
    var metadata: [String: String] = [:]
    private var dice: Dice

    init(seed: UInt64 = 1) { dice = Dice(seed) }

    mutating func add(_ name: String, _ shape: [Int], scale: Float? = nil) {
        let count = shape.reduce(1, *)
        let fan = shape.count == 4 ? Float(shape[1] * shape[2] * shape[3]) : 100
        let deviation = scale ?? (2 / fan).squareRoot()
        tensors.append((name, shape, (0..<count).map { _ in dice.normal() * deviation }))
    }

    mutating func convolution(_ name: String, _ outputs: Int, _ inputs: Int, kernel: Int = 3, bias: Bool = true) {
        add("\(name).weight", [outputs, inputs, kernel, kernel])
        if bias { add("\(name).bias", [outputs]) }
    }

    /// Safetensors with single-precision tensors in the order in which they were added.
    func data() throws -> Data {
        var header: [String: Any] = [:]
        if !metadata.isEmpty { header["__metadata__"] = metadata }
        var body = Data()
        for tensor in tensors {
            let start = body.count
            for value in tensor.values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) }
            }
            header[tensor.name] = [
                "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, body.count],
            ]
        }
        return try Self.file(header, body)
    }

    static func file(_ header: [String: Any], _ body: Data) throws -> Data {
        let json = try JSONSerialization.data(withJSONObject: header)
        var data = Data()
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { data.append(contentsOf: $0) }
        return data + json + body
    }

    func network() throws -> NetworkFile {
        try NetworkFile(SafetensorsFile(data(), name: "test"), name: "test")
    }
}

/// Networks with weights of chance: enough for everything numerical, worth nothing against real encoders.
enum TestNetworks {
    /// The layout of the tiny autoencoders, small; with `pool` that of the variant with a normalised side branch.
    static func tinyAutoencoder(seed: UInt64 = 1, pool: Bool = false, prefix: String = "") throws -> NetworkFile {
        try tinyAutoencoderBuilder(seed: seed, pool: pool, prefix: prefix).network()
    }

    static func tinyAutoencoderBuilder(seed: UInt64 = 1, pool: Bool = false, prefix: String = "") -> NetworkBuilder {
        var builder = NetworkBuilder(seed: seed)
        func name(_ number: Int) -> String { "\(prefix)\(number)" }
        builder.convolution(name(0), 32, 3)
        func block(_ number: Int, pool: Bool = false) {
            for layer in [0, 2, 4] { builder.convolution("\(name(number)).conv.\(layer)", 32, 32) }
            guard pool else { return }
            builder.convolution("\(name(number)).pool.0", 128, 32, kernel: 1, bias: false)
            builder.add("\(name(number)).pool.1.weight", [128], scale: 1)
            builder.add("\(name(number)).pool.1.bias", [128])
            builder.convolution("\(name(number)).pool.3", 32, 128, kernel: 1, bias: false)
        }
        block(1)
        builder.convolution(name(2), 32, 32, bias: false)
        block(3)
        builder.convolution(name(4), 32, 32, bias: false)
        block(5, pool: pool)
        builder.convolution(name(6), 4, 32)
        return builder
    }

    /// Every operation that a graph can have.
    static func everything(seed: UInt64 = 2) throws -> NetworkFile {
        var builder = NetworkBuilder(seed: seed)
        builder.convolution("a", 20, 3)
        builder.convolution("b", 24, 20)
        builder.convolution("skip", 40, 24, kernel: 1, bias: false)
        builder.convolution("c", 40, 24)
        builder.convolution("d", 40, 40)
        builder.convolution("e", 40, 40)
        builder.convolution("wide", 40, 1, kernel: 5)
        builder.convolution("narrow", 40, 1, bias: false)
        builder.convolution("f", 9, 40, kernel: 1)
        builder.metadata["fixative_graph"] = """
            [{"op":"scale","mul":2,"add":-1},{"op":"conv","weight":"a.weight","bias":"a.bias","k":3},
            {"op":"leaky","slope":0.2},{"op":"conv","weight":"b.weight","bias":"b.bias","stride":2},{"op":"tanh"},
            {"op":"pushconv","weight":"skip.weight","k":1},{"op":"conv","weight":"c.weight","bias":"c.bias"},
            {"op":"add"},{"op":"relu"},{"op":"push"},{"op":"conv","weight":"d.weight"},{"op":"relu"},{"op":"maxpool2"},
            {"op":"upsample2"},{"op":"add"},{"op":"push"},{"op":"relu"},
            {"op":"conv","weight":"e.weight","bias":"e.bias"},{"op":"add"},
            {"op":"depthwise","weight":"wide.weight","bias":"wide.bias","stride":2},{"op":"leaky","slope":0.5},
            {"op":"depthwise","weight":"narrow.weight"},
            {"op":"conv","weight":"f.weight","bias":"f.bias"},{"op":"clamp3"}]
            """
        return try builder.network()
    }

    /// Two bottlenecks, one of stride 2, one with a residual sum, one depthwise convolution before a pointwise one: what
    /// mobile recognition networks are made of.
    static func bottlenecks() throws -> NetworkFile { try bottlenecksBuilder().network() }

    static func bottlenecksBuilder(seed: UInt64 = 5) -> NetworkBuilder {
        var builder = NetworkBuilder(seed: seed)
        builder.convolution("stem", 20, 3)
        builder.convolution("first", 20, 1)
        builder.convolution("narrow", 9, 20, kernel: 1)
        builder.convolution("wide", 37, 9, kernel: 1)
        builder.convolution("depth", 37, 1, kernel: 5)
        builder.convolution("less", 11, 37, kernel: 1)
        builder.convolution("again", 40, 11, kernel: 1, bias: false)
        builder.convolution("filter", 40, 1, bias: false)
        builder.convolution("last", 11, 40, kernel: 1)
        builder.metadata["fixative_graph"] = """
            [{"op":"scale","mul":2,"add":-1},
            {"op":"conv","weight":"stem.weight","bias":"stem.bias","k":3,"stride":2},{"op":"relu"},
            {"op":"depthwise","weight":"first.weight","bias":"first.bias"},{"op":"relu"},
            {"op":"conv","weight":"narrow.weight","bias":"narrow.bias","k":1},
            {"op":"conv","weight":"wide.weight","bias":"wide.bias","k":1},{"op":"relu"},
            {"op":"depthwise","weight":"depth.weight","bias":"depth.bias","stride":2},{"op":"leaky","slope":0.1},
            {"op":"conv","weight":"less.weight","bias":"less.bias","k":1},{"op":"push"},
            {"op":"conv","weight":"again.weight","k":1},{"op":"leaky","slope":0.3},
            {"op":"depthwise","weight":"filter.weight"},
            {"op":"conv","weight":"last.weight","bias":"last.bias","k":1},{"op":"add"}]
            """
        return builder
    }

    /// A generator that answers a constant: full amplitude, red up, green down, blue up.
    static func generator() throws -> NetworkFile {
        var builder = NetworkBuilder(seed: 3)
        builder.add("g.weight", [3, 3, 1, 1], scale: 0)
        builder.add("g.bias", [3], scale: 0)
        builder.set("g.bias", [20, -20, 20])
        builder.metadata = [
            "fixative_graph": #"[{"op":"conv","weight":"g.weight","bias":"g.bias","k":1},{"op":"tanh"}]"#,
            "fixative_role": "generator",
        ]
        return try builder.network()
    }

    /// An encoder with two convolutions of stride 2: what most tests of the descent need.
    static func encoder(seed: UInt64 = 4) throws -> NetworkFile {
        var builder = NetworkBuilder(seed: seed)
        builder.convolution("a", 16, 3)
        builder.convolution("b", 32, 16)
        builder.convolution("c", 16, 32)
        builder.metadata["fixative_graph"] = """
            [{"op":"conv","weight":"a.weight","bias":"a.bias","stride":2},{"op":"relu"},
            {"op":"conv","weight":"b.weight","bias":"b.bias","stride":2},{"op":"relu"},
            {"op":"conv","weight":"c.weight","bias":"c.bias"}]
            """
        return try builder.network()
    }
}

extension NetworkBuilder {
    mutating func set(_ name: String, _ values: [Float]) {
        guard let index = tensors.firstIndex(where: { $0.name == name }) else { return }
        tensors[index].values = values
    }
}
