import CCloakKernels
import Core

/// A network with its weights packed for one level; shared by all threads.
package final class Network: @unchecked Sendable {
    package let name: String
    package let role: NetworkFile.Role
    /// What it counts in the ensemble.
    package let weight: Float
    package let views: [NetworkView]
    let plan: NetworkPlan
    let level: KernelLevel
    /// Written only here; the kernels read them.
    let stem: OpaquePointer?
    let convolutions: [OpaquePointer]
    let depthwise: [OpaquePointer]
    let readers: [Int]
    /// The layer that makes each value; none makes the input.
    let maker: [Int: Int]
    /// Values that the way back needs.
    let remembered: Set<Int>

    /// - Throws: `UserError` when memory is short.
    package init(_ file: NetworkFile, level: KernelLevel = .chosen) throws {
        name = file.name
        role = file.role
        weight = file.weight
        views = file.views
        plan = file.plan
        self.level = level
        let level = level.rawValue
        stem = file.plan.stem.flatMap { stem in
            Self.withWeights(stem.convolution.weights, stem.convolution.bias) {
                fx_stem_new(
                    level, $0, $1, Int32(stem.convolution.outputs), Int32(stem.convolution.stride), stem.mul, stem.add)
            }
        }
        let convolutions = file.plan.convolutions.map { convolution in
            Self.withWeights(convolution.weights, convolution.bias) {
                fx_conv_new(
                    level, $0, $1, Int32(convolution.outputs), Int32(convolution.inputs), Int32(convolution.kernel),
                    Int32(convolution.stride))
            }
        }
        let depthwise = file.plan.depthwise.map { convolution in
            Self.withWeights(convolution.weights, convolution.bias) {
                fx_depthwise_new(
                    level, $0, $1, Int32(convolution.channels), Int32(convolution.kernel), Int32(convolution.stride))
            }
        }
        self.convolutions = convolutions.compactMap { $0 }
        self.depthwise = depthwise.compactMap { $0 }
        guard (stem == nil) == (file.plan.stem == nil), !convolutions.contains(nil), !depthwise.contains(nil) else {
            stem.map(fx_stem_free)
            self.convolutions.forEach(fx_conv_free)
            self.depthwise.forEach(fx_depthwise_free)
            throw UserError("There is not enough memory for the network \(file.name).", .internal)
        }
        readers = plan.readers
        maker = Dictionary(uniqueKeysWithValues: plan.layers.enumerated().map { ($1.output, $0) })
        remembered = plan.remembered
    }

    deinit {
        stem.map(fx_stem_free)
        convolutions.forEach(fx_conv_free)
        depthwise.forEach(fx_depthwise_free)
    }

    private static func withWeights(
        _ weights: [Float], _ bias: [Float]?, _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> OpaquePointer?
    ) -> OpaquePointer? {
        weights.withUnsafeBufferPointer { weights in
            guard let bias else { return body(weights.baseAddress, nil) }
            return bias.withUnsafeBufferPointer { body(weights.baseAddress, $0.baseAddress) }
        }
    }

    func bottleneck(_ index: Int) -> fx_bottleneck {
        let parts = plan.bottlenecks[index]
        return fx_bottleneck(
            expand: parts.expand.map { convolutions[$0] }, depth: depthwise[parts.depthwise],
            project: convolutions[parts.project], expand_slope: parts.expandSlope, depth_slope: parts.depthSlope)
    }

    /// Multiplications for one pixel of the picture, one pass forward.
    package var multiplicationsPerPixel: Double { plan.multiplicationsPerPixel }
}
