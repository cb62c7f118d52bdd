import Core
import Foundation
import Imaging
import TestSupport
import Testing

/// What is done to a picture in a file, band by band, is what is done to the same picture in memory.
@Suite("Pictures in files")
struct RasterFileTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory("scratch") }

    /// More than a band: over a megapixel.
    private static let tall = Pictures.noise(700, 1601, .rgb)

    private func file(_ raster: Raster) throws -> RasterFile {
        let file = try RasterFile(
            width: raster.width, height: raster.height, layout: raster.layout, bitDepth: raster.bitDepth,
            iccProfile: raster.iccProfile, in: scratch.url)
        for band in file.bands {
            file.write(
                raster.cropped(x: 0, y: band.lowerBound, width: raster.width, height: band.count), at: band.lowerBound)
        }
        return file
    }

    private func whole(_ file: RasterFile) -> Raster { file.rows(0..<file.height) }

    @Test func aTallPictureHasSeveralBands() throws {
        let file = try file(Self.tall)
        #expect(file.bands.count == 2 && file.bands.last?.upperBound == 1601)
        #expect(whole(file) == Self.tall)
        #expect(file.rows(1490..<1510) == Self.tall.cropped(x: 0, y: 1490, width: 700, height: 20))
        #expect(whole(try file.mapped { $0.converted(to: .gray) }) == Self.tall.converted(to: .gray))
    }

    @Test func nothingOfItHasAName() throws {
        let file = try file(Self.tall)
        let encoded = try ImageCodec.encode(file, as: .png)
        #expect(scratch.everyFile().isEmpty && !encoded.isEmpty)
    }

    @Test func theScratchDirectoryIsMadeForItsOwnerOnly() throws {
        let deep = scratch.path("a").appendingPathComponent("b")
        _ = try RasterFile(width: 1, height: 1, layout: .gray, bitDepth: 8, in: deep)
        for folder in [deep, deep.deletingLastPathComponent()] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
    }

    @Test func aDirectoryThatCannotBeUsedIsAnError() {
        #expect(throws: UserError.self) {
            try RasterFile(width: 1, height: 1, layout: .gray, bitDepth: 8, in: URL(fileURLWithPath: "/proc/nowhere"))
        }
    }

    @Test(arguments: PixelLayout.allCases, [8, 16])
    func everyKindOfPixelComesBackFromPNG(_ layout: PixelLayout, _ depth: Int) throws {
        let raster = Pictures.noise(61, 40, layout, depth: depth)
        let inMemory = try ImageCodec.encode(raster, as: .png)
        let onDisk = try ImageCodec.encode(file(raster), as: .png)
        #expect(onDisk == inMemory)
        let decoded = try ImageCodec.decode(onDisk, intoFileIn: scratch.url)
        #expect(whole(decoded.raster) == raster && decoded.isLossless && decoded.format == .png)
    }

    @Test(arguments: [ImageFormat.png, .jpeg, .webp], [95, 60])
    func theBytesAreThoseOfThePictureInMemory(_ format: ImageFormat, _ quality: Int) throws {
        let options = EncodeOptions(quality: quality, xmp: Data("<x:xmpmeta/>".utf8), compression: 1)
        let inMemory = try ImageCodec.encode(Self.tall, as: format, options)
        let onDisk = try ImageCodec.encode(file(Self.tall), as: format, options)
        #expect(onDisk == inMemory)
        let decoded = try ImageCodec.decode(onDisk, intoFileIn: scratch.url)
        let expected = try ImageCodec.decode(inMemory)
        #expect(whole(decoded.raster) == expected.raster)
        #expect(decoded.jpegQuality == expected.jpegQuality && decoded.metadata.xmp == expected.metadata.xmp)
    }

    @Test(arguments: [PixelLayout.gray, .rgb], [8, 16])
    func profilesStayAndDepthIsRounded(_ layout: PixelLayout, _ depth: Int) throws {
        var raster = Pictures.noise(50, 30, layout, depth: depth)
        raster.iccProfile = layout.isGray ? ProfileBuilder.linearGray : ProfileBuilder.adobeRGB
        for format in ImageFormat.allCases {
            let onDisk = try ImageCodec.encode(file(raster), as: format)
            #expect(onDisk == (try ImageCodec.encode(raster, as: format)))
            let read = try ImageCodec.decode(onDisk, intoFileIn: scratch.url).raster
            #expect(read.iccProfile == (try ImageCodec.decode(onDisk).raster.iccProfile))
        }
    }

    /// Nine by eleven pixels in seven passes (ImageMagick).
    @Test func interlacedPNGIsRead() throws {
        let data = try #require(
            Data(
                base64Encoded: """
                    iVBORw0KGgoAAAANSUhEUgAAAAkAAAALCAIAAAFVPADaAAAAUUlEQVQY062MwQ3AIAwDzxJLMEd2Yqd2pnQM5qCPVCU8kPqof6ezrQGA\
                    DAcYgOE6aIQIX07arMkxUh77RnE0OVO50vgjLIfqVDZZVj85VfrO3SHSFiE9Qtg+AAAAAElFTkSuQmCC
                    """))
        let read = try ImageCodec.decode(data, intoFileIn: scratch.url).raster
        #expect(whole(read) == (try ImageCodec.decode(data).raster))
    }

    @Test(arguments: Orientation.allCases)
    func picturesAreTurnedUpright(_ orientation: Orientation) throws {
        let exif = ExifBuilder(main: [(0x0112, .short(orientation.rawValue))]).bytes
        let data = try ImageFormat.png.file(Self.tall, exif: exif)
        let read = try ImageCodec.decode(data, intoFileIn: scratch.url).raster
        #expect(whole(read) == (try ImageCodec.decode(data).raster))
    }

    @Test(arguments: [0.1, 0.5, 0.9])
    func damagedFilesAreErrors(_ part: Double) throws {
        for format in ImageFormat.allCases {
            let data = try ImageCodec.encode(Pictures.noise(80, 60, .rgb), as: format)
            let cut = data.prefix(Int(Double(data.count) * part))
            #expect(throws: UserError.self) { try ImageCodec.decode(Data(cut), intoFileIn: scratch.url) }
        }
    }

    @Test(arguments: PixelLayout.allCases, [8, 16])
    func scalesLikeThePictureInMemory(_ layout: PixelLayout, _ depth: Int) throws {
        let raster = Pictures.noise(90, 70, layout, depth: depth)
        for filter in [ResizeFilter.area, .lanczos3] {
            #expect(
                try file(raster).resized(width: 45, height: 31, filter) == raster.resized(width: 45, height: 31, filter)
            )
        }
        #expect(
            try file(Self.tall).resized(width: 70, height: 160, .area)
                == Self.tall.resized(width: 70, height: 160, .area))
    }

    @Test func scoresLikeThePictureInMemory() throws {
        let original = QualityPictures.base(700, 1601)
        let changed = QualityPictures.changed(original, "dither4")
        try expectSameQuality(original, changed)
        try expectSameQuality(Pictures.gradient(40, 9), Pictures.gradient(40, 9, .rgba))
        try expectSameQuality(Pictures.noise(90, 61, .rgba), Pictures.noise(90, 61, .rgba, seed: 2))
        try expectSameQuality(Pictures.noise(90, 61, .gray), Pictures.noise(90, 61, .rgb, depth: 16, seed: 2))
    }

    private func expectSameQuality(_ original: Raster, _ changed: Raster) throws {
        let (first, second) = (try file(original), try file(changed))
        let score = SSIMULACRA2Reference.score(first, second)
        #expect(score == SSIMULACRA2Reference(original).score(changed))
        let report = ImageQuality.compare(first, second, ssimulacra2: score)
        #expect(report == (try ImageQuality.compare(original, changed)))
    }

    @Test func aLargeFileIsReadIntoACopy() throws {
        let content = Data((0..<(17 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        let named = try scratch.file("large", content)
        let copy = try ImageCodec.read(fileAt: named, scratch: scratch.url)
        try Data("cut short".utf8).write(to: named)
        #expect(copy == content)
        #expect(throws: UserError.self) {
            try ImageCodec.read(fileAt: named, scratch: nil, limits: DecodeLimits(maximumBytes: 3))
        }
    }
}
