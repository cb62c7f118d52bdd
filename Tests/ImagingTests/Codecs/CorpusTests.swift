import Core
import Foundation
import Imaging
import Testing

@Suite struct CorpusTests {
    private static let limits = DecodeLimits(maximumPixels: 40_000_000, maximumBytes: 64 << 20)

    private static let scratch = FileManager.default.temporaryDirectory

    /// Decodes in every way; checks that the ways agree and that refusals are sentences. True when it is a picture.
    private static func survives(_ file: URL) throws -> Bool {
        let data = try Data(contentsOf: file)
        let name = Comment(rawValue: file.lastPathComponent)
        do {
            let image = try ImageCodec.decode(data, limits: limits)
            let size = try ImageCodec.dimensions(data)
            #expect(size.width == image.raster.width && size.height == image.raster.height, name)
            #expect(size.format == image.format, name)
            let small = try ImageCodec.decodeReduced(data, maximumSide: 32, limits: limits)
            #expect(max(small.width, small.height) <= 32 && small.bitDepth == 8 && small.iccProfile == nil, name)
            let large = try ImageCodec.decode(data, intoFileIn: scratch, limits: limits)
            #expect(large.raster.rows(0..<large.raster.height) == image.raster, name)
            return true
        } catch let error as UserError {
            #expect(error.message.hasSuffix(".") && error.message.count < 200, name)
            #expect(!error.message.contains("\n") && error.status == .usage, name)
            #expect(throws: error, name) { try ImageCodec.decode(data, intoFileIn: scratch, limits: limits) }
            return false
        }
    }

    @Test(.enabled(if: Corpora.exists("pngsuite"), "PngSuite is missing; run scripts/fetch-corpora.sh"))
    func everyFileOfPngSuiteIsDecoded() throws {
        for file in Corpora.files("pngsuite") where file.pathExtension == "png" {
            #expect(try Self.survives(file), Comment(rawValue: file.lastPathComponent))
        }
    }

    @Test(
        .enabled(if: Corpora.exists("pillow"), "Pillow's images are missing; run scripts/fetch-corpora.sh"),
        arguments: 0..<8)
    func everyFileOfPillowEndsInAPictureOrASentence(part: Int) throws {
        var pictures = 0
        for (index, file) in Corpora.files("pillow").enumerated() where index % 8 == part {
            if try Self.survives(file) { pictures += 1 }
        }
        #expect(pictures > 20)
    }
}
