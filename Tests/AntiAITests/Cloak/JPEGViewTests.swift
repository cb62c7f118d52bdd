import AntiAI
import Foundation
import Imaging
import Testing

@Suite("A tile as JPEG leaves it")
struct JPEGViewTests {
    private static let (width, height) = (64, 48)

    /// Soft shapes with some grain, red, green and blue, 0…1.
    private static func picture(_ grain: Float) -> [Float] {
        var dice = Dice(21)
        return (0..<3 * width * height).map { place in
            let (x, y) = (Float(place % width), Float(place / width % height))
            let channel = Float(place / (width * height))
            let soft = 0.5 + 0.3 * sin(x / 9 + channel) * cos(y / 7 - channel / 2)
            return min(max(soft + (dice.unit() - 0.5) * grain, 0), 1)
        }
    }

    private static func viewed(_ planes: [Float], _ level: KernelLevel) throws -> [Float] {
        let view = try #require(JPEGView(width: width, height: height, level: level))
        var result = [Float](repeating: -1, count: planes.count)
        view.look(at: planes, into: &result)
        return result
    }

    private static func deviation(_ a: [Float], _ b: [Float]) -> Float {
        (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(a.count)).squareRoot()
    }

    /// Samples are rounded there, not here.
    @Test(arguments: KernelLevel.supported, [Float(0.02), 0.3])
    func isNearToWhatAnEncoderLeaves(_ level: KernelLevel, _ grain: Float) throws {
        let (width, height) = (Self.width, Self.height)
        let area = width * height
        let planes = Self.picture(grain)
        let samples = (0..<3 * area).map { UInt8((planes[$0 % 3 * area + $0 / 3] * 255).rounded()) }
        let raster = Raster(width: width, height: height, layout: .rgb, samples: .u8(samples))
        let file = try ImageCodec.encode(raster, as: .jpeg, EncodeOptions(quality: Int(JPEGView.quality)))
        guard case .u8(let decoded) = try ImageCodec.decode(file).raster.samples else {
            Issue.record("eight bits were written")
            return
        }
        let real = (0..<3 * area).map { Float(decoded[$0 % area * 3 + $0 / area]) / 255 }
        let made = try Self.viewed(planes, level)
        #expect(Self.deviation(made, real) < 0.4 * Self.deviation(real, planes))
    }

    /// A second time changes little: what is left lies on the steps of the quantisation.
    @Test func twiceIsAsOnce() throws {
        let planes = Self.picture(0.3)
        let once = try Self.viewed(planes, .chosen)
        #expect(Self.deviation(try Self.viewed(once, .chosen), once) < 0.02 * Self.deviation(once, planes))
    }

    /// Of a change that is many steps of one coefficient large, quantisation leaves nearly all, so that the way there is
    /// nearly linear: ⟨J v, g⟩ = ⟨v, Jᵀ g⟩.
    @Test(arguments: KernelLevel.supported)
    func theWayBackIsTheTransposeOfLargeChanges(_ level: KernelLevel) throws {
        let (width, height) = (Self.width, Self.height)
        // One cosine with an amplitude of many steps in the first block, so that its slope is 1.
        func wave(_ amplitude: Float) -> [Float] {
            (0..<3 * width * height).map { place in
                let (x, y) = (place % width, place / width % height)
                guard x < 8, y < 8 else { return 0.5 }
                let cosine = cos(Float(2 * x + 1) * 2 * .pi / 16) * cos(Float(2 * y + 1) * .pi / 16)
                return 0.5 + amplitude * cosine
            }
        }
        let view = try #require(JPEGView(width: width, height: height, level: level))
        let (low, high) = (wave(0.2), wave(0.4))
        let move = zip(high, low).map { $0 - $1 }
        var (before, after) = (low, high)
        view.look(at: low, into: &before)
        view.look(at: high, into: &after)
        var dice = Dice(4)
        let upstream = low.map { _ in dice.normal() }
        var gradient = upstream
        view.goBack(&gradient)
        func product(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let there = product(zip(after, before).map { $0 - $1 }, upstream)
        let back = product(move, gradient)
        #expect(abs(there / back - 1) < 0.15, "\(there) \(back)")
    }

    /// What is quantised to zero passes the less of a gradient the nearer to zero it is.
    @Test(arguments: KernelLevel.supported)
    func whatIsLostPassesLittle(_ level: KernelLevel) throws {
        let (width, height) = (Self.width, Self.height)
        let view = try #require(JPEGView(width: width, height: height, level: level))
        let chequered = (0..<3 * width * height).map { (($0 % width + $0 / width) % 2 == 0 ? 1 : -1) as Float }
        func passed(_ amplitude: Float) -> Float {
            var result = [Float](repeating: 0, count: chequered.count)
            view.look(at: chequered.map { 0.5 + amplitude * $0 }, into: &result)
            var gradient = chequered
            view.goBack(&gradient)
            return (gradient.reduce(0) { $0 + $1 * $1 } / Float(gradient.count)).squareRoot()
        }
        // The finest pattern of luma, whose step is 50 in 255: alone 0.8 of it is in the finest coefficient.
        let (flat, faint, less, plain) = (passed(0), passed(0.004), passed(0.008), passed(0.25))
        #expect(flat < 1e-4)
        #expect(faint > 2 * flat && less > 1.7 * faint && plain > 1.7 * less)
    }
}
