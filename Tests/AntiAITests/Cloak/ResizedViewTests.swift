import AntiAI
import Testing

@Suite("A tile in another size")
struct ResizedViewTests {
    private static let (width, height) = (64, 48)
    private static let scales = [0.5, 0.75, 0.88, 1.12, 1.5]

    private static func noise(_ count: Int, seed: UInt64) -> [Float] {
        var dice = Dice(seed)
        return (0..<count).map { _ in dice.unit() }
    }

    private static func view(_ scale: Double, _ level: KernelLevel = .chosen) throws -> ResizedView {
        try #require(ResizedView(width: width, height: height, scale: scale, level: level))
    }

    private static func look(_ view: ResizedView, _ planes: [Float]) -> [Float] {
        var result = [Float](repeating: -1, count: 3 * view.width * view.height)
        var room = [Float](repeating: .nan, count: view.room)
        view.look(at: planes, into: &result, room: &room)
        return result
    }

    /// The weights of each sample of a line of `to` among those of one of `from`: a triangle around its place, as wide as the
    /// larger of the two distances between samples.
    private static func weights(_ from: Int, _ to: Int) -> [[Double]] {
        let factor = Double(from) / Double(to)
        let reach = max(factor, 1)
        return (0..<to).map { place in
            let center = (Double(place) + 0.5) * factor - 0.5
            let raw = (0..<from).map { max(0, 1 - abs(Double($0) - center) / reach) }
            return raw.map { $0 / raw.reduce(0, +) }
        }
    }

    @Test(arguments: KernelLevel.supported, scales)
    func isWhatTriangularWeightsGive(_ level: KernelLevel, _ scale: Double) throws {
        let view = try Self.view(scale, level)
        let planes = Self.noise(3 * Self.width * Self.height, seed: 5)
        let made = Self.look(view, planes)
        let (down, across) = (Self.weights(Self.height, view.height), Self.weights(Self.width, view.width))
        for place in stride(from: 0, to: made.count, by: 37) {
            let (channel, row) = (place / (view.width * view.height), place / view.width % view.height)
            var sum = 0.0
            for (y, heavy) in down[row].enumerated() where heavy != 0 {
                for (x, light) in across[place % view.width].enumerated() where light != 0 {
                    sum += heavy * light * Double(planes[(channel * Self.height + y) * Self.width + x])
                }
            }
            #expect(abs(Double(made[place]) - sum) < 1e-5)
        }
    }

    /// ⟨A x, g⟩ = ⟨x, Aᵀ g⟩.
    @Test(arguments: KernelLevel.supported, scales)
    func theWayBackIsTheTranspose(_ level: KernelLevel, _ scale: Double) throws {
        let view = try Self.view(scale, level)
        let planes = Self.noise(3 * Self.width * Self.height, seed: 6)
        let upstream = Self.noise(3 * view.width * view.height, seed: 7).map { $0 - 0.5 }
        var gradient = [Float](repeating: .nan, count: planes.count)
        var room = [Float](repeating: .nan, count: view.room)
        view.goBack(upstream, into: &gradient, room: &room)
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let (there, back) = (product(Self.look(view, planes), upstream), product(planes, gradient))
        #expect(abs(there - back) < 1e-3 * max(1, abs(there)))
    }

    @Test func sidesAreMultiplesOfSixteen() throws {
        #expect(ResizedView.side(448, scale: 0.88) == 400)
        #expect(ResizedView.side(32, scale: 0.25) == 16)
        let view = try Self.view(0.75)
        #expect((view.width, view.height) == (48, 32))
    }
}
