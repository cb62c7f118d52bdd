import AntiAI
import Core
import Foundation
import Imaging
import TestSupport
import Testing

/// Plants markers everywhere and looks for them in what comes out.
struct MetadataLeakTests {
    static let exiftool = CommandLineTool.find("exiftool")

    @Test(.enabled(if: exiftool != nil, "exiftool is not installed"), arguments: ImageFormat.allCases)
    func nothingOfTheOriginalsMetadataIsWritten(_ format: ImageFormat) throws {
        let folder = try TemporaryDirectory("leak")
        let options = EncodeOptions(quality: format == .jpeg ? 90 : nil)
        let file = try folder.file(
            "original.\(format.fileExtension)", ImageCodec.encode(Drawing.painting(150, 140), as: format, options))
        let canary = try Canary(plantedIn: file, named: "\(format)")
        #expect(canary.markers.count >= 3)
        let request = ProtectionRequest(
            recipe: "subtle", payload: MarkID(rawValue: 9), rights: RightsStatement(license: "CC-BY-4.0"))
        let original = try Data(contentsOf: file)
        let image = try Protector().protect(original, request) { _ in true }
        #expect(canary.found(in: image.data) == [])
        let metadata = try ImageCodec.decode(image.data).metadata
        #expect(metadata.exif == nil && metadata.iptc == nil && !metadata.hasGPS && metadata.comments.isEmpty)

        // Only by explicit wish, and then only creator and notice.
        let credited = try Protector(keepsOriginalCredits: true).protect(original, request) { _ in true }
        #expect(canary.found(in: credited.data).count <= 1)
    }

    @Test(.enabled(if: exiftool != nil, "exiftool is not installed"), arguments: ImageFormat.allCases)
    func exiftoolReadsTheRights(_ format: ImageFormat) throws {
        let folder = try TemporaryDirectory("rights")
        let file = try ImageCodec.encode(Drawing.painting(150, 140), as: .png)
        let rights = RightsStatement(
            creator: "Mei <Lin> & \"Söhne\"", notice: "© 2026 Mei Lin", license: "CC-BY-NC-4.0")
        let request = ProtectionRequest(
            recipe: "mark", payload: MarkID(rawValue: 9), rights: rights, format: format)
        let image = try Protector().protect(file, request) { _ in true }
        let out = try folder.file("out.\(format.fileExtension)", image.data)
        let result = try CommandLineTool.run(
            try #require(Self.exiftool),
            [
                "-j", "-G1", "-XMP-dc:Creator", "-XMP-dc:Rights", "-XMP-xmpRights:all", "-XMP-cc:License",
                "-XMP-plus:DataMining#", "-XMP-tdm:Reservation", "-Warning", "-Error", out.path,
            ])
        let list = try #require(JSONSerialization.jsonObject(with: result.outputData) as? [[String: Any]])
        let tags = try #require(list.first)
        #expect(tags["XMP-dc:Creator"] as? String == "Mei <Lin> & \"Söhne\"")
        #expect(tags["XMP-dc:Rights"] as? String == "© 2026 Mei Lin")
        #expect(tags["XMP-xmpRights:Marked"] as? Bool == true)
        let url = "https://creativecommons.org/licenses/by-nc/4.0/"
        #expect(tags["XMP-xmpRights:WebStatement"] as? String == url)
        #expect(tags["XMP-cc:License"] as? String == url)
        // Versions of exiftool from 12.66 on take the vocabulary's address off.
        let mining = tags["XMP-plus:DataMining"] as? String
        #expect(mining?.hasSuffix("DMI-PROHIBITED-AIMLTRAINING") == true)
        #expect(tags["XMP-tdm:Reservation"] as? Int == 1)
        #expect(tags.keys.allSatisfy { !$0.contains("Warning") && !$0.contains("Error") })
    }
}
