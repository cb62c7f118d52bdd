import AntiAI
import Core
import Foundation
import Imaging
import Testing

/// What artists make, drawn by code: each kind is marked at its target, is read again, and stays what it is.
@Suite("Every kind of picture")
struct KindsOfPictureTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var draw: @Sendable () -> Raster

        init(_ name: String, _ draw: @escaping @Sendable () -> Raster) {
            testDescription = name
            self.draw = draw
        }
    }

    private static let payload = MarkID(rawValue: 0x1357_9BDF_0246_8ACE)

    private static let flat = Kind("flat illustration") {
        Drawing.raster(400, 320) { x, y in
            if hypotf(Float(x) - 280, Float(y) - 110) < 70 { return (242, 110, 80) }
            return y > 240 - abs(x - 150) / 2 ? (40, 70, 100) : (250, 232, 196)
        }
    }

    static let kinds: [Kind] = [
        flat,
        Kind("line art") {
            Drawing.gray(400, 320) { x, y in
                let radius = hypotf(Float(x) - 180, Float(y) - 150)
                return radius.truncatingRemainder(dividingBy: 23) < 1.5 || (x + 3 * y) % 97 < 2 ? 15 : 255
            }
        },
        Kind("pixel art") {
            Drawing.raster(400, 320) { x, y in
                let shade = (x / 16 * 7 + y / 16 * (x / 48)) % 5
                return [(26, 28, 44), (93, 39, 93), (239, 125, 87), (167, 240, 112), (56, 183, 100)][shade]
            }
        },
        Kind("gradient") {
            Drawing.raster(400, 320) { x, y in (90 + Float(x) / 4, 60 + Float(y) / 3, 200 - Float(x + y) / 8) }
        },
        Kind("16-bit gradient") {
            var samples: [UInt16] = []
            for y in 0..<320 {
                for x in 0..<400 {
                    samples += [UInt16(20_000 + 40 * x), UInt16(15_000 + 50 * y), UInt16(50_000 - 30 * x)]
                }
            }
            return Raster(width: 400, height: 320, layout: .rgb, samples: .u16(samples))
        },
        Kind("dark") {
            var dice = Dice(8)
            return Drawing.raster(400, 320) { x, y in
                let light = 12 + 6 * sinf(Float(x) / 30) * cosf(Float(y) / 40) + dice.normal()
                return (light, light * 0.9, light * 1.2)
            }
        },
        Kind("grey") { Drawing.painting(400, 320, seed: 3).converted(to: .gray) },
        Kind("grey in colour channels") {
            Drawing.painting(400, 320, seed: 3).converted(to: .gray).converted(to: .rgb)
        },
        Kind("palette") {
            Drawing.painting(400, 320, seed: 6).mapped { ($0 / 51).rounded() * 51 }
        },
        Kind("figure on nothing") { figure },
    ]

    /// A disc that fades into transparency, whose hidden colours are a signal of their own.
    private static var figure: Raster {
        let painting = Drawing.painting(400, 320, seed: 2).bytes
        var samples: [UInt8] = []
        for index in 0..<400 * 320 {
            samples += painting[3 * index..<3 * index + 3]
            let distance = hypotf(Float(index % 400) - 200, Float(index / 400) - 160)
            samples.append(UInt8(min(max((150 - distance) * 8, 0), 255)))
        }
        return Raster(width: 400, height: 320, layout: .rgba, samples: .u8(samples))
    }

    private func marked(_ picture: Raster, _ strength: WatermarkStrength) throws -> Raster {
        let file = try ImageCodec.encode(picture, as: .png, EncodeOptions(compression: 1))
        return try ImageCodec.decode(
            Protector.embedWatermark(file, payload: Self.payload, strength: strength)
        ).raster
    }

    @Test(arguments: kinds, [WatermarkStrength.subtle, .standard])
    func isMarkedAtItsTargetAndRead(_ kind: Kind, _ strength: WatermarkStrength) throws {
        let picture = kind.draw()
        let result = try marked(picture, strength)
        #expect(result.layout == picture.layout && result.bitDepth == picture.bitDepth)
        // The score is the worse of those over black and over white where the picture is translucent.
        let score = try ImageQuality.compare(picture, result).ssimulacra2
        #expect(score >= strength.visibility(longEdge: 400).floor)
        let reading = try #require(Watermark.extract(from: result))
        #expect(reading.payload == Self.payload && reading.logFalsePositive <= -9)
    }

    @Test func greyStaysGreyToTheLastPixel() throws {
        let gray = Drawing.painting(300, 260).converted(to: .gray)
        let colors = try marked(gray.converted(to: .rgb), .strong).bytes
        let pixels = stride(from: 0, to: colors.count, by: 3).map { Set(colors[$0..<$0 + 3]) }
        #expect(pixels.allSatisfy { $0.count == 1 })
        #expect(try marked(gray, .strong).layout == .gray)
    }

    /// Flat areas are where a mark would be seen first: away from edges it stays within a few of 255 levels.
    @Test func flatAreasHardlyMove() throws {
        let picture = Self.flat.draw()
        let (before, after) = (picture.bytes, try marked(picture, .standard).bytes)
        for y in 10..<60 {
            for x in 10..<140 {
                for channel in 0..<3 {
                    let at = 3 * (y * 400 + x) + channel
                    #expect(abs(Int(before[at]) - Int(after[at])) <= 6)
                }
            }
        }
    }

    /// Nothing under full transparency moves, no alpha does, and where the picture is nearly transparent nothing can be
    /// seen of the mark on any background.
    @Test(arguments: [WatermarkStrength.subtle, .standard, .strong])
    func whatIsTransparentStays(_ strength: WatermarkStrength) throws {
        let picture = Self.figure
        let (before, after) = (picture.bytes, try marked(picture, strength).bytes)
        for pixel in 0..<picture.pixelCount {
            let alpha = before[4 * pixel + 3]
            #expect(after[4 * pixel + 3] == alpha)
            for at in 4 * pixel..<4 * pixel + 3 {
                let change = abs(Int(before[at]) - Int(after[at]))
                if alpha == 0 { #expect(change == 0) }
                // On any background the change shrinks with alpha.
                if alpha < 32 { #expect(change * Int(alpha) / 255 <= 6) }
            }
        }
    }

    @Test func sixteenBitsAreNotRoundedToEight() throws {
        let picture = try #require(Self.kinds.first { $0.testDescription == "16-bit gradient" }).draw()
        guard case .u16(let values) = try marked(picture, .standard).samples else {
            return #expect(Bool(false), "the depth changed")
        }
        #expect(Set(values.map { $0 % 257 }).count > 200)
    }

    @Test func aPaletteBecomesColoursAndIsStillRead() throws {
        // Sixteen levels of grey as a palette: what a PNG with indices decodes to.
        let picture = Drawing.painting(300, 260, seed: 4).mapped { ($0 / 17).rounded() * 17 }
        let result = try marked(picture, .standard)
        #expect(Set(result.bytes).count > Set(picture.bytes).count)
        #expect(Watermark.extract(from: result)?.payload == Self.payload)
    }

    @Test func oneAndTheSameMarkEveryTime() throws {
        for kind in Self.kinds.suffix(3) {
            let picture = kind.draw()
            #expect(try marked(picture, .subtle) == marked(picture, .subtle))
        }
    }

    @Test(arguments: [(129, 4001), (4001, 129), (128, 128), (131, 257)])
    func oddSizesAreMarkedAndRead(_ width: Int, _ height: Int) throws {
        let picture = Drawing.painting(width, height, seed: 9)
        let result = try marked(picture, .standard)
        #expect(result.width == width && result.height == height)
        #expect(Watermark.extract(from: result)?.payload == Self.payload)
    }

    @Test(arguments: [(1, 4001), (127, 127), (4001, 127), (1, 1)])
    func tooSmallIsAnError(_ width: Int, _ height: Int) throws {
        let error = #expect(throws: UserError.self) { try marked(Drawing.painting(width, height), .standard) }
        #expect(error?.status == .usage && error?.message.contains("too small to mark (\(width)×\(height)") == true)
        #expect(Watermark.extract(from: Drawing.painting(width, height)) == nil)
    }

    @Test(arguments: [0, UInt64.max])
    func payloadsOfOneKindOfBitAreRead(_ value: UInt64) throws {
        let file = try ImageCodec.encode(Self.flat.draw(), as: .png)
        let marked = try Protector.embedWatermark(file, payload: MarkID(rawValue: value))
        #expect(Watermark.extract(from: try ImageCodec.decode(marked).raster)?.payload.rawValue == value)
    }

    /// Whoever marks a marked picture again: the reader says one of the two, or nothing, and never something else.
    @Test func markingTwiceNeverGivesAThirdPayload() throws {
        let second = MarkID(rawValue: 0x2468_ACE0_1357_9BDF)
        for kind in [Self.kinds[0], Self.kinds[6]] {
            let once = try ImageCodec.encode(try marked(kind.draw(), .standard), as: .png)
            let twice = try ImageCodec.decode(Protector.embedWatermark(once, payload: second)).raster
            if let read = Watermark.extract(from: twice)?.payload { #expect([Self.payload, second].contains(read)) }
        }
    }
}
