import CCloakKernels

/// Projected gradient descent on one tile after another, with the memory of one worker.
///
/// Each step goes along the sign of the gradients of the networks' displacements plus a multiple of the gradient of
/// SSIMULACRA2; the multiple grows while the tile is worse than its target and shrinks while it is better. Each gradient
/// counts by its direction alone, whatever its length. No random transforms: at equal visibility they cost more than
/// they bring.
final class TileDescent {
    private let runners: [NetworkRunner]
    private let generator: NetworkRunner?
    private let pool: TensorPool
    private let level: KernelLevel
    private let settings: CloakSettings
    /// Called after every step; false ends the work.
    private let goesOn: () -> Bool

    init(
        _ networks: CloakNetworks, settings: CloakSettings, goesOn: @escaping () -> Bool,
        isCancelled: @escaping () -> Bool
    ) {
        level = networks.level
        let pool = TensorPool(level: networks.level)
        self.pool = pool
        self.settings = settings
        self.goesOn = goesOn
        runners = networks.members.map { NetworkRunner($0, pool: pool, isCancelled: isCancelled) }
        generator = networks.generator.map { NetworkRunner($0, pool: pool, isCancelled: isCancelled) }
    }

    /// The perturbation of a tile on the scale 0…1, red, green and blue, each within the tile's bounds. Nil when
    /// cancelled.
    ///
    /// - Parameter gray: whether all three channels move alike.
    func run(_ tile: TilePixels, gray: Bool, seed: UInt64) -> [Float]? {
        guard var change = start(tile, gray: gray, seed: seed) else { return nil }
        guard settings.steps > 0, !runners.isEmpty else { return change }
        return tile.planes.withUnsafeBufferPointer { original -> [Float]? in
            guard let base = original.baseAddress,
                let visibility = VisibilityTerm(base, width: tile.width, height: tile.height, level: level)
            else { return nil }
            var references: [Tensor] = []
            defer { references.forEach(pool.release) }
            for runner in runners {
                guard let map = runner.forward(base, height: tile.height, width: tile.width, remembers: false) else {
                    return nil
                }
                references.append(map)
            }
            var state = StepState(tile: tile, gray: gray)
            for step in 0..<settings.steps {
                state.apply(change, to: tile)
                // One network a step, the others' gradients staying as they were.
                let due = !settings.takesTurns ? Array(runners.indices) : [step % runners.count]
                guard follow(due, references, &state, tile) else { return nil }
                let score = state.changed.withUnsafeBufferPointer { changed in
                    state.sight.withUnsafeMutableBufferPointer { sight in
                        changed.baseAddress.map { visibility.score($0, gradient: sight.baseAddress) } ?? 100
                    }
                }
                let steps = Float(settings.steps)
                let rate = settings.crossings / steps * (1 - 0.7 * Float(step) / steps)
                state.step(&change, rate: rate)
                state.judge(score, target: settings.target)
                guard goesOn() else { return nil }
            }
            return change
        }
    }

    /// What the descent starts from: the generator's answer, or noise of half the bounds.
    private func start(_ tile: TilePixels, gray: Bool, seed: UInt64) -> [Float]? {
        let count = tile.width * tile.height
        var change = [Float](repeating: 0, count: 3 * count)
        if let generator {
            let done = tile.planes.withUnsafeBufferPointer { planes -> Bool in
                guard let base = planes.baseAddress,
                    let output = generator.forward(base, height: tile.height, width: tile.width, remembers: false)
                else { return false }
                var raw = output.raw
                change.withUnsafeMutableBufferPointer { fx_unpack(level.rawValue, &raw, $0.baseAddress) }
                pool.release(output)
                return true
            }
            guard done else { return nil }
            for place in 0..<count {
                let bound = tile.bounds[place]
                let mean = (change[place] + change[count + place] + change[2 * count + place]) / 3
                for channel in 0..<3 {
                    let value = gray ? mean : change[channel * count + place]
                    change[channel * count + place] = min(max(value, -1), 1) * bound
                }
            }
            return change
        }
        // Noise by the place in the picture: neighbours start alike where they overlap, so they end alike. Tiles that
        // start from noise of their own end in unlike patterns, which cancel where the tiles fade into each other.
        for channel in 0..<3 {
            for row in 0..<tile.height {
                let line = seed &+ UInt64(tile.y + row) &* 0xD1B5_4A32_D192_ED03
                for column in 0..<tile.width {
                    let place = row * tile.width + column
                    guard !gray || channel == 0 else {
                        change[channel * count + place] = change[place]
                        continue
                    }
                    var random = SplitMix(state: line &+ UInt64(3 * (tile.x + column) + channel) &* 0xABC9_8388_FB8F_AC03)
                    change[channel * count + place] = (random.unit() - 0.5) * tile.bounds[place]
                }
            }
        }
        return change
    }

    /// The gradients of the relative displacements of some networks, into the state.
    private func follow(_ due: [Int], _ references: [Tensor], _ state: inout StepState, _ tile: TilePixels) -> Bool {
        for index in due {
            let (runner, reference) = (runners[index], references[index])
            let output = state.changed.withUnsafeBufferPointer { changed in
                changed.baseAddress.flatMap {
                    runner.forward($0, height: tile.height, width: tile.width, remembers: true)
                }
            }
            guard let output else { return false }
            var (moved, base) = (0.0, 0.0)
            var (a, b) = (output.raw, reference.raw)
            fx_distance(level.rawValue, &a, &b, &moved, &base)
            let gradient = pool.take(output.shape)
            var target = gradient.raw
            // The direction of d‖a − b‖, of a length that bf16 holds in the middle of its range whatever the size of
            // the map.
            let length = max(moved.squareRoot(), 1e-12)
            let spread = Double(output.shape.channels * output.shape.height * output.shape.width).squareRoot()
            fx_difference(level.rawValue, &a, &b, Float(spread / length), &target)
            pool.release(output)
            let done = state.withGradient(index, of: runners.count, weight: settings.pull * runner.network.weight) {
                runner.backward(gradient, into: $0)
            }
            guard done else { return false }
        }
        state.addGradients()
        return true
    }
}

/// The arrays of one tile's descent.
private struct StepState {
    private(set) var changed: [Float]
    /// Each network's last gradient, and what brings it to the length of the network's weight.
    private var gradients: [(values: [Float], factor: Float)] = []
    private var gradient: [Float]
    /// The gradient of the score.
    var sight: [Float]
    private let bounds: [Float]
    private let gray: Bool
    private var multiplier: Float = 0.5

    init(tile: TilePixels, gray: Bool) {
        changed = tile.planes
        gradient = changed
        sight = changed
        bounds = tile.bounds
        self.gray = gray
    }

    mutating func apply(_ change: [Float], to tile: TilePixels) {
        tile.planes.withUnsafeBufferPointer { original in
            change.withUnsafeBufferPointer { change in
                changed.withUnsafeMutableBufferPointer { changed in
                    for index in 0..<changed.count { changed[index] = min(max(original[index] + change[index], 0), 1) }
                }
            }
        }
    }

    /// Lets a network write its gradient, of which only the direction counts.
    mutating func withGradient(
        _ index: Int, of count: Int, weight: Float, _ body: (UnsafeMutablePointer<Float>) -> Bool
    ) -> Bool {
        if gradients.isEmpty {
            gradients = Array(repeating: ([Float](repeating: 0, count: changed.count), 0), count: count)
        }
        let done = gradients[index].values.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) ?? false }
        gradients[index].factor = weight / (Self.deviation(gradients[index].values) + 1e-20)
        return done
    }

    mutating func addGradients() {
        gradient.withUnsafeMutableBufferPointer { gradient in
            gradient.update(repeating: 0)
            for (values, factor) in gradients {
                values.withUnsafeBufferPointer { values in
                    for index in 0..<gradient.count { gradient[index] += values[index] * factor }
                }
            }
        }
    }

    /// Moves along the sign of both gradients, each divided by its root mean square, and back into the bounds.
    mutating func step(_ change: inout [Float], rate: Float) {
        if gray {
            Self.addChannels(&gradient, bounds.count)
            Self.addChannels(&sight, bounds.count)
        }
        let first = 1 / (Self.deviation(gradient) + 1e-20)
        let second = multiplier / (Self.deviation(sight) + 1e-20)
        change.withUnsafeMutableBufferPointer { change in
            gradient.withUnsafeBufferPointer { gradient in
                sight.withUnsafeBufferPointer { sight in
                    bounds.withUnsafeBufferPointer { bounds in
                        for channel in 0..<3 {
                            let start = channel * bounds.count
                            for place in 0..<bounds.count {
                                let bound = bounds[place]
                                let slope = gradient[start + place] * first + sight[start + place] * second
                                let move = slope > 0 ? bound : slope < 0 ? -bound : 0
                                change[start + place] = min(max(change[start + place] + rate * move, -bound), bound)
                            }
                        }
                    }
                }
            }
        }
    }

    mutating func judge(_ score: Double, target: Double) {
        multiplier = min(max(score < target ? multiplier * 1.25 : multiplier / 1.25, 0.05), 3)
    }

    private static func deviation(_ values: [Float]) -> Float {
        var sum = 0.0
        values.withUnsafeBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: 1024) {
                var part: Float = 0
                for index in start..<min(start + 1024, values.count) { part += values[index] * values[index] }
                sum += Double(part)
            }
        }
        return Float((sum / Double(max(values.count, 1))).squareRoot())
    }

    private static func addChannels(_ values: inout [Float], _ count: Int) {
        for place in 0..<count {
            let sum = values[place] + values[count + place] + values[2 * count + place]
            for channel in 0..<3 { values[channel * count + place] = sum }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0…1.
    mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}
