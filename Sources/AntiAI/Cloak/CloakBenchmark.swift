import CCloakKernels
import Core
import Foundation

/// One step of the descent on its own, for benchmarks against other implementations of the same network.
public enum CloakBenchmark {
    public struct Result: Sendable, Encodable {
        public var name: String
        public var level: String
        public var side: Int
        /// Least CPU time of a pass forward and backward.
        public var stepMilliseconds: Double
        public var forwardMilliseconds: Double
        /// Additions and multiplications of the convolutions a second, both directions.
        public var gigaflops: Double
        /// Least CPU time of SSIMULACRA2 and of butteraugli, each with its gradient.
        public var visibilityMilliseconds: Double
        public var butteraugliMilliseconds: Double
    }

    /// Runs a network on one thread over a square picture of noise.
    ///
    /// - Parameter level: portable, avx2, avx512 or bf16; nil is the best that this machine can run.
    /// - Throws: `UserError` for files that are no networks and levels that this machine cannot run.
    public static func run(_ file: URL, side: Int, rounds: Int, level: String?) throws -> Result {
        let chosen = try level.map { name in
            guard let found = KernelLevel.supported.first(where: { "\($0)" == name }) else {
                let names = KernelLevel.supported.map { "\($0)" }.joined(separator: ", ")
                throw UserError("This machine cannot run the level '\(name)': it can run \(names).")
            }
            return found
        }
        let network = try Network(NetworkFile(contentsOf: file), level: chosen ?? .chosen)
        let bytes = network.plan.peakBytesPerPixel(elementSize: network.level == .bf16 ? 2 : 4)
        let pool = TensorPool(level: network.level, capacity: Int(bytes * Double(side * side) * 5 / 4))
        let runner = NetworkRunner(network, pool: pool, isCancelled: { false })
        var random = SplitMix(state: 1)
        let planes = (0..<3 * side * side).map { _ in random.unit() }
        let changed = planes.map { min(max($0 + (random.unit() - 0.5) * 0.04, 0), 1) }
        var gradient = [Float](repeating: 0, count: planes.count)
        var (forward, step) = (Double.infinity, Double.infinity)
        for _ in 0..<rounds {
            let start = CPUTime.now()
            guard let output = runner.forward(planes, height: side, width: side, remembers: true) else { break }
            let middle = CPUTime.now()
            _ = runner.backward(output, into: &gradient)
            forward = min(forward, middle - start)
            step = min(step, CPUTime.now() - start)
        }
        func least(_ body: () -> Void) -> Double {
            (0..<rounds).map { _ in
                let start = CPUTime.now()
                body()
                return CPUTime.now() - start
            }.min() ?? 0
        }
        let visibility = VisibilityTerm(planes, width: side, height: side, level: network.level)
        let butteraugli = ButteraugliTerm(planes, width: side, height: side, level: network.level)
        let sight = least { _ = visibility?.score(changed, gradient: &gradient) }
        let norm = least { _ = butteraugli?.norm(changed, gradient: &gradient) }
        let work = network.multiplicationsPerPixel * 4 * Double(side * side)
        return Result(
            name: network.name, level: "\(network.level)", side: side, stepMilliseconds: step * 1000,
            forwardMilliseconds: forward * 1000, gigaflops: work / step / 1e9, visibilityMilliseconds: sight * 1000,
            butteraugliMilliseconds: norm * 1000)
    }
}
