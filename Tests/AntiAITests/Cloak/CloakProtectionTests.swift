import AntiAI
import Core
import Foundation
import Imaging
import Testing

@Suite("The cloak in the pipeline")
struct CloakProtectionTests {
    private static let payload = MarkID(rawValue: 0x0123_4567_89AB_CDEF)

    private func protect(
        _ picture: Raster, _ recipe: String, _ methods: Set<ProtectionMethod>, as format: ImageFormat = .png,
        progress: @Sendable (Double) -> Bool = { _ in true }
    ) throws -> ProtectedImage {
        let file = try ImageCodec.encode(picture, as: format, EncodeOptions(quality: format == .jpeg ? 92 : nil))
        let request = ProtectionRequest(
            recipe: recipe, methods: methods, payload: Self.payload, rights: RightsStatement())
        let networks = try CloakNetworks([TestNetworks.encoder()])
        return try Protector(networks: networks).protect(file, request, progress: progress)
    }

    @Test(arguments: ["subtle", "standard", "strong"])
    func meetsTheTargetAloneAndReportsTheControl(_ recipe: String) throws {
        let picture = Drawing.painting(260, 230)
        let target = try RecipeBook().recipe(recipe).visibilityTarget
        let image = try protect(picture, recipe, [.cloak])
        #expect(image.report.methods == [.cloak])
        #expect(image.report.visibility >= target && image.report.visibility <= target + 3)
        let cloak = try #require(image.report.cloak)
        #expect(cloak.steps > 0 && cloak.noiseDisplacement > 0)
        #expect(cloak.displacement > 1.3 * cloak.noiseDisplacement)
        #expect(image.report.seconds.cloak > 0)
        #expect(image.report.limits.contains("The cloak can be weakened or removed"))
    }

    @Test(arguments: ["subtle", "standard", "strong"], [ImageFormat.png, .jpeg])
    func theMarkIsReadOnCloakedPictures(_ recipe: String, _ format: ImageFormat) throws {
        let picture = Drawing.painting(300, 280)
        let image = try protect(picture, recipe, [.watermark, .cloak, .noise, .rights], as: format)
        let target = try RecipeBook().recipe(recipe).visibilityTarget
        #expect(image.report.visibility >= target)
        #expect(Set(image.report.methods).isSuperset(of: [.watermark, .cloak]))
        #expect(image.report.selfCheck?.jpeg75 == true)
        let shown = try ImageCodec.decode(image.data).raster
        #expect(Watermark.extract(from: shown)?.payload == Self.payload)
    }

    @Test func sameInputSameBytes() throws {
        let picture = Drawing.painting(180, 170)
        let first = try protect(picture, "standard", [.cloak, .watermark])
        #expect(first.data == (try protect(picture, "standard", [.cloak, .watermark])).data)
    }

    @Test(arguments: [(1, 1), (7, 300), (131, 257)])
    func anySizeGoesThrough(_ width: Int, _ height: Int) throws {
        let image = try protect(Drawing.painting(width, height), "standard", [.cloak])
        #expect(image.report.visibility >= 72)
        #expect(image.report.width == width && image.report.height == height)
    }

    @Test func sixteenBitsAndGreyStay() throws {
        let deep = try protect(Drawing.painting(150, 140).to16Bit(), "standard", [.cloak])
        #expect(try ImageCodec.decode(deep.data).raster.bitDepth == 16)
        let gray = try protect(Drawing.painting(150, 140).converted(to: .gray), "standard", [.cloak])
        #expect(try ImageCodec.decode(gray.data).raster.layout == .gray)
    }

    @Test(arguments: [0.15, 0.4, 0.65, 0.75, 0.9])
    func canBeCancelledAnywhere(_ fraction: Double) {
        #expect(throws: CancellationError.self) {
            try protect(Drawing.painting(150, 150), "standard", [.cloak, .watermark]) { $0 < fraction }
        }
    }

    @Test func withoutACloakNothingOfItIsReported() throws {
        let image = try protect(Drawing.painting(150, 150), "subtle", [.watermark])
        #expect(image.report.cloak == nil && image.report.seconds.cloak == 0)
        #expect(!image.report.limits.contains("cloak"))
    }

    @Test func anEncoderThatIsNoneIsRefusedInOneSentence() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("no network at all".utf8).write(to: file)
        let original = try ImageCodec.encode(Drawing.painting(40, 40), as: .png)
        let request = ProtectionRequest(
            recipe: "standard", methods: [.cloak], payload: Self.payload, rights: RightsStatement())
        let error = #expect(throws: UserError.self) {
            try Protector(encoders: [file]).protect(original, request) { _ in true }
        }
        #expect(error?.message.contains("not a valid safetensors file") == true)
        #expect(error?.status == .usage)
    }
}
