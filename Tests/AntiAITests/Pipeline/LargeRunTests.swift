import AntiAI
import Core
import Foundation
import Imaging
import TestSupport
import Testing

/// A very large picture is protected from the disk. Here every picture counts as very large, and what comes out must be
/// what comes out of memory.
@Suite("Protecting very large pictures")
struct LargeRunTests {
    private static let payload = MarkID(rawValue: 0xFEED_FACE_0123_4567)
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory("scratch") }

    private func request(_ methods: Set<ProtectionMethod>? = nil, format: ImageFormat? = nil, quality: Int? = nil)
        -> ProtectionRequest
    {
        ProtectionRequest(
            recipe: "mark", methods: methods, payload: Self.payload, rights: RightsStatement(creator: "Mei Lin"),
            format: format, quality: quality)
    }

    private func expectSameFile(_ original: Data, _ request: ProtectionRequest) throws {
        let inMemory = try Protector().protect(original, request) { _ in true }
        let onDisk = try Protector(scratch: scratch.url, largePixels: 0).protect(original, request) { _ in true }
        #expect(onDisk.data == inMemory.data)
        #expect(onDisk.format == inMemory.format)
        var report = onDisk.report
        report.seconds = inMemory.report.seconds
        #expect(report == inMemory.report)
        #expect(scratch.everyFile().isEmpty)
    }

    @Test(arguments: ImageFormat.allCases)
    func givesTheSameFileInEveryFormat(_ format: ImageFormat) throws {
        let options = EncodeOptions(quality: format == .png ? nil : 85)
        let file = try ImageCodec.encode(Drawing.painting(300, 240), as: format, options)
        try expectSameFile(file, request())
        try expectSameFile(file, request(format: .jpeg, quality: 80))
    }

    @Test func givesTheSameFileInSeveralBands() throws {
        try expectSameFile(ImageCodec.encode(Drawing.painting(760, 1500), as: .png), request())
    }

    @Test(arguments: PixelLayout.allCases, [8, 16])
    func givesTheSameFileForEveryKindOfPixel(_ layout: PixelLayout, _ depth: Int) throws {
        var picture = Drawing.painting(190, 170).converted(to: layout)
        if layout.hasAlpha, case .u8(var values) = picture.samples {
            for pixel in 0..<picture.pixelCount where pixel % 190 < 60 {
                values[(pixel + 1) * layout.channels - 1] = UInt8(truncatingIfNeeded: pixel % 190 * 4)
            }
            picture.samples = .u8(values)
        }
        let file = try ImageCodec.encode(depth == 16 ? picture.to16Bit() : picture, as: .png)
        try expectSameFile(file, request())
        if layout.hasAlpha {
            #expect(throws: UserError.self) {
                try Protector(scratch: scratch.url, largePixels: 0).protect(file, request(format: .jpeg)) { _ in true }
            }
        }
    }

    @Test func otherMethodsGoThroughMemory() throws {
        let file = try ImageCodec.encode(Drawing.painting(150, 140), as: .png)
        let image = try Protector(scratch: scratch.url, largePixels: 0).protect(file, request([.noise])) { _ in true }
        #expect(image.report.methods == [.noise])
        // Nothing was made there.
        #expect(!FileManager.default.fileExists(atPath: scratch.path("unused").path))
    }

    @Test func tooSmallIsSaid() throws {
        let file = try ImageCodec.encode(Drawing.painting(127, 300), as: .png)
        let error = #expect(throws: UserError.self) {
            try Protector(scratch: scratch.url, largePixels: 0).protect(file, request()) { _ in true }
        }
        #expect(error?.message.contains("too small to mark") == true)
    }

    @Test(arguments: [0.0, 0.1, 0.2, 0.5, 0.95])
    func canBeCancelledAnywhere(_ fraction: Double) throws {
        let file = try ImageCodec.encode(Drawing.painting(150, 150), as: .png)
        #expect(throws: CancellationError.self) {
            try Protector(scratch: scratch.url, largePixels: 0).protect(file, request()) { $0 < fraction }
        }
    }

    @Test func withoutRoomItIsAnErrorAndNothingElse() throws {
        let file = try ImageCodec.encode(Drawing.painting(150, 150), as: .png)
        #expect(throws: UserError.self) {
            try Protector(scratch: URL(fileURLWithPath: "/proc/nowhere"), largePixels: 0)
                .protect(file, request()) { _ in true }
        }
    }

    @Test func aMarkIsReadFromTheFile() throws {
        let picture = try marked(Drawing.painting(512, 384), Self.payload)
        let data = try ImageCodec.encode(picture, as: .png)
        let onDisk = try ImageCodec.decode(data, intoFileIn: scratch.url).raster
        let reading = try #require(Watermark.extract(from: onDisk))
        let expected = try #require(Watermark.extract(from: picture))
        #expect(reading.payload == Self.payload && reading.logFalsePositive == expected.logFalsePositive)
        #expect(reading.geometry == expected.geometry)
    }
}
