import AntiAI
import Core
import Foundation
import Imaging
import Testing

struct ProtectorTests {
    private static let payload = MarkID(rawValue: 0x0123_4567_89AB_CDEF)

    private func request(
        _ recipe: String = "subtle", _ methods: Set<ProtectionMethod>? = nil, format: ImageFormat? = nil,
        quality: Int? = nil
    ) -> ProtectionRequest {
        ProtectionRequest(
            recipe: recipe, methods: methods, payload: Self.payload, rights: RightsStatement(creator: "Mei Lin"),
            format: format, quality: quality)
    }

    private func protect(_ raster: Raster, as format: ImageFormat = .png, _ request: ProtectionRequest) throws
        -> ProtectedImage
    {
        let quality = format == .jpeg ? 92 : nil
        let file = try ImageCodec.encode(raster, as: format, EncodeOptions(quality: quality))
        return try Protector().protect(file, request) { _ in true }
    }

    @Test(arguments: RecipeBook.builtIn)
    func meetsTheVisibilityTargetAndTheMarkIsRead(_ recipe: Recipe) throws {
        // On much smaller pictures the mark needs all that may be seen, and there is no room for noise.
        let picture = Drawing.painting(512, 400)
        let image = try protect(picture, request(recipe.name))
        let shown = try ImageCodec.decode(image.data).raster
        let report = try ImageQuality.compare(picture, shown)
        #expect(image.report.visibility == report.ssimulacra2)
        #expect(report.ssimulacra2 >= recipe.visibilityTarget)
        #expect(report.ssimulacra2 <= recipe.visibilityTarget + 3)
        #expect(Watermark.extract(from: shown)?.payload == Self.payload)
        #expect(image.report.selfCheck?.jpeg75 == true)
        #expect(image.report.payload == Self.payload)
        #expect(Set(image.report.methods) == recipe.methods)
        #expect(image.report.protectedSHA256 == image.blobID.description)
    }

    @Test func keepsTheFormatAndMeasuresTheEncodedFile() throws {
        let picture = Drawing.painting(240, 200)
        for format in ImageFormat.allCases {
            let file = try ImageCodec.encode(picture, as: format, EncodeOptions(quality: format == .png ? nil : 80))
            let original = try ImageCodec.decode(file).raster
            let image = try Protector().protect(file, request("mark")) { _ in true }
            #expect(image.format == format)
            #expect(ImageCodec.sniff(image.data) == format)
            let report = try ImageQuality.compare(original, ImageCodec.decode(image.data).raster)
            #expect(abs(report.ssimulacra2 - image.report.visibility) < 1e-9)
            #expect(report.ssimulacra2 >= 88)
        }
    }

    @Test func sameInputSameBytes() throws {
        let picture = Drawing.painting(180, 170)
        let first = try protect(picture, request("standard"))
        #expect(first.data == (try protect(picture, request("standard"))).data)
        var other = request("standard")
        other.payload = MarkID(rawValue: 5)
        #expect(first.data != (try protect(picture, other)).data)
    }

    @Test func transparentPixelsAndAlphaStay() throws {
        var dice = Dice(4)
        let base = Drawing.painting(160, 150).converted(to: .rgba)
        guard case .u8(var values) = base.samples else { return }
        for pixel in 0..<base.pixelCount where (pixel % 160) / 20 % 2 == 0 {
            values[4 * pixel + 3] = pixel % 3 == 0 ? 0 : UInt8(truncatingIfNeeded: dice.next())
        }
        let picture = Raster(width: 160, height: 150, layout: .rgba, samples: .u8(values))
        let image = try protect(picture, request("strong"))
        guard case .u8(let after) = try ImageCodec.decode(image.data).raster.samples else { return }
        #expect(after.count == values.count && after != values)
        for base in stride(from: 0, to: values.count, by: 4) {
            #expect(after[base + 3] == values[base + 3])
            if values[base + 3] == 0 { #expect(after[base..<base + 3] == values[base..<base + 3]) }
        }
        #expect(throws: UserError.self) { try protect(picture, request("subtle", format: .jpeg)) }
    }

    @Test func grayStaysGrayAndSixteenBitsStay() throws {
        let gray = Drawing.painting(140, 150).converted(to: .gray)
        #expect(try ImageCodec.decode(protect(gray, request()).data).raster.layout == .gray)
        #expect(try ImageCodec.decode(protect(gray, as: .jpeg, request()).data).raster.layout == .gray)
        let deep = Drawing.painting(150, 140).to16Bit()
        let shown = try ImageCodec.decode(protect(deep, request()).data).raster
        #expect(shown.bitDepth == 16)
        guard case .u16(let values) = shown.samples else { return }
        #expect(values.contains { $0 % 257 != 0 })
    }

    private static let adobe = FileManager.default.contents(atPath: "/usr/share/color/icc/ghostscript/a98.icc")

    @Test(.enabled(if: adobe != nil, "the profiles of libgs-common are not installed"))
    func theProfileStays() throws {
        let file = try #require(Self.adobe)
        var picture = Drawing.painting(140, 140)
        picture.iccProfile = [UInt8](file)
        let image = try protect(picture, request())
        #expect(try ImageCodec.decode(image.data).raster.iccProfile == picture.iccProfile)
        #expect(image.report.visibility >= 85)
    }

    @Test(arguments: [(1, 1), (2, 127), (127, 127), (131, 257), (9, 400)])
    func anySizeGoesThroughOrSaysWhy(_ width: Int, _ height: Int) throws {
        let picture = Drawing.painting(width, height)
        let image = try protect(picture, request("standard", [.noise, .rights]))
        #expect(image.report.visibility >= 72)
        #expect(image.report.width == width && image.report.height == height)
        if min(width, height) < Watermark.minimumSide {
            let error = #expect(throws: UserError.self) { try protect(picture, request("standard")) }
            #expect(error?.status == .usage)
            #expect(error?.message.contains("too small") == true)
        } else {
            #expect(try protect(picture, request("standard")).report.methods.contains(.watermark))
        }
    }

    @Test func aFlatPictureIsReportedHonestly() throws {
        let flat = Drawing.gray(200, 200) { _, _ in 250 }
        let image = try protect(flat, request("subtle"))
        #expect(!image.report.methods.contains(.noise))
        #expect(image.report.visibility >= 85)
        let reads = Watermark.extract(from: try ImageCodec.decode(image.data).raster)?.payload == Self.payload
        if image.report.selfCheck?.jpeg75 == true { #expect(reads) }
    }

    @Test func withoutMethodsThePixelsStayAndTheMetadataGo() throws {
        let picture = Drawing.painting(60, 50)
        let xmp = Data("<x:xmpmeta>marker-in-xmp</x:xmpmeta>".utf8)
        let file = try ImageCodec.encode(picture, as: .png, EncodeOptions(xmp: xmp))
        let image = try Protector().protect(file, request("subtle", [])) { _ in true }
        #expect(try ImageCodec.decode(image.data).raster.samples == picture.samples)
        #expect(image.data.range(of: Data("marker-in-xmp".utf8)) == nil)
        #expect(image.report.methods.isEmpty && image.report.payload == nil && image.report.selfCheck == nil)
        #expect(image.report.visibility == 100)
    }

    @Test func unknownRecipesAreRefused() {
        let picture = Drawing.painting(140, 140)
        #expect(throws: UserError.self) { try protect(picture, request("nonesuch")) }
        #expect(throws: UserError.self) { try protect(picture, request("/no/such/file.toml")) }
    }

    @Test(arguments: [0.0, 0.1, 0.3, 0.55, 0.7, 0.9])
    func canBeCancelledAnywhere(_ fraction: Double) throws {
        let file = try ImageCodec.encode(Drawing.painting(150, 150), as: .png)
        #expect(throws: CancellationError.self) {
            try Protector().protect(file, request("subtle")) { $0 < fraction }
        }
    }

    @Test func progressOnlyGrows() throws {
        let file = try ImageCodec.encode(Drawing.painting(150, 150), as: .png)
        let seen = Seen()
        _ = try Protector().protect(file, request("subtle")) { seen.add($0) }
        #expect(seen.values == seen.values.sorted())
        #expect(seen.values.first == 0 && seen.values.last == 1)
    }

    @Test func anotherKeyReadsNothing() throws {
        let key = WatermarkKey(bytes: (0..<32).map { UInt8($0) })
        let file = try ImageCodec.encode(Drawing.painting(200, 200), as: .png)
        let image = try Protector(watermarkKeys: [key]).protect(file, request("mark")) { _ in true }
        let shown = try ImageCodec.decode(image.data).raster
        #expect(Watermark.extract(from: shown) == nil)
        #expect(Watermark.extract(from: shown, keys: [key])?.payload == Self.payload)
    }

    @Test(arguments: WatermarkStrength.allCases)
    func embedsAWatermarkAlone(_ strength: WatermarkStrength) throws {
        let picture = Drawing.painting(220, 200)
        let file = try ImageCodec.encode(picture, as: .png)
        let marked = try ImageCodec.decode(
            Protector.embedWatermark(file, payload: Self.payload, strength: strength)
        ).raster
        #expect(Watermark.extract(from: marked)?.payload == Self.payload)
        let score = try ImageQuality.compare(picture, marked).ssimulacra2
        var change = picture.luma()
        for (index, value) in marked.luma().values.enumerated() { change.values[index] = value - change.values[index] }
        let norm = ButteraugliEstimate(picture).norm(of: change)
        let allowed = strength.visibility(longEdge: 220)
        #expect(score >= allowed.floor && norm < 1.1 * allowed.highestNorm)
        // One of the two measures is used up.
        #expect(score < allowed.target + 3 || norm > 0.8 * allowed.norm)
    }
}

/// Collects what a progress closure is told.
private final class Seen: @unchecked Sendable {
    private(set) var values: [Double] = []

    func add(_ value: Double) -> Bool {
        values.append(value)
        return true
    }
}
