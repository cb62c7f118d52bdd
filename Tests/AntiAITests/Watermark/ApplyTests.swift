import AntiAI
import Core
import Imaging
import Testing

@Suite("Adding a mark to every kind of picture")
struct ApplyTests {
    let payload = MarkID(rawValue: 0xABCD_EF01_2345_6789)

    @Test func greyStaysGrey() throws {
        let color = try marked(Drawing.gray(256, 200) { x, y in Float(x * y % 200) }, payload).bytes
        let pixels = stride(from: 0, to: color.count, by: 3).map { color[$0..<$0 + 3] }
        #expect(pixels.allSatisfy { Set($0).count == 1 })
        let luma = (0..<256 * 200).map { UInt8(60 + $0 % 97) }
        let gray = Raster(width: 256, height: 200, layout: .gray, samples: .u8(luma))
        let result = try marked(gray, payload, gain: 2)
        #expect(result.layout == .gray && Watermark.extract(from: result)?.payload == payload)
    }

    @Test func transparentPixelsAndAlphaStayAsTheyAre() throws {
        let painting = Drawing.painting(512, 512).bytes
        var samples: [UInt8] = []
        for index in 0..<512 * 512 {
            samples += painting[3 * index..<3 * index + 3]
            let (x, y) = (index % 512, index / 512)
            samples.append(x < 120 ? 0 : y < 100 ? 128 : 255)
        }
        let picture = Raster(width: 512, height: 512, layout: .rgba, samples: .u8(samples))
        let result = try marked(picture, payload, gain: 2)
        let bytes = result.bytes
        let untouched = (0..<512 * 512).allSatisfy { index in
            let colors = samples[4 * index + 3] == 0 ? 4 * index..<4 * index + 3 : 0..<0
            return bytes[4 * index + 3] == samples[4 * index + 3] && bytes[colors] == samples[colors]
        }
        #expect(untouched)
        #expect(Watermark.extract(from: result)?.payload == payload)
        let composited = result.overBlack()
        #expect(Watermark.extract(from: composited)?.payload == payload)
    }

    @Test func sixteenBitsKeepTheirFineness() throws {
        let bytes = Drawing.painting(512, 384).bytes
        let deep = Raster(width: 512, height: 384, layout: .rgb, samples: .u16(bytes.map { UInt16($0) * 257 + 5 }))
        let result = try marked(deep, payload)
        guard case .u16(let values) = result.samples else { return #expect(Bool(false), "the depth changed") }
        #expect(Set(values.map { $0 % 257 }).count > 200)
        #expect(Watermark.extract(from: result)?.payload == payload)
    }

    @Test func isDeterministic() throws {
        let picture = Drawing.painting(300, 260)
        #expect(try marked(picture, payload) == marked(picture, payload))
        let plane = try Watermark.residual(for: picture, payload: payload, key: .community)
        let compact = try Watermark.compactResidual(for: picture, payload: payload, keys: [.community])
        #expect(picture.adding(plane, gain: 1.3) == picture.adding(compact, gain: 1.3))
    }

    @Test func isCalibratedAndPutsMoreWhereThereIsTexture() throws {
        var dice = Dice(2)
        let picture = Drawing.gray(512, 512) { x, _ in x < 256 ? 128 : 128 + 40 * dice.normal() }
        let residual = try Watermark.residual(for: picture, payload: payload, key: .community)
        func power(_ columns: Range<Int>) -> Float {
            var sum: Float = 0
            for y in 0..<512 { for x in columns { sum += residual.values[y * 512 + x] * residual.values[y * 512 + x] } }
            return sum / Float(512 * columns.count)
        }
        #expect(abs(power(0..<512).squareRoot() - 1) < 0.05)
        #expect(power(280..<512) > 3 * power(0..<232))
    }

    @Test func clipsAtBlackAndWhite() throws {
        for level: Float in [0, 255] {
            let picture = Drawing.gray(256, 256) { _, _ in level }
            let values = try marked(picture, payload, gain: 4).bytes
            #expect(values.allSatisfy { abs(Float($0) - level) < 40 })
        }
    }

    @Test func tooSmallIsSaidClearly() {
        for (width, height) in [(127, 500), (500, 127), (1, 1)] {
            let error = #expect(throws: UserError.self) {
                try Watermark.residual(for: Drawing.painting(width, height), payload: payload, key: .community)
            }
            #expect(error?.message.contains("too small to mark") == true)
        }
    }
}

extension Raster {
    /// An RGBA picture laid on black.
    func overBlack() -> Raster {
        let bytes = bytes
        return Drawing.raster(width, height) { x, y in
            let at = (y * width + x) * 4
            let alpha = Float(bytes[at + 3]) / 255
            return (Float(bytes[at]) * alpha, Float(bytes[at + 1]) * alpha, Float(bytes[at + 2]) * alpha)
        }
    }
}
