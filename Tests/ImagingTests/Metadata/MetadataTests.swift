import Core
import Foundation
import Imaging
import Testing

@Suite struct MetadataTests {
    @Test(arguments: ImageFormat.allCases, 1...8)
    func orientationIsAppliedInEveryFormat(format: ImageFormat, orientation: Int) throws {
        for isLittleEndian in [false, true] {
            let lying = Pictures.gradient(24, 16)
            let exif = ExifBuilder(isLittleEndian: isLittleEndian, main: [(0x0112, .short(orientation))]).bytes
            let file = try format.file(lying, exif: exif)
            let image = try ImageCodec.decode(file)
            let upright = lying.oriented(from: Orientation(rawValue: orientation)!)
            #expect(Pictures.worstDifference(image.raster, upright) < 12)
            #expect(image.metadata.orientation == orientation)
            let size = try ImageCodec.dimensions(file)
            #expect(size.width == upright.width && size.height == upright.height)
        }
    }

    @Test(arguments: ImageFormat.allCases)
    func exifFieldsAreReadAndListedForRemoval(format: ImageFormat) throws {
        let exif = ExifBuilder(
            main: [
                (0x010E, .text("A boat")), (0x0110, .text("Camera X")), (0x013B, .text("Mei Lin")),
                (0x8298, .text("(c) Mei Lin")),
            ],
            exif: [(0x9003, .text("2026:01:01 00:00:00")), (0xA431, .text("SERIAL-77"))], gps: [(1, .text("N"))]
        ).bytes
        let metadata = try ImageCodec.decode(format.file(Pictures.gradient(8, 8), exif: exif)).metadata
        #expect(metadata.exif == Data(exif))
        #expect(metadata.artist == "Mei Lin" && metadata.copyright == "(c) Mei Lin")
        #expect(metadata.description == "A boat" && metadata.hasGPS)
        #expect(
            metadata.removalSummary() == [
                "GPS position", "camera serial number", "artist", "copyright notice", "description", "date and time",
                "camera and lens",
            ])
    }

    @Test func iptcAndCommentsOfJPEGAreRead() throws {
        func dataset(_ number: UInt8, _ text: String) -> [UInt8] {
            [0x1C, 2, number] + Bytes.big16(text.utf8.count) + Array(text.utf8)
        }
        let iptc = dataset(80, "Ana") + dataset(90, "Lisbon") + dataset(116, "© Ana") + dataset(120, "Caption")
        var file = try ImageCodec.encode(Pictures.gradient(8, 8), as: .jpeg)
        file = Containers.jpeg(file, iptc: iptc)
        file = Containers.jpeg(file, marker: 0xFE, Array("a comment".utf8))
        let metadata = try ImageCodec.decode(file).metadata
        #expect(metadata.iptc == Data(iptc))
        #expect(metadata.artist == "Ana" && metadata.copyright == "© Ana" && metadata.description == "Caption")
        #expect(metadata.comments == ["a comment"])
        #expect(metadata.removalSummary().contains("place name") && metadata.removalSummary().contains("comment"))
    }

    @Test(arguments: ImageFormat.allCases)
    func xmpIsWrittenAndReadBack(format: ImageFormat) throws {
        let packet = Data(
            """
            <x:xmpmeta><rdf:Description exif:GPSLatitude="1"><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">\
            © A &amp; B</rdf:li></rdf:Alt></dc:rights><dc:creator><rdf:Seq><rdf:li>水彩</rdf:li></rdf:Seq>\
            </dc:creator></rdf:Description></x:xmpmeta>
            """.utf8)
        let data = try ImageCodec.encode(Pictures.gradient(8, 8), as: format, .init(xmp: packet))
        let metadata = try ImageCodec.decode(data).metadata
        #expect(metadata.xmp == packet)
        #expect(metadata.copyright == "© A & B" && metadata.artist == "水彩" && metadata.hasGPS)
    }

    @Test func packetsThatJPEGCannotHoldAreRefused() throws {
        let raster = Pictures.gradient(8, 8)
        let fits = Data(repeating: 0x20, count: 65502)
        #expect(try ImageCodec.decode(ImageCodec.encode(raster, as: .jpeg, .init(xmp: fits))).metadata.xmp == fits)
        #expect(throws: UserError.self) { try ImageCodec.encode(raster, as: .jpeg, .init(xmp: fits + [0x20])) }
        #expect(throws: UserError.self) { try ImageCodec.encode(raster, as: .png, .init(xmp: Data([0x41, 0, 0x41]))) }
    }

    @Test func nothingIsWrittenBesidePixelsProfileAndPacket() throws {
        var raster = Pictures.gradient(8, 8)
        raster.iccProfile = ProfileBuilder.adobeRGB
        let options = EncodeOptions(xmp: Data("<x/>".utf8))
        var png = try ImageCodec.encode(raster, as: .png, options)
        #expect(Containers.pngChunks(&png) == ["IHDR", "iCCP", "iTXt", "IDAT", "IEND"])
        let jpeg = try ImageCodec.encode(raster, as: .jpeg, options)
        #expect(
            Containers.jpegMarkers(jpeg) == [
                0xE0, 0xE1, 0xE2, 0xDB, 0xDB, 0xC0, 0xC4, 0xC4, 0xC4, 0xC4, 0xDA,
            ])
        let webp = try ImageCodec.encode(raster, as: .webp, options)
        #expect(Containers.webpChunks(webp) == ["VP8X", "ICCP", "VP8L", "XMP "])
        raster.iccProfile = nil
        var plain = try ImageCodec.encode(raster, as: .png)
        #expect(Containers.pngChunks(&plain) == ["IHDR", "IDAT", "IEND"])
        #expect(Containers.webpChunks(try ImageCodec.encode(raster, as: .webp)) == ["VP8L"])
    }

    @Test(
        arguments: [
            [0x49, 0x49, 42, 0, 8, 0, 0, 0, 255, 255], [0x4D, 0x4D, 0, 42, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8],
            [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x82, 0x98, 0, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]])
    func hostileEXIFIsHarmless(exif: [UInt8]) throws {
        let metadata = try ImageCodec.decode(ImageFormat.jpeg.file(Pictures.gradient(8, 8), exif: exif)).metadata
        #expect(metadata.orientation == 1 && metadata.copyright == nil)
    }

    private static let exiftool = "/usr/bin/exiftool"

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: exiftool), "exiftool is not installed"),
        arguments: ImageFormat.allCases)
    func exiftoolReadsThePacketAndTheProfile(format: ImageFormat) throws {
        var raster = Pictures.gradient(8, 8)
        raster.iccProfile = ProfileBuilder.adobeRGB
        let packet = Data(
            """
            <?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>\
            <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
            xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>© Mei\
            </rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='r'?>
            """.utf8)
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).\(format.fileExtension)")
        try ImageCodec.encode(raster, as: format, .init(xmp: packet)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let tool = Process()
        let output = Pipe()
        tool.executableURL = URL(fileURLWithPath: Self.exiftool)
        tool.arguments = ["-s", "-XMP-dc:Rights", "-ICC_Profile:ColorSpaceData", "-Warning", "-Error", file.path]
        tool.standardOutput = output
        try tool.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        tool.waitUntilExit()
        #expect(text.contains("© Mei") && text.contains("RGB"), "\(text)")
        #expect(!text.contains("Warning") && !text.contains("Error"), "\(text)")
    }
}
