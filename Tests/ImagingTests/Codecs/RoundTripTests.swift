import Core
import Foundation
import Imaging
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: PixelLayout.allCases, [8, 16])
    func pngGivesBackEverySample(layout: PixelLayout, depth: Int) throws {
        for (width, height) in [(1, 1), (3, 7), (64, 33)] {
            let raster = Pictures.noise(width, height, layout, depth: depth)
            let image = try ImageCodec.decode(ImageCodec.encode(raster, as: .png))
            #expect(image.raster == raster)
            #expect(image.format == .png && image.isLossless && !image.wasPalette && image.jpegQuality == nil)
        }
    }

    /// Grain is written with runs alone and repeating art is not: neither is larger than by zlib's usual search.
    @Test(arguments: [8, 16], [true, false])
    func pngIsWrittenInTheWayThatSuitsThePicture(depth: Int, repeats: Bool) throws {
        let grain = Pictures.noise(256, 256, .rgb, depth: depth)
        let tile = Pictures.noise(16, 256, .rgb, depth: depth)
        let raster = repeats ? (0..<16).reduce(into: grain) { $0 = pasted(tile, into: $0, column: $1 * 16) } : grain
        let usual = try ImageCodec.encode(raster, as: .png, EncodeOptions(compression: 5))
        let chosen = try ImageCodec.encode(raster, as: .png)
        #expect(chosen.count <= usual.count + usual.count / 100)
        #expect(try ImageCodec.decode(chosen).raster == raster)
        if repeats { #expect(chosen.count < grain.samples.count / 2) }
    }

    private func pasted(_ tile: Raster, into raster: Raster, column: Int) -> Raster {
        func paste<T>(_ source: [T], _ target: [T]) -> [T] {
            var result = target
            for y in 0..<raster.height {
                let (from, to) = (3 * y * tile.width, 3 * (y * raster.width + column))
                result.replaceSubrange(to..<to + 3 * tile.width, with: source[from..<from + 3 * tile.width])
            }
            return result
        }
        var result = raster
        switch (tile.samples, raster.samples) {
        case (.u8(let source), .u8(let target)): result.samples = .u8(paste(source, target))
        case (.u16(let source), .u16(let target)): result.samples = .u16(paste(source, target))
        default: break
        }
        return result
    }

    @Test(arguments: PixelLayout.allCases, [8, 16])
    func losslessWebPGivesBackEverySampleAs8BitColor(layout: PixelLayout, depth: Int) throws {
        let raster = Pictures.noise(31, 17, layout, depth: depth)
        let image = try ImageCodec.decode(ImageCodec.encode(raster, as: .webp))
        #expect(image.raster == raster.to8Bit().converted(to: layout.hasAlpha ? .rgba : .rgb))
        #expect(image.format == .webp && image.isLossless)
    }

    @Test(arguments: PixelLayout.allCases)
    func lossyWebPStaysClose(layout: PixelLayout) throws {
        let raster = Pictures.gradient(80, 60, layout)
        let image = try ImageCodec.decode(ImageCodec.encode(raster, as: .webp, .init(quality: 95)))
        #expect(!image.isLossless)
        // An alpha channel without transparency is not stored.
        #expect(Pictures.worstDifference(image.raster, raster.converted(to: .rgb)) < 24)
    }

    @Test(arguments: [PixelLayout.gray, .rgb], [8, 16])
    func jpegStaysClose(layout: PixelLayout, depth: Int) throws {
        let raster = Pictures.gradient(67, 45, layout)
        let source = depth == 16 ? raster.to16Bit() : raster
        let image = try ImageCodec.decode(ImageCodec.encode(source, as: .jpeg))
        #expect(image.format == .jpeg && !image.isLossless && image.jpegQuality == 92)
        #expect(Pictures.worstDifference(image.raster, raster) < 12)
    }

    @Test(arguments: [1, 10, 49, 50, 75, 89, 90, 100])
    func jpegQualityIsReadFromTheTables(quality: Int) throws {
        let data = try ImageCodec.encode(Pictures.gradient(16, 16), as: .jpeg, .init(quality: quality))
        #expect(try ImageCodec.decode(data).jpegQuality == quality)
    }

    @Test(arguments: ImageFormat.allCases)
    func encodingIsDeterministic(format: ImageFormat) throws {
        let raster = Pictures.noise(40, 30, .rgb)
        let options = EncodeOptions(quality: 80, xmp: Data("<x:xmpmeta/>".utf8))
        #expect(try ImageCodec.encode(raster, as: format, options) == ImageCodec.encode(raster, as: format, options))
    }

    @Test(arguments: ImageFormat.allCases)
    func theHeaderAloneTellsTheSize(format: ImageFormat) throws {
        let data = try ImageCodec.encode(Pictures.gradient(37, 21), as: format)
        let size = try ImageCodec.dimensions(data)
        #expect(size.width == 37 && size.height == 21 && size.format == format)
        #expect(ImageCodec.sniff(data) == format)
    }

    @Test func jpegRefusesTransparency() {
        #expect(throws: UserError("JPEG cannot store transparency; choose PNG or WebP.")) {
            try ImageCodec.encode(Pictures.gradient(4, 4, .rgba), as: .jpeg)
        }
    }

    @Test func sidesBeyondTheFormatAreRefused() {
        #expect(throws: UserError.self) { try ImageCodec.encode(Pictures.gradient(16384, 1), as: .webp) }
        #expect(throws: UserError.self) { try ImageCodec.encode(Pictures.gradient(65501, 1), as: .jpeg) }
    }

    @Test(arguments: [0, 101])
    func qualitiesOutsideOf1To100AreRefused(quality: Int) {
        #expect(throws: UserError.self) {
            try ImageCodec.encode(Pictures.gradient(4, 4), as: .jpeg, .init(quality: quality))
        }
    }
}
