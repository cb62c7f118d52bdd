import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The commands beside the journey: settings, the machine's check-up, taking everything along.
    @Suite struct HousekeepingCommands {
        @Test func settingsAreListedChangedAndKept() throws {
            let artist = try Artist()
            let path = try artist.succeed(["config", "path"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(path.hasPrefix(artist.home.url.path))
            #expect(try artist.succeed(["config", "get", "colors"]).output == "auto\n")
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("# my own words\n".utf8).write(to: URL(fileURLWithPath: path))
            try artist.succeed(["config", "set", "colors", "256"])
            #expect(try artist.succeed(["config", "get", "colors"]).output == "256\n")
            #expect(try String(contentsOfFile: path, encoding: .utf8).contains("# my own words"))
            let listed = try JSONDecoder().decode(
                [String: String].self, from: try artist.succeed(["config", "list", "--json"]).outputData)
            #expect(listed["colors"] == "256")
            #expect(try artist.run(["config", "set", "colors", "many"]).exitCode == 2)
            #expect(try artist.run(["config", "set", "nonesuch", "1"]).exitCode == 2)
            #expect(try artist.run(["config", "get", "nonesuch"]).exitCode == 2)
            #expect(try artist.succeed(["config", "get", "colors"]).output == "256\n")
        }

        private struct Check: Decodable {
            var name: String
            var good: Bool
            var finding: String
        }

        private func doctor(_ artist: Artist) throws -> (code: Int32?, checks: [String: Check]) {
            let result = try artist.run(["doctor", "--json"])
            let checks = try JSONDecoder().decode([Check].self, from: result.outputData)
            return (result.exitCode, Dictionary(uniqueKeysWithValues: checks.map { ($0.name, $0) }))
        }

        @Test func theDoctorFindsABrokenStoreAndAServerThatIsAway() throws {
            let community = try Community()
            try community.createAccount("mei", password: "secret-pass-1")
            try community.start()
            let artist = try Artist()
            #expect(try doctor(artist).code == 0)
            try artist.succeed(
                ["login", "http://127.0.0.1:\(community.port)", "--username", "mei", "--password-stdin"],
                input: "secret-pass-1\n")
            let healthy = try doctor(artist)
            #expect(healthy.code == 0, "\(healthy.checks)")
            #expect(healthy.checks["server"]?.good == true)

            try community.stop()
            let offline = try doctor(artist)
            #expect(offline.code == 1)
            #expect(offline.checks["server"]?.good == false)
            #expect(offline.checks["store"]?.good == true)

            let vault = try #require(artist.home.everyFile().first { $0.hasSuffix("vault.db") })
            let file = try FileHandle(forUpdating: artist.home.path(vault))
            // Past the header, so that the file still opens.
            try file.seek(toOffset: 4096 + 100)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 8000))
            try file.close()
            let broken = try doctor(artist)
            #expect(broken.code == 1)
            #expect(broken.checks["store"]?.good == false)
        }

        @Test(.needs([Tools.convert]))
        func anExportHoldsOriginalsReceiptsAndQueueAndTakesNothingAway() throws {
            let community = try Community()
            try community.createAccount("mei", password: "secret-pass-1")
            try community.start()
            let artist = try Artist()
            try artist.succeed(
                ["login", "http://127.0.0.1:\(community.port)", "--username", "mei", "--password-stdin"],
                input: "secret-pass-1\n")
            let drawn = try artist.home.file(
                "drawn.ppm", DrawnPicture.landscape(width: 320, height: 240).portablePixmap)
            for name in ["one.png", "two.png"] {
                try Tools.run("convert", [drawn.path, artist.home.path(name).path])
            }
            try artist.succeed(["publish", artist.home.path("one.png").path, "--title", "One", "--wait"])
            try community.stop()
            #expect(try artist.run(["publish", artist.home.path("two.png").path, "--title", "Two"]).exitCode == 3)

            let target = artist.home.path("taken")
            try artist.succeed(["export", target.path])
            let receipts = try JSONDecoder().decode(
                [Artist.Receipt].self, from: try Data(contentsOf: target.appendingPathComponent("receipts.json")))
            #expect(receipts.count == 1)
            let queue = try JSONDecoder().decode(
                [Artist.Item].self, from: try Data(contentsOf: target.appendingPathComponent("queue.json")))
            #expect(queue.count == 2)
            let original = try Data(contentsOf: artist.home.path("two.png"))
            let files = try FileManager.default.subpathsOfDirectory(atPath: target.path)
            #expect(
                files.contains { FileManager.default.contents(atPath: target.path + "/" + $0) == original },
                "the queued original is there: \(files)")
            #expect(try artist.queue(all: true).count == 2)
            #expect(try artist.run(["export", target.path]).exitCode == 2)

            try community.start()
            #expect(try artist.drain(within: 60))
        }
    }
}
