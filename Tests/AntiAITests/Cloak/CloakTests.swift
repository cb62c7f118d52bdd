import AntiAI
import Core
import Foundation
import Imaging
import Testing

@Suite("The cloak's descent")
struct CloakTests {
    private static let settings = CloakSettings(box: 6, steps: 10)
    private static let networks: CloakNetworks? = try? CloakNetworks([TestNetworks.encoder()])

    private func residual(
        _ picture: Raster, _ settings: CloakSettings = settings, networks: CloakNetworks? = networks,
        threads: Int = 2, side: Int? = nil, seed: UInt64 = 1
    ) throws -> CloakResidual {
        try Cloak(try #require(networks), threads: threads)
            .residual(for: picture, settings, seed: seed, side: side) { _ in }.residual
    }

    private func planes(_ raster: Raster) -> [Float] {
        (0..<3).flatMap { raster.plane($0).values.map { $0 / 255 } }
    }

    /// How many times more a residual moves a network than noise that is as visible.
    private func ratio(_ picture: Raster, _ residual: CloakResidual, on networks: CloakNetworks? = networks) throws
        -> Double
    {
        let meter = CloakMeter(try #require(networks))
        let reading = try #require(meter.measure(picture, residual, gain: 1, seed: 9))
        return reading.displacement / reading.control
    }

    /// Fails for a descent that goes the wrong way, has no gradient, or is noise.
    @Test func movesItsNetworkFarMoreThanEquallyVisibleNoise() throws {
        let picture = Drawing.painting(208, 176)
        let made = try residual(picture)
        #expect(try ratio(picture, made) > 1.5)
        // The controls: the same magnitudes at random, and no descent at all.
        let random = try ratio(picture, made.withRandomSigns(seed: 4))
        #expect(abs(random - 1) < 0.15)
        let noise = try residual(picture, CloakSettings(box: 6, steps: 0))
        let alone = try ratio(picture, noise)
        #expect(abs(alone - 1) < 0.15)
    }

    /// What a reversed sign and a gradient of zeros give, both of which a cloak has to beat by far.
    @Test func theWrongSignAndNoGradientAreFoundOut() throws {
        let picture = Drawing.painting(208, 176)
        func ratio(pull: Float) throws -> Double {
            var settings = Self.settings
            settings.pull = pull
            return try self.ratio(picture, residual(picture, settings))
        }
        let (right, none, wrong) = (try ratio(pull: 1), try ratio(pull: 0), try ratio(pull: -1))
        #expect(right > 1.5 && right > 1.25 * none, "\(right) \(none)")
        #expect(wrong < 1 && wrong < none, "\(wrong) \(none)")
    }

    @Test(arguments: ["encoder", "features"])
    func aViewIsLimitedToItsFirstSizes(_ role: String) throws {
        func networks(_ scales: String) throws -> CloakNetworks {
            var builder = TestNetworks.tinyAutoencoderBuilder()
            builder.metadata["fixative_role"] = role
            builder.metadata["fixative_views"] = #"[{"weight":1,"scales":\#(scales)}]"#
            return try CloakNetworks([builder.network()])
        }
        let picture = Drawing.painting(208, 176)
        var limited = CloakSettings(box: 6, steps: 4)
        limited.sizes = role == "encoder" ? (encoder: 1, features: 2) : (encoder: 2, features: 1)
        let first = try residual(picture, limited, networks: networks("[1,0.5]"))
        #expect(try first == residual(picture, CloakSettings(box: 6, steps: 4), networks: networks("[1]")))
        #expect(try first != residual(picture, CloakSettings(box: 6, steps: 4), networks: networks("[1,0.5]")))
    }

    @Test func aNetworkOfOtherWeightsIsMovedLess() throws {
        let picture = Drawing.painting(208, 176)
        let other = try CloakNetworks([TestNetworks.encoder(seed: 77)])
        let made = try residual(picture)
        #expect(try ratio(picture, made) > 1.25 * ratio(picture, made, on: other))
    }

    @Test func eachVisibilityTermHoldsItsOwnMeasureUp() throws {
        let picture = Drawing.painting(208, 176)
        let original = try #require(ButteraugliTerm(planes(picture), width: 208, height: 176, level: .chosen))
        func made(score: Float, norm: Float) throws -> (score: Double, norm: Double) {
            var settings = CloakSettings(box: 8, steps: 14)
            (settings.scoreWeight, settings.normWeight) = (score, norm)
            let changed = picture.adding(try residual(picture, settings), gain: 1)
            return (SSIMULACRA2Reference(picture).score(changed), original.norm(planes(changed)))
        }
        let (free, score, norm) = (
            try made(score: 0, norm: 0), try made(score: 1, norm: 0), try made(score: 0, norm: 1)
        )
        #expect(score.score > free.score + 3)
        #expect(norm.norm < 0.8 * free.norm)
    }

    @Test func staysInItsBoxAfterRounding() throws {
        for deep in [false, true] {
            let base = Drawing.painting(150, 130)
            let picture = deep ? base.to16Bit() : base
            let made = try residual(picture)
            #expect(made.channels == 3 && !made.isZero)
            let mask = TextureMask.make(picture, x: 0, y: 0, width: 150, height: 130)
            let changed = picture.adding(made, gain: 1)
            for channel in 0..<3 {
                let (before, after) = (picture.plane(channel).values, changed.plane(channel).values)
                for place in mask.indices {
                    // The box, half a step of rounding, and half a count of the residual.
                    let bound = mask[place] * 6 + (deep ? 0.003 : 0.5) + 0.03
                    #expect(abs(after[place] - before[place]) <= bound)
                }
            }
        }
    }

    @Test func transparentPixelsAndAlphaStay() throws {
        var dice = Dice(4)
        let base = Drawing.painting(120, 100).converted(to: .rgba)
        guard case .u8(var values) = base.samples else { return }
        for pixel in 0..<base.pixelCount where (pixel % 120) / 15 % 2 == 0 {
            values[4 * pixel + 3] = pixel % 3 == 0 ? 0 : UInt8(truncatingIfNeeded: dice.next())
        }
        let picture = Raster(width: 120, height: 100, layout: .rgba, samples: .u8(values))
        let made = try residual(picture)
        guard case .u8(let after) = picture.adding(made, gain: 3).samples else { return }
        #expect(after != values)
        for pixel in 0..<base.pixelCount {
            #expect(after[4 * pixel + 3] == values[4 * pixel + 3])
            guard values[4 * pixel + 3] == 0 else { continue }
            #expect(after[4 * pixel..<4 * pixel + 3] == values[4 * pixel..<4 * pixel + 3])
            #expect(made.values[3 * pixel..<3 * pixel + 3].allSatisfy { $0 == 0 })
        }
    }

    @Test func greyStaysGrey() throws {
        let gray = Drawing.painting(100, 90).converted(to: .gray)
        let made = try residual(gray)
        #expect(made.channels == 1 && !made.isZero)
        #expect(gray.adding(made, gain: 1).layout == .gray)
        // A grey picture in an RGB file.
        let stored = gray.converted(to: .rgb)
        #expect(try residual(stored) == made)
        #expect(stored.adding(made, gain: 1).isColorless)
        #expect(!Drawing.painting(20, 20).isColorless)
    }

    @Test(arguments: [(1, 1), (2, 3), (5, 90), (31, 33), (16, 16), (513, 9)])
    func anySizeGoesThrough(_ width: Int, _ height: Int) throws {
        let picture = Drawing.painting(width, height)
        let made = try residual(picture, CloakSettings(box: 6, steps: 3))
        #expect(made.width == width && made.height == height)
        #expect(picture.adding(made, gain: 1).width == width)
    }

    @Test func theSameTwiceAndOnAnyNumberOfThreads() throws {
        let picture = Drawing.painting(300, 260)
        let few = CloakSettings(box: 6, steps: 3)
        let first = try residual(picture, few, threads: 1, side: 128)
        #expect(try residual(picture, few, threads: 4, side: 128) == first)
        #expect(try residual(picture, few, threads: 4, side: 128, seed: 2) != first)
    }

    /// Smaller tiles would not: under 256 samples SSIMULACRA2 has a scale less, and sees less.
    @Test func tilesMoveTheNetworkAsAWholeDoes() throws {
        let picture = Drawing.painting(336, 300)
        let whole = try ratio(picture, residual(picture, side: 512))
        let tiled = try ratio(picture, residual(picture, side: 256))
        #expect(tiled > 1 + 0.6 * (whole - 1) && whole > 1.3, "\(tiled) \(whole)")
    }

    /// Patterns that begin differently in two tiles would cancel where these fade into each other.
    @Test func tilesStartAsAWholeDoes() throws {
        let picture = Drawing.painting(336, 300)
        let none = CloakSettings(box: 6, steps: 0)
        let (whole, tiled) = (try residual(picture, none, side: 512), try residual(picture, none, side: 128))
        for (a, b) in zip(whole.values, tiled.values) { #expect(abs(Int(a) - Int(b)) <= 2) }
    }

    /// Neither the change nor its fluctuation stands out where tiles begin and end.
    @Test func noSeamAtTileBorders() throws {
        let picture = Drawing.raster(320, 320) { x, y in
            var dice = Dice(UInt64(y * 320 + x))
            return (100 + 60 * dice.unit(), 110 + 60 * dice.unit(), 90 + 60 * dice.unit())
        }
        let made = try residual(picture, side: 128)
        let grid = TileGrid(width: 320, height: 320, side: 128)
        let borders = Set((0..<grid.count).flatMap { [grid[$0].x, grid[$0].x + grid.width] }).filter { $0 % 320 != 0 }
        #expect(borders.count >= 4)
        func step(_ x: Int) -> Double {
            var sum = 0.0
            for y in 0..<320 {
                for channel in 0..<3 {
                    let place = (y * 320 + x) * 3 + channel
                    sum += abs(Double(made.values[place]) - Double(made.values[place - 3]))
                }
            }
            return sum / 960
        }
        // Where samples of a view in another size lie among the picture's repeats within sixteen columns.
        for border in borders {
            let alike = stride(from: 16 + border % 16, to: 320, by: 16).map(step).sorted()
            #expect(step(border) < 1.2 * alike[alike.count / 2], "column \(border)")
        }
    }

    @Test func isCancelledAndReportsProgress() throws {
        struct Enough: Error {}
        let picture = Drawing.painting(500, 400)
        let cloak = Cloak(try #require(Self.networks), threads: 2)
        var seen: [Double] = []
        #expect(throws: Enough.self) {
            try cloak.residual(
                for: picture, CloakSettings(box: 6, steps: 100_000), seed: 1, side: 256
            ) { fraction in
                seen.append(fraction)
                if seen.count > 3 { throw Enough() }
            }
        }
        #expect(seen == seen.sorted() && (seen.last ?? 1) < 0.1)
    }

    @Test func aGeneratorAloneFillsTheBox() throws {
        let networks = try CloakNetworks([TestNetworks.encoder(), TestNetworks.generator()])
        let picture = Drawing.painting(90, 80)
        let made = try residual(picture, CloakSettings(box: 6, steps: 0), networks: networks)
        let mask = TextureMask.make(picture, x: 0, y: 0, width: 90, height: 80)
        for (place, share) in mask.enumerated() {
            for (channel, sign) in [(0, Float(1)), (1, -1), (2, 1)] {
                #expect(abs(Float(made.values[3 * place + channel]) - sign * share * 120) <= 1)
            }
        }
    }
}

@Suite("Tiles of the cloak")
struct TileGridTests {
    /// Many threads mean smaller tiles, then threads that stay idle, not more memory.
    @Test(arguments: [1, 2, 4, 16, 128])
    func theWorkersTogetherKeepToTheMemory(_ threads: Int) {
        for bytes in [300.0, 750, 1500] {
            let crew = Cloak.crew(bytesPerPixel: bytes, threads: threads)
            #expect(Double(crew.side * crew.side * crew.threads) * bytes <= 230_000_000)
            #expect(crew.side >= TileGrid.least && 1...threads ~= crew.threads)
            #expect(crew.threads == threads || crew.side == TileGrid.least)
        }
        #expect(Cloak.crew(bytesPerPixel: 750, threads: 1).side == 512)
    }

    @Test(arguments: [(257, 256), (512, 300), (513, 900), (4000, 3000)], [256, 320, 384, 512])
    func noTileAmongOthersIsTooSmallForEveryScaleOfTheScore(_ size: (Int, Int), _ side: Int) {
        let grid = TileGrid(width: size.0, height: size.1, side: side)
        #expect(grid.width >= 256 && grid.height >= 256 && grid.width * grid.height <= side * side)
    }

    @Test func tilesTakeTheShapeThatSharesTheLeast() {
        let grid = TileGrid(width: 512, height: 512, side: 384)
        #expect(grid.count == 2 && (grid.width, grid.height) == (288, 512))
    }

    @Test(arguments: [(512, 512), (513, 900), (1000, 640), (4000, 3000), (33, 2000)])
    func tilesCoverThePictureAndTheirWeightsAddUp(_ width: Int, _ height: Int) {
        let grid = TileGrid(width: width, height: height, side: 512)
        #expect(grid.width % 16 == 0 && grid.height % 16 == 0 && grid.width * grid.height <= 512 * 512)
        var columns = [Float](repeating: 0, count: width)
        var rows = [Float](repeating: 0, count: height)
        for index in 0..<grid.count {
            let tile = grid[index]
            #expect(grid.width > width || tile.x + grid.width <= width)
            #expect(grid.height > height || tile.y + grid.height <= height)
            let weights = grid.weights(tile)
            // Nothing jumps: neighbours fade over at least half of the overlap.
            for (a, b) in zip(weights.columns, weights.columns.dropFirst()) { #expect(abs(a - b) <= 1 / 16) }
            if tile.x > 0 { #expect(weights.columns.prefix(TileGrid.halo).allSatisfy { $0 == 0 }) }
            if tile.row == 0 {
                for (place, weight) in weights.columns.enumerated() where tile.x + place < width {
                    columns[tile.x + place] += weight
                }
            }
            if tile.column == 0 {
                for (place, weight) in weights.rows.enumerated() where tile.y + place < height {
                    rows[tile.y + place] += weight
                }
            }
        }
        #expect((columns + rows).allSatisfy { abs($0 - 1) < 1e-5 })
    }
}

@Suite("Where the cloak hides")
struct TextureMaskTests {
    @Test func textureGetsMoreThanEdgesAndFlatAreas() {
        let picture = Drawing.gray(120, 60) { x, y in
            if x < 40 { return 128 }
            if x < 80 { return x < 60 ? 40 : 220 }
            var dice = Dice(UInt64(y * 120 + x))
            return 128 + 40 * (dice.unit() - 0.5)
        }
        let mask = TextureMask.make(picture, x: 0, y: 0, width: 120, height: 60)
        func at(_ x: Int) -> Float { mask[30 * 120 + x] }
        #expect(at(15) == TextureMask.least)
        #expect(at(60) < TextureMask.least + 0.05)
        #expect(at(100) > 0.9)
    }

    @Test func isTheSameInEveryRectangle() {
        let picture = Drawing.painting(100, 80)
        let whole = TextureMask.make(picture, x: 0, y: 0, width: 100, height: 80)
        let part = TextureMask.make(picture, x: 37, y: 21, width: 30, height: 20)
        for y in 0..<20 {
            for x in 0..<30 { #expect(abs(part[y * 30 + x] - whole[(y + 21) * 100 + x + 37]) < 1e-5) }
        }
    }
}
