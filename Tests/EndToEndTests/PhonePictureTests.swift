import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct PhonePicture {
        /// Profiles compatible with Adobe RGB (1998) in Debian main: libgs-common, icc-profiles-free, colord-data.
        private static let profile = [
            "/usr/share/color/icc/ghostscript/a98.icc", "/usr/share/color/icc/compatibleWithAdobeRGB1998.icc",
            "/usr/share/color/icc/colord/AdobeRGB1998.icc",
        ].first { FileManager.default.fileExists(atPath: $0) }

        @Test(
            .needs([Tools.exiftool, Tools.convert, Tools.identify]),
            .enabled(if: profile != nil, "there is no Adobe RGB profile (apt: libgs-common)"),
            .timeLimit(.minutes(30)))
        func aPhonesPictureComesOutUprightWithItsProfileAndWithoutItsPlace() throws {
            let artist = try Artist()
            let folder = artist.home.url
            let profile = try #require(Self.profile)
            try makePicture(in: folder, profile: profile)

            let result = try artist.run(
                ["protect", "phone.jpg", "-o", "out.jpg", "--recipe", "subtle", "--json"], timeout: 1500)
            try #require(result.succeeded, "\(result.ending) \(result.errors)")
            struct Report: Decodable {
                var width: Int
                var height: Int
                var payload: String?
            }
            let report = try JSONDecoder().decode(Report.self, from: result.outputData)
            #expect(report.width == 4000)
            #expect(report.height == 6000)

            let size = try Tools.run(
                "identify", ["-regard-warnings", "-format", "%w %h %m", "out.jpg"], directory: folder)
            #expect(size.output == "4000 6000 JPEG")
            #expect(size.errors == "")
            let orientation = try Tools.run("exiftool", ["-n", "-s3", "-Orientation", "out.jpg"], directory: folder)
            #expect(["", "1"].contains(orientation.output.trimmingCharacters(in: .whitespacesAndNewlines)))
            try checkThatItIsUpright(in: folder)

            let kept = try Tools.run("exiftool", ["-b", "-ICC_Profile", "out.jpg"], directory: folder)
            #expect(kept.outputData == (try Data(contentsOf: URL(fileURLWithPath: profile))))
            let leaked = try Tools.run(
                "exiftool",
                [
                    "-a", "-s3", "-GPS:all", "-XMP-exif:all", "-SerialNumber", "-ThumbnailImage", "-UserComment",
                    "out.jpg",
                ],
                directory: folder)
            #expect(leaked.output.trimmingCharacters(in: .whitespacesAndNewlines) == "")
            let validation = try Tools.run(
                "exiftool", ["-validate", "-warning", "-error", "-a", "-s3", "out.jpg"], directory: folder)
            #expect(validation.output.trimmingCharacters(in: .whitespacesAndNewlines) == "OK")

            let verification = try artist.verify(artist.home.path("out.jpg"))
            #expect(verification.found)
            #expect(verification.payload == report.payload)
        }

        /// 24 megapixels as a phone writes them: the sensor's way round, to be turned a quarter clockwise for showing.
        private func makePicture(in folder: URL, profile: String) throws {
            try DrawnPicture.landscape(width: 1500, height: 1000, seed: 24).portablePixmap
                .write(to: folder.appendingPathComponent("drawn.ppm"))
            try Tools.run(
                "convert",
                ["drawn.ppm", "-resize", "6000x4000!", "-sampling-factor", "4:2:0", "-quality", "92", "phone.jpg"],
                directory: folder)
            try Tools.run(
                "convert", ["drawn.ppm", "-resize", "160x120!", "-strip", "thumbnail.jpg"], directory: folder)
            try Tools.run(
                "exiftool",
                [
                    "-q", "-overwrite_original", "-n", "-Orientation=6", "-Make=Phone", "-Model=Pocket 9",
                    "-SerialNumber=SN-4711", "-UserComment=private words", "-GPSLatitude=52.516", "-GPSLatitudeRef=N",
                    "-GPSLongitude=13.377", "-GPSLongitudeRef=E", "-XMP-exif:GPSAltitude=34",
                    "-ThumbnailImage<=thumbnail.jpg", "-ICC_Profile<=\(profile)", "phone.jpg",
                ], directory: folder)
        }

        /// Compares a small version with the one that ImageMagick turns upright by the orientation.
        private func checkThatItIsUpright(in folder: URL) throws {
            let small = ["-resize", "8x12!", "-depth", "8", "rgb:-"]
            let expected = try Tools.run("convert", ["phone.jpg", "-auto-orient"] + small, directory: folder).outputData
            let got = try Tools.run("convert", ["out.jpg"] + small, directory: folder).outputData
            try #require(expected.count == 8 * 12 * 3 && got.count == expected.count)
            let worst = zip(expected, got).map { abs(Int($0) - Int($1)) }.max() ?? 255
            #expect(worst <= 8)
        }
    }
}
