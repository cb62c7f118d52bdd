import AntiAI
import Core
import Imaging
import Testing

/// Everything in a mark comes from its key.
@Suite("Keys of a mark")
struct KeyTests {
    private static let payload = MarkID(rawValue: 0x0F1E_2D3C_4B5A_6978)
    private static let mine = WatermarkKey(bytes: (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) })

    /// Every bit of the key counts, those at its ends too.
    @Test(arguments: [0, 7, 100, 128, 255])
    func oneBitMakesAnotherKey(_ bit: Int) throws {
        var bytes = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let near = WatermarkKey(bytes: bytes)
        let (first, second) = (Carrier(key: Self.mine), Carrier(key: near))
        #expect(correlation(first.pattern(for: Self.payload), second.pattern(for: Self.payload)) < 0.05)
        let picture = try marked(Drawing.painting(384, 300), Self.payload, key: Self.mine)
        #expect(Watermark.extract(from: picture, keys: [near]) == nil)
        #expect(Watermark.extract(from: picture, keys: [Self.mine])?.payload == Self.payload)
    }

    @Test func carriersPilotInterleaverAndSignsAllDiffer() {
        let (one, other) = (Carrier(key: Self.mine), Carrier(key: .community))
        func places(_ points: [Carrier.Point]) -> [[Int]] { points.map { [$0.x, $0.y] } }
        #expect(places(one.pilots) != places(other.pilots))
        #expect(Set(places(one.pilots)).intersection(places(other.pilots)).count < one.pilots.count / 2)
        #expect(one.pilotCos != other.pilotCos && one.pilotSin != other.pilotSin)
        #expect(places(one.points) != places(other.points))
        #expect(one.bit != other.bit)
        let agreeing = zip(one.sign, other.sign).filter { $0 == $1 }.count
        // Fair coins: within six deviations of one half.
        let count = Double(one.sign.count)
        #expect(abs(Double(agreeing) - count / 2) < 3 * count.squareRoot())
    }

    @Test func aKeyAlwaysGivesTheSameCarriers() {
        let (one, again) = (
            Carrier(key: Self.mine),
            Carrier(key: WatermarkKey(bytes: (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }))
        )
        #expect(one.pattern(for: Self.payload) == again.pattern(for: Self.payload))
    }

    @Test func theMarksOfDifferentPayloadsDiffer() {
        let carrier = Carrier(key: .community)
        // The pilot, a fifth of the power, is the same.
        let same = correlation(carrier.pattern(for: MarkID(rawValue: 0)), carrier.pattern(for: MarkID(rawValue: .max)))
        #expect(abs(same) < 0.4)
    }

    /// Public and private, with one payload: each is read alone, after what usually happens too.
    @Test(arguments: [1, 2, 3])
    func twoMarksInOnePictureAreBothRead(_ seed: Int) throws {
        let picture = Drawing.painting(512, 384, seed: UInt64(seed))
        let residual = try Watermark.residual(for: picture, payload: Self.payload, keys: [Self.mine, .community])
        let both = picture.adding(residual, gain: 1.8)
        for attacked in [
            both, both.warped(scale: 0.75), both.cropped(x: 40, y: 30, width: 420, height: 330), both.noisy(4),
        ] {
            for key in [Self.mine, .community] {
                let reading = try #require(Watermark.extract(from: attacked, keys: [key]))
                #expect(reading.payload == Self.payload && reading.logFalsePositive <= -9)
            }
        }
        let stranger = WatermarkKey(bytes: [UInt8](repeating: 9, count: 32))
        let all = try Watermark.readings(
            in: ImageCodec.encode(both.mirrored(), as: .png), keys: [stranger, Self.mine, .community])
        #expect(all.marks.map(\.keyIndex) == [1, 2])
        #expect(all.marks.allSatisfy { $0.payload == Self.payload && $0.geometry.flip })
        #expect(all.width == 512 && all.height == 384)
    }

    @Test func twoMarksTogetherAreAsStrongAsOne() throws {
        let picture = Drawing.painting(400, 300)
        let one = try Watermark.residual(for: picture, payload: Self.payload, keys: [.community])
        let two = try Watermark.residual(for: picture, payload: Self.payload, keys: [.community, Self.mine])
        func power(_ plane: Plane) -> Float { plane.values.reduce(0) { $0 + $1 * $1 } / Float(plane.values.count) }
        #expect(abs(power(two) / power(one) - 1) < 0.1)
    }

    @Test func protectPutsBothIn() throws {
        let file = try ImageCodec.encode(Drawing.painting(300, 260), as: .png)
        let request = ProtectionRequest(recipe: "mark", payload: Self.payload, rights: RightsStatement())
        let image = try Protector(watermarkKeys: [Self.mine, .community]).protect(file, request) { _ in true }
        let read = try Watermark.readings(in: image.data, keys: [Self.mine, .community])
        #expect(read.marks.map(\.payload) == [Self.payload, Self.payload])
        #expect(image.report.visibility >= 88)
    }

    private func correlation(_ first: [Float], _ second: [Float]) -> Float {
        let product = zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
        func norm(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        return product / (norm(first) * norm(second))
    }
}
