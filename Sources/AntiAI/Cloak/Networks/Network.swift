import CCloakKernels
import Core

/// A network with its weights packed for one level; shared by all threads.
package final class Network: @unchecked Sendable {
    package let name: String
    package let role: NetworkFile.Role
    /// What it counts in the ensemble.
    package let weight: Float
    let plan: NetworkPlan
    let level: KernelLevel
    /// Written only here; the kernels read them.
    let convolutions: [OpaquePointer]
    let readers: [Int]
    /// The layer that makes each value; none makes the input.
    let maker: [Int: Int]
    /// Values that the way back needs: outputs of activations (their sign), of tanh, and inputs of normalisations.
    let remembered: Set<Int>

    /// - Throws: `UserError` when memory is short.
    package init(_ file: NetworkFile, level: KernelLevel = .chosen) throws {
        name = file.name
        role = file.role
        weight = file.weight
        plan = file.plan
        self.level = level
        var packed: [OpaquePointer] = []
        for convolution in file.plan.convolutions {
            let made = convolution.weights.withUnsafeBufferPointer { weights in
                func make(_ bias: UnsafePointer<Float>?) -> OpaquePointer? {
                    fx_conv_new(
                        level.rawValue, weights.baseAddress, bias, Int32(convolution.outputs),
                        Int32(convolution.inputs), Int32(convolution.kernel), Int32(convolution.stride))
                }
                guard let bias = convolution.bias else { return make(nil) }
                return bias.withUnsafeBufferPointer { make($0.baseAddress) }
            }
            guard let made else {
                packed.forEach(fx_conv_free)
                throw UserError("There is not enough memory for the network \(file.name).", .internal)
            }
            packed.append(made)
        }
        convolutions = packed
        readers = plan.readers
        maker = Dictionary(uniqueKeysWithValues: plan.layers.enumerated().map { ($1.output, $0) })
        var remembered: Set<Int> = []
        for layer in plan.layers {
            if layer.slope != 1 { remembered.insert(layer.output) }
            switch layer.kind {
            case .tanh: remembered.insert(layer.output)
            case .maxPool: remembered.formUnion([layer.input, layer.output])
            case .groupNorm: remembered.insert(layer.input)
            default: break
            }
        }
        self.remembered = remembered
    }

    deinit { convolutions.forEach(fx_conv_free) }

    /// Multiplications for one pixel of the picture, one pass forward.
    package var multiplicationsPerPixel: Double { plan.multiplicationsPerPixel }
}
