import AntiAI
import Core
import Imaging
import Testing

/// A picture with a mark about as strong as the standard recipe makes it.
func marked(_ picture: Raster, _ payload: MarkID, gain: Float = 1.6, key: WatermarkKey = .community) throws -> Raster {
    picture.adding(try Watermark.residual(for: picture, payload: payload, key: key), gain: gain)
}

@Suite("Reading a mark back")
struct RecoveryTests {
    static let payload = MarkID(rawValue: 0x0123_4567_89AB_CDEF)
    static let picture = Drawing.painting(512, 384)
    static let original = Result { try marked(picture, payload) }

    struct Attack: Sendable, CustomTestStringConvertible {
        var name: String
        var apply: @Sendable (Raster) -> Raster
        var testDescription: String { name }
    }

    @Test(arguments: [
        Attack(name: "nothing") { $0 },
        Attack(name: "half size") { $0.warped(scale: 0.5) },
        Attack(name: "three quarters") { $0.warped(scale: 0.75) },
        Attack(name: "half as large again") { $0.warped(scale: 1.5) },
        Attack(name: "crop") { $0.cropped(x: 61, y: 37, width: 390, height: 300) },
        Attack(name: "turned by 5 degrees") { $0.warped(scale: 1, degrees: 5) },
        Attack(name: "turned by 33 degrees and scaled") { $0.warped(scale: 0.9, degrees: 33) },
        Attack(name: "quarter turn") { $0.turned() },
        Attack(name: "half turn") { $0.turned().turned() },
        Attack(name: "mirrored") { $0.mirrored() },
        Attack(name: "mirrored and turned by a quarter") { $0.mirrored().turned() },
        Attack(name: "mirrored, turned by 7 degrees") { $0.mirrored().warped(scale: 1, degrees: 7) },
        Attack(name: "noise") { $0.noisy(6) },
        Attack(name: "blur") { $0.blurred() },
        Attack(name: "brighter") { $0.mapped { $0 * 1.2 } },
        Attack(name: "less contrast") { $0.mapped { ($0 - 128) * 0.7 + 128 } },
    ])
    func readsThePayloadAfter(_ attack: Attack) throws {
        let reading = try #require(Watermark.extract(from: attack.apply(try Self.original.get())))
        #expect(reading.payload == Self.payload)
        #expect(reading.logFalsePositive <= -9)
    }

    @Test(arguments: [0, UInt64.max, 1, 0x8000_0000_0000_0000, 0xDEAD_BEEF_1234_5678])
    func readsEveryKindOfPayload(_ value: UInt64) throws {
        let reading = Watermark.extract(from: try marked(Drawing.painting(256, 256), MarkID(rawValue: value)))
        #expect(reading?.payload.rawValue == value)
    }

    @Test(arguments: [
        (128, 128), (129, 701), (361, 200), (362, 240), (723, 500), (725, 431), (1449, 300), (2500, 128), (2900, 140),
        (129, 4001),
    ])
    func readsEverySize(_ width: Int, _ height: Int) throws {
        let picture = try marked(Drawing.painting(width, height, seed: 5), Self.payload, gain: 2.5)
        #expect(Watermark.extract(from: picture)?.payload == Self.payload)
    }

    /// Large pictures are marked coarsely, so that what is left of them as a thumbnail still carries the mark.
    @Test func aThumbnailOfALargePictureIsRead() throws {
        let picture = try marked(Drawing.painting(1600, 1200, seed: 6), Self.payload, gain: 2)
        let thumbnail = picture.resized(width: 512, height: 384, .area)
        let file = try ImageCodec.encode(thumbnail, as: .jpeg, EncodeOptions(quality: 80))
        let reading = try #require(Watermark.extract(from: try ImageCodec.decode(file).raster))
        #expect(reading.payload == Self.payload && reading.geometry.plane == 768)
    }

    @Test func aMarkIsTheSameEachTimeAndAnotherForEachKeyAndPayload() throws {
        let picture = Drawing.painting(200, 150)
        let key = WatermarkKey(bytes: [UInt8](repeating: 9, count: 32))
        let first = try Watermark.residual(for: picture, payload: Self.payload, key: .community)
        #expect(first.values == (try Watermark.residual(for: picture, payload: Self.payload, key: .community)).values)
        for (payload, key) in [(Self.payload, key), (MarkID(rawValue: 1), .community)] {
            let other = try Watermark.residual(for: picture, payload: payload, key: key)
            let product = zip(first.values, other.values).reduce(0.0) { $0 + Double($1.0 * $1.1) }
            let power = first.values.reduce(0.0) { $0 + Double($1 * $1) }
            #expect(abs(product) < (key == .community ? 0.4 : 0.1) * power)
        }
    }

    @Test func marksDarkAndFlatPictures() throws {
        for level: Float in [3, 128, 252] {
            let picture = try marked(Drawing.gray(512, 512) { _, _ in level }, Self.payload, gain: 2)
            #expect(Watermark.extract(from: picture)?.payload == Self.payload, "level \(level)")
        }
    }

    @Test func tellsWhatWasDoneToThePicture() throws {
        let turned = try #require(Watermark.extract(from: try Self.original.get().turned())).geometry
        #expect(turned.rotation == 90 && !turned.flip && turned.scale == 1 && turned.crop == false)
        let mirrored = try #require(Watermark.extract(from: try Self.original.get().mirrored())).geometry
        #expect(abs(mirrored.rotation) == 0 && mirrored.flip)
        let half = try #require(Watermark.extract(from: try Self.original.get().warped(scale: 0.5))).geometry
        #expect(half.scale == 0.5 && half.plane == 512)
        let cut = try #require(
            Watermark.extract(from: try Self.original.get().cropped(x: 61, y: 37, width: 390, height: 300))
        ).geometry
        #expect(abs(cut.x - 61) < 1.5 && abs(cut.y - 37) < 1.5 && abs(cut.scale - 1) < 0.005 && cut.crop == true)
        let tilted = try #require(Watermark.extract(from: try Self.original.get().warped(scale: 1, degrees: 5)))
            .geometry
        #expect(abs(tilted.rotation - 5) < 0.3 && !tilted.flip)
    }

    @Test func aSecondMarkDoesNotHideTheFirstOneOfAnotherKey() throws {
        let mine = WatermarkKey(bytes: [UInt8](repeating: 7, count: 32))
        let twice = try marked(try Self.original.get(), MarkID(rawValue: 42), key: mine)
        #expect(Watermark.extract(from: twice)?.payload == Self.payload)
        let reading = try #require(Watermark.extract(from: twice, keys: [mine]))
        #expect(reading.payload.rawValue == 42 && reading.keyIndex == 0)
        let either = try #require(
            Watermark.extract(from: twice, keys: [WatermarkKey(bytes: [UInt8](repeating: 1, count: 32)), mine]))
        #expect(either.payload.rawValue == 42 && either.keyIndex == 1)
    }

    @Test func markingAMarkedPictureNeverGivesAThirdPayload() throws {
        let second = MarkID(rawValue: 0xFEDC_BA98_7654_3210)
        let twice = try marked(try Self.original.get(), second)
        if let reading = Watermark.extract(from: twice) {
            #expect([Self.payload, second].contains(reading.payload))
        }
        // A stronger mark takes the place of a weaker one.
        let over = try marked(try Self.original.get(), second, gain: 5)
        #expect(Watermark.extract(from: over)?.payload == second)
    }
}
