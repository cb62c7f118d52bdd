import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct CloakFiles {
        /// The program is copied away from its networks: asking for the cloak ends in one sentence, all else works.
        @Test(.needs([Tools.convert])) func withoutItsNetworksTheProgramSaysSo() throws {
            let artist = try Artist()
            let lonely = artist.home.path("lonely")
            try FileManager.default.createDirectory(at: lonely, withIntermediateDirectories: true)
            let program = lonely.appendingPathComponent("fixative")
            try FileManager.default.copyItem(at: Programs.fixative, to: program)
            let source = try artist.home.file(
                "drawn.ppm", DrawnPicture.landscape(width: 200, height: 160).portablePixmap)
            let picture = artist.home.path("picture.png")
            try Tools.run("convert", [source.path, picture.path])
            let output = artist.home.path("out.png")
            func protect(_ methods: String) throws -> CommandLineTool.Result {
                try CommandLineTool.run(
                    program, ["protect", picture.path, "--methods", methods, "-o", output.path],
                    environment: artist.environment)
            }
            let refused = try protect("cloak")
            #expect(refused.exitCode == 2)
            #expect(refused.errors.contains("The cloak's networks are missing"))
            #expect(refused.errors.split(separator: "\n").count == 1)
            #expect(!FileManager.default.fileExists(atPath: output.path))
            #expect(try protect("watermark,rights").exitCode == 0)
        }
    }
}
