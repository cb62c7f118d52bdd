import Core
import Foundation
import Imaging
import Testing

@Suite struct HostileInputTests {
    private static let limits = DecodeLimits(maximumPixels: 250_000, maximumBytes: 1 << 20)
    private static let exif = ExifBuilder(
        main: [(0x0112, .short(6)), (0x8298, .text("© Somebody"))], exif: [(0xA431, .text("SN123456"))],
        gps: [(1, .text("N"))]
    ).bytes
    private static let xmp = Data("<x:xmpmeta><dc:rights><rdf:Alt><rdf:li>R</rdf:li></rdf:Alt></dc:rights>".utf8)

    /// Small files of one format, with as many features as it has.
    private static func seeds(_ format: ImageFormat) throws -> [Data] {
        var profiled = Pictures.noise(11, 9, .rgb)
        profiled.iccProfile = ProfileBuilder.adobeRGB
        let options = EncodeOptions(xmp: xmp)
        switch format {
        case .png:
            let plain = try PixelLayout.allCases.map {
                try ImageCodec.encode(Pictures.noise(9, 7, $0, depth: $0.isGray ? 16 : 8), as: .png)
            }
            let full = try ImageCodec.encode(profiled, as: .png, options)
            return plain + [full, Containers.png(full, chunk: "eXIf", exif), paletted]
        case .jpeg:
            let full = try ImageCodec.encode(profiled, as: .jpeg, options)
            let gray = try ImageCodec.encode(Pictures.noise(17, 19, .gray), as: .jpeg, .init(quality: 50))
            let cmyk = FlatJPEG(values: [10, 20, 30, 40], adobeTransform: 2).data
            return [full, Containers.jpeg(full, exif: exif), gray, cmyk]
        case .webp:
            let lossy = try ImageCodec.encode(Pictures.noise(20, 20, .rgba), as: .webp, .init(quality: 40))
            let lossless = try ImageCodec.encode(Pictures.gradient(24, 10), as: .webp)
            let full = try ImageCodec.encode(profiled, as: .webp, options)
            return [lossy, lossless, full, Containers.webp(lossless, exif: exif, width: 24, height: 10)]
        }
    }

    /// A PNG with a palette, transparency and two bits a pixel, stored without compression.
    private static var paletted: Data {
        let rows: [UInt8] = (0..<4).flatMap { [0, UInt8($0 * 60)] }
        var (low, high) = (1, 0)
        for byte in rows {
            low = (low + Int(byte)) % 65521
            high = (high + low) % 65521
        }
        let count = UInt8(rows.count)
        let stream = [0x78, 0x01, 0x01, count, 0, ~count, 0xFF] + rows + Bytes.big16(high) + Bytes.big16(low)
        let header = Bytes.big32(4) + Bytes.big32(4) + [2, 3, 0, 0, 0]
        let start: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let palette = Containers.chunk("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
        let alpha = Containers.chunk("tRNS", [0, 128])
        let body = palette + alpha + Containers.chunk("IDAT", stream) + Containers.chunk("IEND", [])
        return Data(start + Containers.chunk("IHDR", header) + body)
    }

    private static func mutate(_ data: Data, with random: inout SplitMix) -> Data {
        var bytes = [UInt8](data)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[at] = .random(in: 0...255, using: &random)
            case 2: bytes[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
            case 3: bytes.insert(.random(in: 0...255, using: &random), at: at)
            case 4: if bytes.count > 1 { bytes.remove(at: at) }
            case 5: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...16, using: &random)))
            case 6: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 24)], at: at)
            default: bytes = Array(bytes[0...at])
            }
            if bytes.isEmpty { return Data([0]) }
        }
        return Data(bytes)
    }

    @Test(arguments: ImageFormat.allCases, 0..<4)
    func mutatedFilesEndInAPictureOrASentence(format: ImageFormat, part: Int) throws {
        let seeds = try Self.seeds(format)
        for seed in seeds { _ = try ImageCodec.decode(seed, limits: Self.limits) }
        var random = SplitMix(state: UInt64(part + 1))
        var refused = 0
        for round in 0..<1000 {
            var data = Self.mutate(seeds[round % seeds.count], with: &random)
            // Otherwise the checksums of PNG keep almost every mutation from the code behind them.
            if format == .png, round % 4 != 0 { _ = Containers.pngChunks(&data, repairing: true) }
            do {
                let image = try ImageCodec.decode(data, limits: Self.limits)
                #expect(image.raster.pixelCount <= Self.limits.maximumPixels)
                _ = image.metadata.removalSummary()
                _ = try ImageCodec.decodeReduced(data, maximumSide: 4, limits: Self.limits)
                _ = try ImageCodec.encode(image.raster, as: .png)
            } catch let error as UserError {
                #expect(error.message.hasSuffix("."))
                refused += 1
            }
        }
        #expect(refused > 100 && refused < 1000)
    }

    @Test(arguments: ImageFormat.allCases)
    func everyTruncationIsRefused(format: ImageFormat) throws {
        let data = try ImageCodec.encode(Pictures.noise(24, 24, .rgb), as: format)
        // The end marker of a JPEG, two bytes, may be missing; every pixel is there without it.
        for count in 0..<data.count - 2 {
            #expect(throws: UserError.self) { try ImageCodec.decode(data.prefix(count)) }
        }
    }

    @Test(arguments: [0xC3, 0xC5, 0xCB] as [UInt8])
    func rareKindsOfJPEGAreNamed(marker: UInt8) throws {
        let error = #expect(throws: UserError.self) {
            try ImageCodec.decode(FlatJPEG(values: [9], frameMarker: marker).data)
        }
        #expect(error?.message.contains("JPEG, which few programs read") == true)
    }

    @Test func twelveBitJPEGIsNamed() {
        let error = #expect(throws: UserError.self) { try ImageCodec.decode(FlatJPEG(values: [9], precision: 12).data) }
        #expect(error?.message.contains("12 bits") == true)
    }

    @Test func limitsAreCheckedOnTheHeader() throws {
        // A header of 65000 × 65000 with nothing behind it.
        let huge = FlatJPEG(values: [9], side: 65000).data
        let error = #expect(throws: UserError.self) { try ImageCodec.decode(huge) }
        #expect(error?.message.contains("65000 × 65000") == true)
        let small = try ImageCodec.encode(Pictures.gradient(20, 20), as: .png)
        #expect(throws: UserError.self) { try ImageCodec.decode(small, limits: .init(maximumPixels: 399)) }
        #expect(throws: UserError.self) { try ImageCodec.decode(small, limits: .init(maximumBytes: 20)) }
        _ = try ImageCodec.decode(small, limits: .init(maximumPixels: 400))
    }

    @Test func filesOfNothingButSegmentsAreRefusedQuickly() {
        var file: [UInt8] = [0xFF, 0xD8]
        for _ in 0..<20_000 { file += [0xFF, 0xE5, 0, 2] }
        #expect(throws: UserError.self) { try ImageCodec.decode(Data(file)) }
    }

    @Test func animatedPNGIsRefusedByName() throws {
        let still = try ImageCodec.encode(Pictures.gradient(4, 4), as: .png)
        let animated = Containers.png(still, chunk: "acTL", Bytes.big32(2) + Bytes.big32(0))
        let error = #expect(throws: UserError.self) { try ImageCodec.decode(animated) }
        #expect(error?.message.contains("animated PNG") == true)
    }

    @Test func animatedWebPIsRefusedByName() throws {
        let still = try ImageCodec.encode(Pictures.gradient(4, 4), as: .webp)
        var animated = Containers.webp(still, exif: [], width: 4, height: 4)
        animated[20] |= 0x02
        let error = #expect(throws: UserError.self) { try ImageCodec.decode(animated) }
        #expect(error?.message.contains("animated WebP") == true)
    }

    @Test(arguments: [
        ("GIF89a......", "GIF"), ("II*\0........", "TIFF"), ("BM..........", "BMP"), ("8BPS........", "Photoshop"),
        ("\0\0\0\u{18}ftypheic", "HEIC"), ("\0\0\0\u{18}ftypavif", "AVIF"), ("<?xml version='1.0'?><svg>", "SVG"),
        ("PK\u{3}\u{4}....mimetypeapplication/x-krita", "Krita"), ("%PDF-1.7", "PDF"),
        ("hello, world", "not a picture"),
        ("", "empty"),
    ])
    func otherFilesAreNamed(content: String, name: String) {
        let error = #expect(throws: UserError.self) { try ImageCodec.decode(Data(content.utf8)) }
        #expect(error?.message.contains(name) == true)
    }
}
