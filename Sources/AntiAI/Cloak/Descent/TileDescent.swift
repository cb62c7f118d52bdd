import CCloakKernels

/// Projected gradient descent on one tile after another, with the memory of one worker.
///
/// Each step goes along the sign of the gradients of the networks' displacements plus those of SSIMULACRA2 and of
/// butteraugli. Each gradient counts by its direction alone, whatever its length. No random transforms: at equal
/// visibility they cost more than they bring.
final class TileDescent {
    private let runners: [NetworkRunner]
    private let seats: [CloakNetworks.Seat]
    /// By the scales of the views; none where the size stays.
    private let sizes: [Double: ResizedView]
    private let generator: NetworkRunner?
    private let pool: TensorPool
    private let level: KernelLevel
    private let settings: CloakSettings
    /// Called after every step; false ends the work.
    private let goesOn: () -> Bool

    /// - Parameters:
    ///   - width, height: of every tile.
    /// Nil when memory is short.
    init?(
        _ networks: CloakNetworks, settings: CloakSettings, width: Int, height: Int, goesOn: @escaping () -> Bool,
        isCancelled: @escaping () -> Bool
    ) {
        level = networks.level
        seats = networks.seats.map { seat in
            let isFeatures = networks.members[seat.member].role == .features
            return seat.limited(toSizes: isFeatures ? settings.sizes.features : settings.sizes.encoder)
        }
        var sizes: [Double: ResizedView] = [:]
        for scale in Set(seats.flatMap(\.scales))
        where ResizedView.side(width, scale: scale) != width || ResizedView.side(height, scale: scale) != height {
            sizes[scale] = ResizedView(width: width, height: height, scale: scale, level: networks.level)
            guard sizes[scale] != nil else { return nil }
        }
        self.sizes = sizes
        // A sixth more for borders, and for what does not fit closely.
        let planes = StepState.bytesPerPixel(networks: networks.seats.count)
        let pool = TensorPool(
            level: networks.level,
            capacity: Int((networks.mapBytesPerPixel * 7 / 6 + planes) * Double(width * height)))
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
        guard settings.steps > 0, !seats.isEmpty else { return change }
        return tile.planes.withUnsafeBufferPointer { original -> [Float]? in
            guard let base = original.baseAddress,
                let visibility = VisibilityTerm(base, width: tile.width, height: tile.height, level: level, pool: pool),
                let butteraugli = ButteraugliTerm(
                    base, width: tile.width, height: tile.height, level: level, pool: pool)
            else { return nil }
            var state = StepState(
                original: base, tile: tile, networks: seats.count,
                sizes: Array(sizes.values), pool: pool, gray: gray)
            var references = References(pool: pool)
            defer { references.release() }
            state.move(&change, rate: 0)
            let turns = TurnOrder(
                costs: seats.map(\.cost), count: settings.turns, cheapestOften: settings.asksCheapestOften)
            for step in 0..<settings.steps {
                // The gradients of those that are not asked stay as they were.
                let round = turns.round(of: step)
                let views = turns.due(at: step).map { seat in
                    View(seat: seat, scale: seats[seat].scales[round % seats[seat].scales.count])
                }
                guard complete(&references, views, base, state), follow(views, references, &state) else { return nil }
                state.look(settings) { changed, score, norm in
                    _ = visibility.score(changed, gradient: score)
                    _ = butteraugli.norm(changed, gradient: norm)
                }
                let steps = Float(settings.steps)
                let rate = settings.crossings / steps * (1 - 0.7 * Float(step) / steps)
                state.step(&change, rate: rate, color: settings.color)
                guard goesOn() else { return nil }
            }
            return change
        }
    }

    /// What a network says of the planes in a size.
    private func answer(
        to planes: UnsafePointer<Float>, _ view: View, _ state: StepState, remembers: Bool
    ) -> Tensor? {
        let runner = runners[seats[view.seat].member]
        guard let size = sizes[view.scale] else {
            return runner.forward(planes, height: state.height, width: state.width, remembers: remembers)
        }
        size.look(at: planes, into: state.resized, room: state.room)
        return runner.forward(state.resized, height: size.height, width: size.width, remembers: remembers)
    }

    /// Adds what networks say of the original where they see it in a way that they did not see it in before.
    private func complete(
        _ references: inout References, _ views: [View], _ original: UnsafePointer<Float>, _ state: StepState
    ) -> Bool {
        for view in views where references[view] == nil {
            guard let map = answer(to: original, view, state, remembers: false) else { return false }
            references[view] = map
        }
        return true
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
                    var random = SplitMix(
                        state: line &+ UInt64(3 * (tile.x + column) + channel) &* 0xABC9_8388_FB8F_AC03)
                    change[channel * count + place] = (random.unit() - 0.5) * tile.bounds[place]
                }
            }
        }
        return change
    }

    /// The gradients of the relative displacements of some networks, into the state.
    private func follow(_ views: [View], _ references: References, _ state: inout StepState) -> Bool {
        for view in views {
            guard let reference = references[view],
                let output = answer(to: state.changed, view, state, remembers: true)
            else { return false }
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
            let seat = seats[view.seat]
            let (resized, room) = (state.resized, state.room)
            let done = state.withGradient(view.seat, weight: settings.pull * seat.weight) { own in
                let size = sizes[view.scale]
                guard runners[seat.member].backward(gradient, into: size == nil ? own : resized) else { return false }
                size?.goBack(resized, into: own, room: room)
                return true
            }
            guard done else { return false }
        }
        return true
    }
}

/// How a network sees the picture in one of its turns.
private struct View: Hashable {
    let seat: Int
    let scale: Double
}

/// What networks say of the original, as far as they were asked.
private struct References {
    let pool: TensorPool
    private var maps: [View: Tensor] = [:]

    init(pool: TensorPool) { self.pool = pool }

    subscript(view: View) -> Tensor? {
        get { maps[view] }
        set { maps[view] = newValue }
    }

    func release() { maps.values.forEach(pool.release) }
}

/// The planes of one tile's descent, in the worker's arena.
private struct StepState {
    let changed: UnsafeMutablePointer<Float>
    /// For a picture in another size, or a gradient of it, and to make it in: where the gradients lie that are made after those
    /// of the networks.
    let resized: UnsafeMutablePointer<Float>
    let room: UnsafeMutablePointer<Float>
    let width: Int
    let height: Int
    /// Each network's last gradient after the other, and what brings each to the length of its network's weight.
    private let gradients: UnsafeMutablePointer<Float>
    private var factors: [Float]
    private let gradient: UnsafeMutablePointer<Float>
    /// The gradients of the score and of the norm, one after the other, and what both together ask for.
    private let views: UnsafeMutablePointer<Float>
    private let sight: UnsafeMutablePointer<Float>
    private let original: UnsafePointer<Float>
    private let bounds: [Float]
    /// Samples of a picture: three planes.
    private let count: Int
    private let level: Int32
    private let gray: Bool
    private let memory: ArenaBytes

    static func bytesPerPixel(networks: Int) -> Double { Double(3 * (5 + networks) * MemoryLayout<Float>.stride) }

    /// - Parameters:
    ///   - original: the tile's planes; it has to live as long as this does.
    ///   - sizes: in which the tile is seen.
    init(
        original: UnsafePointer<Float>, tile: TilePixels, networks: Int, sizes: [ResizedView], pool: TensorPool,
        gray: Bool
    ) {
        bounds = tile.bounds
        width = tile.width
        height = tile.height
        count = 3 * bounds.count
        let largest = sizes.map { 3 * $0.width * $0.height }.max() ?? 0
        let floats = (1 + networks) * count + max(4 * count, largest + (sizes.map(\.room).max() ?? 0))
        memory = pool.take(floats: floats)
        changed = memory.floats
        gradients = changed + count
        gradient = gradients + networks * count
        sight = gradient + count
        views = sight + count
        resized = gradient
        room = resized + largest
        // Gradients count from the first step on, those of networks whose turn comes later, too. The rest is written before
        // it is read, but for what the first move multiplies with nothing.
        gradients.update(repeating: 0, count: networks * count)
        gradient.update(repeating: 0, count: 2 * count)
        factors = [Float](repeating: 0, count: networks)
        self.original = original
        level = pool.level.rawValue
        self.gray = gray
    }

    /// Lets a network write its gradient, of which only the direction counts.
    mutating func withGradient(_ index: Int, weight: Float, _ body: (UnsafeMutablePointer<Float>) -> Bool) -> Bool {
        let own = gradients + index * count
        let done = body(own)
        factors[index] = weight / (Self.deviation(fx_squares(level, own, count), count) + 1e-20)
        return done
    }

    /// Lets both measures write their gradients; of these too only the direction counts.
    func look(
        _ settings: CloakSettings,
        _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) {
        body(changed, views, views + count)
        let factors = [
            settings.scoreWeight / (Self.deviation(fx_squares(level, views, count), count) + 1e-20),
            -settings.normWeight / (Self.deviation(fx_squares(level, views + count, count), count) + 1e-20),
        ]
        _ = fx_combine(level, views, factors, 2, count, sight)
    }

    /// Moves along the sign of all gradients together, that of the networks divided by its root mean square, and back into
    /// the bounds.
    func step(_ change: inout [Float], rate: Float, color: Float) {
        var squares = fx_combine(level, gradients, factors, Int32(factors.count), count, gradient)
        if gray {
            Self.addChannels(gradient, bounds.count)
            Self.addChannels(sight, bounds.count)
            squares = fx_squares(level, gradient, count)
        }
        move(&change, rate: rate, pull: 1 / (Self.deviation(squares, count) + 1e-20), color: color)
    }

    /// A step of width 0 brings the changed picture in line with the change.
    func move(_ change: inout [Float], rate: Float, pull: Float = 0, color: Float = 0) {
        fx_descend(level, bounds.count, original, bounds, gradient, pull, sight, color, rate, &change, changed)
    }

    private static func deviation(_ squares: Double, _ count: Int) -> Float {
        Float((squares / Double(max(count, 1))).squareRoot())
    }

    private static func addChannels(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
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
