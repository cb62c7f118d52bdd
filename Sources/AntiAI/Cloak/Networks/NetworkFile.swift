import Core
import Foundation

/// A network from a file: the graph that it describes itself, or the layout of the tiny autoencoders' encoders.
package struct NetworkFile {
    /// What the network is for.
    package enum Role: String, Sendable {
        /// An autoencoder's encoder.
        case encoder
        /// The layers of a recognition network before its head.
        case features
        /// Gives the perturbation itself, −1…1, from the picture.
        case generator
    }

    package let name: String
    package let role: Role
    /// What the network counts in the ensemble.
    package let weight: Float
    package let views: [NetworkView]
    package let provenance: String?
    let plan: NetworkPlan

    /// - Throws: `UserError` for files that are not such a network.
    package init(contentsOf file: URL) throws {
        try self.init(SafetensorsFile(contentsOf: file), name: file.lastPathComponent)
    }

    /// - Parameter name: for messages, and for the network where it has no name of its own.
    package init(_ file: SafetensorsFile, name: String) throws {
        let words = file.metadata
        let blank = NetworkPlan(name: name)
        if let own = words["fixative_name"] {
            guard (1...60).contains(own.utf8.count), own.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw blank.wrong("its own name is not 1 to 60 printable ASCII characters")
            }
            self.name = own
        } else {
            self.name = name
        }
        provenance = words["fixative_provenance"]
        guard let role = words["fixative_role"].map(Role.init(rawValue:)) ?? .encoder else {
            throw blank.wrong("its role is none of encoder, features and generator")
        }
        self.role = role
        guard let weight = words["fixative_weight"].map(Float.init) ?? 1, weight.isFinite, (0...100).contains(weight)
        else { throw blank.wrong("its weight is not a number from 0 to 100") }
        self.weight = weight
        views = try words["fixative_views"].map { try NetworkView.list($0, blank) } ?? [.usual]
        if let graph = words["fixative_graph"] {
            plan = try GraphDescription(file, blank).read(graph)
        } else if let layout = TinyAutoencoder(file, blank) {
            plan = try layout.read()
        } else {
            throw blank.wrong(
                "it neither describes its graph (fixative_graph) nor has the layers of a tiny autoencoder's encoder")
        }
        if role == .generator {
            let end = plan.values[plan.output]
            guard end.channels == 3, end.halvings == 0 else {
                throw plan.wrong("a generator ends in three channels of the picture's size")
            }
        } else {
            guard plan.values[plan.output].halvings > 0 else {
                throw plan.wrong("an encoder ends in maps smaller than the picture")
            }
        }
    }
}

extension SafetensorsFile {
    /// A convolution by the names of its tensors, with every shape checked.
    func convolution(
        weight: String, bias: String?, stride: Int, kernel: Int?, _ plan: NetworkPlan
    ) throws -> NetworkPlan.Convolution {
        guard let weights = tensors[weight] else { throw plan.wrong("it has no tensor \(weight.prefix(60))") }
        let shape = weights.shape
        guard shape.count == 4, shape[2] == shape[3], [1, 3].contains(shape[2]), kernel ?? shape[2] == shape[2],
            shape[0] <= NetworkPlan.maximumChannels, shape[1] <= NetworkPlan.maximumChannels
        else { throw plan.wrong("the shape of \(weight.prefix(60)) is not that of a convolution of 1×1 or 3×3") }
        return NetworkPlan.Convolution(
            weights: weights.values, bias: try self.bias(bias, count: shape[0], plan), outputs: shape[0],
            inputs: shape[1], kernel: shape[2], stride: stride)
    }

    /// The same for one filter a channel.
    func depthwise(weight: String, bias: String?, stride: Int, _ plan: NetworkPlan) throws -> NetworkPlan.Depthwise {
        guard let weights = tensors[weight] else { throw plan.wrong("it has no tensor \(weight.prefix(60))") }
        let shape = weights.shape
        guard shape.count == 4, shape[1] == 1, shape[2] == shape[3], [3, 5].contains(shape[2]),
            shape[0] <= NetworkPlan.maximumChannels
        else {
            throw plan.wrong("the shape of \(weight.prefix(60)) is not that of a depthwise convolution of 3×3 or 5×5")
        }
        return NetworkPlan.Depthwise(
            weights: weights.values, bias: try self.bias(bias, count: shape[0], plan), channels: shape[0],
            kernel: shape[2], stride: stride)
    }

    private func bias(_ name: String?, count: Int, _ plan: NetworkPlan) throws -> [Float]? {
        guard let name else { return nil }
        guard let tensor = tensors[name] else { throw plan.wrong("it has no tensor \(name.prefix(60))") }
        guard tensor.shape == [count] else { throw plan.wrong("the shape of \(name.prefix(60)) is wrong") }
        return tensor.values
    }
}

/// `fixative_graph`: a JSON array of operations, run in order. docs/technotes/Cloak.md describes it.
private struct GraphDescription {
    let file: SafetensorsFile
    let blank: NetworkPlan

    init(_ file: SafetensorsFile, _ blank: NetworkPlan) {
        self.file = file
        self.blank = blank
    }

    private struct Operation: Decodable {
        var op: String
        var weight: String?
        var bias: String?
        var stride: Int?
        var k: Int?
        var slope: Float?
        var mul: Float?
        var add: Float?
    }

    func read(_ text: String) throws -> NetworkPlan {
        guard text.utf8.count <= 1 << 18,
            let operations = try? JSONDecoder().decode([Operation].self, from: Data(text.utf8))
        else { throw blank.wrong("its graph is not a list of operations in JSON") }
        var plan = blank
        for operation in operations {
            switch operation.op {
            case "conv": try plan.convolve(convolution(operation))
            case "pushconv":
                let convolution = try convolution(operation)
                plan.push()
                try plan.convolve(convolution, onCopy: true)
            case "depthwise": try plan.convolve(depthwise(operation))
            case "relu": try plan.activate(slope: 0)
            case "leaky": try plan.activate(slope: operation.slope ?? 0.01)
            case "push": plan.push()
            case "add": try plan.add()
            case "upsample2": try plan.upsample()
            case "maxpool2": try plan.maxPool()
            case "scale": try plan.scale(mul: operation.mul ?? 1, add: operation.add ?? 0)
            case "tanh": try plan.tanh(limit: 1)
            case "clamp3": try plan.tanh(limit: 3)
            default: throw blank.wrong("its graph has an operation that there is not")
            }
        }
        return try plan.finished()
    }

    private func convolution(_ operation: Operation) throws -> NetworkPlan.Convolution {
        let (weight, stride) = try shared(operation)
        return try file.convolution(
            weight: weight, bias: operation.bias, stride: stride, kernel: operation.k, blank)
    }

    private func depthwise(_ operation: Operation) throws -> NetworkPlan.Depthwise {
        let (weight, stride) = try shared(operation)
        return try file.depthwise(weight: weight, bias: operation.bias, stride: stride, blank)
    }

    private func shared(_ operation: Operation) throws -> (weight: String, stride: Int) {
        let stride = operation.stride ?? 1
        guard let weight = operation.weight, [1, 2].contains(stride) else {
            throw blank.wrong("a convolution of its graph has no weight or a stride other than 1 and 2")
        }
        return (weight, stride)
    }
}

/// The encoders of TAESD and its kin (madebyollin): a sequence of convolutions, blocks of three with a skip, and
/// convolutions of stride 2 without bias; in the variant for FLUX.2 with a normalised side branch before some blocks.
private struct TinyAutoencoder {
    private let file: SafetensorsFile
    private let blank: NetworkPlan
    private let prefix: String
    /// The names of each element's tensors, without the prefix and the number.
    private let elements: [Set<String>]

    private static let block: Set = [
        "conv.0.weight", "conv.0.bias", "conv.2.weight", "conv.2.bias", "conv.4.weight", "conv.4.bias",
    ]
    private static let pool: Set = ["pool.0.weight", "pool.1.weight", "pool.1.bias", "pool.3.weight"]
    private static let groups = 4

    /// Nil where the keys are not those of the layout.
    init?(_ file: SafetensorsFile, _ blank: NetworkPlan) {
        self.file = file
        self.blank = blank
        let prefixes = ["encoder.layers.", "encoder.", ""]
        guard let prefix = prefixes.first(where: { file.tensors[$0 + "0.weight"] != nil }) else { return nil }
        self.prefix = prefix
        var parts: [Int: Set<String>] = [:]
        for key in file.tensors.keys {
            if !prefix.isEmpty, key.hasPrefix("decoder.") { continue }
            let rest = key.dropFirst(prefix.count)
            guard key.hasPrefix(prefix), let dot = rest.firstIndex(of: "."), let number = Int(rest[..<dot]) else {
                return nil
            }
            parts[number, default: []].insert(String(rest[rest.index(after: dot)...]))
        }
        guard parts.keys.sorted() == Array(0..<parts.count), parts.count >= 4 else { return nil }
        elements = (0..<parts.count).map { parts[$0] ?? [] }
        for names in elements {
            let known = [["weight"], ["weight", "bias"], Self.block, Self.block.union(["skip.weight"])]
            guard known.contains(names) || names == Self.block.union(Self.pool) else { return nil }
        }
    }

    func read() throws -> NetworkPlan {
        var plan = blank
        for (number, names) in elements.enumerated() {
            let start = "\(prefix)\(number)."
            func convolution(_ name: String, _ bias: Bool, stride: Int = 1) throws -> NetworkPlan.Convolution {
                try file.convolution(
                    weight: "\(start)\(name)weight", bias: bias ? "\(start)\(name)bias" : nil, stride: stride,
                    kernel: nil, blank)
            }
            guard names.contains("conv.0.weight") else {
                let hasBias = names.contains("bias")
                try plan.convolve(convolution("", hasBias, stride: hasBias ? 1 : 2))
                continue
            }
            if names.contains("pool.0.weight") {
                plan.push()
                try plan.convolve(convolution("pool.0.", false))
                guard let weight = file.tensors["\(start)pool.1.weight"], let bias = file.tensors["\(start)pool.1.bias"]
                else { throw blank.wrong("a normalisation is incomplete") }
                try plan.normalise(.init(weight: weight.values, bias: bias.values, groups: Self.groups))
                try plan.activate(slope: 0)
                try plan.convolve(convolution("pool.3.", false))
                try plan.add()
            }
            plan.push()
            if names.contains("skip.weight") { try plan.convolve(convolution("skip.", false), onCopy: true) }
            try plan.convolve(convolution("conv.0.", true))
            try plan.activate(slope: 0)
            try plan.convolve(convolution("conv.2.", true))
            try plan.activate(slope: 0)
            try plan.convolve(convolution("conv.4.", true))
            try plan.add()
            try plan.activate(slope: 0)
        }
        return try plan.finished()
    }
}
