import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `fixative verify` explains what it read.
    @Suite struct Verifying {
        private struct Answer: Decodable {
            struct Geometry: Decodable {
                var scale: Double
                var rotation: Double
                var flip: Bool
                var x: Double
                var y: Double
                var plane: Int
                var crop: Bool?
            }

            struct Mark: Decodable {
                var key: String
                var payload: String
                var logFalsePositive: Double
            }

            struct Publication: Decodable {
                var clientID: String
                var title: String
                var state: String
                var publishedAt: String?
                var server: String
                var statusID: String?
                var width: Int?
            }

            var found: Bool
            var payload: String?
            var logFalsePositive: Double?
            var geometry: Geometry?
            var key: String?
            var marks: [Mark]
            var publication: Publication?
        }

        private let artist: Artist
        private let original: URL

        init() throws {
            artist = try Artist()
            let drawn = try artist.home.file(
                "drawn.ppm", DrawnPicture.landscape(width: 640, height: 480).portablePixmap)
            original = artist.home.path("original.png")
            try Tools.run("convert", [drawn.path, original.path])
        }

        private func path(_ name: String) -> String { artist.home.path(name).path }

        private func answer(_ name: String, by reader: Artist? = nil) throws -> (code: Int32?, answer: Answer) {
            let result = try (reader ?? artist).run(["verify", path(name), "--json"])
            return (result.exitCode, try JSONDecoder().decode(Answer.self, from: result.outputData))
        }

        private func mark(_ output: String, _ options: [String]) throws {
            try artist.succeed(
                [
                    "watermark", "embed", original.path, path(output), "--payload", "0123456789abcdef", "--strength",
                    "strong",
                ]
                    + options)
        }

        @Test(.needs([Tools.convert])) func whatWasDoneToThePictureIsSaid() throws {
            try mark("marked.png", [])
            let plain = try answer("marked.png")
            #expect(plain.code == 0 && plain.answer.found && plain.answer.payload == "0123456789abcdef")
            #expect(plain.answer.key == "public" && plain.answer.marks.count == 1 && plain.answer.publication == nil)
            #expect((plain.answer.logFalsePositive ?? 0) <= -9)
            let words = try artist.succeed(["verify", path("marked.png")]).output
            #expect(words.contains("mark 0123456789abcdef, made with the public community key"))
            #expect(words.contains("below 1 in 10^") && words.contains("neither cropped, turned nor mirrored"))

            try Tools.run("convert", [path("marked.png"), "-rotate", "90", path("turned.png")])
            try Tools.run("convert", [path("marked.png"), "-flop", path("mirrored.png")])
            try Tools.run("convert", [path("marked.png"), "-crop", "500x400+70+50", "+repage", path("cut.png")])
            try Tools.run("convert", [path("marked.png"), "-resize", "50%", path("half.png")])
            let turned = try #require(try answer("turned.png").answer.geometry)
            #expect(abs(turned.rotation - 90) < 0.3 && !turned.flip && turned.crop == false)
            #expect(try artist.succeed(["verify", path("turned.png")]).output.contains("turned by 90.0° clockwise"))
            #expect(try answer("mirrored.png").answer.geometry?.flip == true)
            #expect(try artist.succeed(["verify", path("mirrored.png")]).output.contains("mirrored left to right"))
            let cut = try #require(try answer("cut.png").answer.geometry)
            #expect(cut.crop == true && abs(cut.scale - 640.0 / 512) < 0.01)
            #expect(abs(cut.x - 70 / cut.scale) < 2 && abs(cut.y - 50 / cut.scale) < 2)
            #expect(try artist.succeed(["verify", path("cut.png")]).output.contains("cropped to 500×400"))
            #expect(abs((try answer("half.png").answer.geometry?.scale ?? 0) - 320.0 / 512) < 0.01)
        }

        @Test(.needs([Tools.convert])) func anUnmarkedPictureAndABrokenFileAreTold() throws {
            let plain = try answer("original.png")
            #expect(plain.code == 1 && !plain.answer.found && plain.answer.marks.isEmpty)
            #expect(try artist.run(["verify", original.path]).output.contains("no mark was found"))
            let broken = try artist.home.file("broken.png", Data("no picture".utf8))
            #expect(try artist.run(["verify", broken.path]).exitCode == 2)
            // One bad file does not keep the others from being read.
            try mark("good.png", [])
            let both = try artist.run(["verify", broken.path, path("good.png")])
            #expect(both.exitCode == 2 && both.output.contains("0123456789abcdef"))
        }

        @Test(.needs([Tools.convert])) func onlyTheHolderReadsAPrivateMark() throws {
            try mark("private.png", ["--private"])
            let mine = try answer("private.png")
            #expect(mine.code == 0 && mine.answer.key == "private" && mine.answer.payload == "0123456789abcdef")
            #expect(try artist.succeed(["verify", path("private.png")]).output.contains("made with your private key"))
            let stranger = try Artist("stranger")
            #expect(try answer("private.png", by: stranger).code == 1)

            try artist.succeed(["watermark", "key", path("key.txt")])
            let attributes = try FileManager.default.attributesOfItem(atPath: path("key.txt"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try artist.run(["watermark", "key", path("key.txt")]).exitCode == 2)
            let told = try stranger.succeed(["verify", path("private.png"), "--key", path("key.txt")])
            #expect(told.output.contains("made with the key of --key"))
            // The key in the file is the one of the identity.
            try mark("again.png", ["--key", path("key.txt")])
            #expect(
                try Data(contentsOf: artist.home.path("again.png")) == Data(contentsOf: artist.home.path("private.png"))
            )
            #expect(try artist.run(["protect", original.path, "--key", path("key.txt"), "--private"]).exitCode == 2)
            #expect(try artist.run(["protect", original.path, "--also-public"]).exitCode == 2)
        }

        @Test(.needs([Tools.convert])) func bothMarksAreInOnePicture() throws {
            let protect = ["protect", original.path, "--recipe", "mark", "--payload", "feedfacecafebeef"]
            try artist.succeed(protect + ["-o", path("both.png"), "--private", "--also-public"])
            let mine = try answer("both.png").answer
            #expect(mine.marks.map(\.key) == ["private", "public"])
            #expect(mine.marks.allSatisfy { $0.payload == "feedfacecafebeef" && $0.logFalsePositive <= -9 })
            let theirs = try answer("both.png", by: Artist("stranger")).answer
            #expect(theirs.marks.map(\.key) == ["public"] && theirs.payload == "feedfacecafebeef")
            // The setting does the same for every picture.
            try artist.succeed(["config", "set", "mark_key", "both"])
            try artist.succeed(protect + ["-o", path("set.png")])
            #expect(try Data(contentsOf: artist.home.path("set.png")) == Data(contentsOf: artist.home.path("both.png")))
        }

        @Test(.needs([Tools.convert])) func theArtistsOwnPieceIsNamed() throws {
            let community = try Community()
            try community.createAccount("mei", password: "secret-pass-1")
            try community.start()
            let server = "http://127.0.0.1:\(community.port)"
            try artist.succeed(
                ["login", server, "--username", "mei", "--password-stdin"], input: "secret-pass-1\n")
            try artist.succeed(["publish", original.path, "--title", "Evening", "--recipe", "mark", "--wait"])
            let item = try #require(try artist.queue(all: true).first)
            let blob = try #require(item.blob)
            let stored = try #require(artist.home.everyFile().first { $0.contains(blob) && $0.contains("blobs/") })
            let data = try Data(contentsOf: artist.home.path(stored))
            try data.write(to: artist.home.path("found.png"))
            try Tools.run("convert", [path("found.png"), "-resize", "75%", path("smaller.png")])

            let piece = try #require(try answer("smaller.png").answer.publication)
            #expect(piece.clientID == item.id && piece.title == "Evening" && piece.state == "published")
            #expect(piece.server.hasPrefix(server) && piece.statusID == item.statusID && piece.width == 640)
            #expect(piece.publishedAt?.isEmpty == false)
            let words = try artist.succeed(["verify", path("smaller.png")]).output
            #expect(
                words.contains("your piece “Evening”, published on 20")
                    && words.contains("status \(item.statusID ?? "?")"))
            #expect(words.contains("scaled to 75 % (from 640×480)"))
            // Somebody else's machine knows the payload and no more.
            let theirs = try answer("smaller.png", by: Artist("stranger")).answer
            #expect(theirs.payload == item.markID && theirs.publication == nil)
        }
    }
}
