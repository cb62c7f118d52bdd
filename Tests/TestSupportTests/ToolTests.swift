import Core
import Foundation
import TestSupport
import Testing

@Suite("Programs, pictures and hunts")
struct ToolTests {
    private static let bash = CommandLineTool.find("bash")

    @Test func aProgramGetsItsInputAndNothingElse() throws {
        let bash = try #require(Self.bash)
        let result = try CommandLineTool.run(
            bash, ["-c", "cat; echo \"$ONE-$TWO\"; echo bad >&2; exit 3"], environment: ["ONE": "1"],
            input: Data("in\n".utf8))
        #expect(result.output == "in\n1-\n")
        #expect(result.errors == "bad\n")
        #expect(result.exitCode == 3)
    }

    @Test func aProgramThatHangsIsKilled() throws {
        let bash = try #require(Self.bash)
        #expect(throws: CommandLineTool.TimedOut.self) {
            try CommandLineTool.run(bash, ["-c", "read -r x < <(sleep 100)"], timeout: 0.2)
        }
    }

    @Test func aSignalIsToldApartFromAnExit() throws {
        let bash = try #require(Self.bash)
        let result = try CommandLineTool.run(bash, ["-c", "kill -9 $$"])
        #expect(result.ending == Ending(exitCode: nil, signal: SIGKILL))
    }

    @Test func theFolderGoesWithItsObject() throws {
        var folder: TemporaryDirectory? = try TemporaryDirectory()
        let file = try #require(try folder?.file("a/b", Data("x".utf8)))
        #expect(folder?.everyFile() == ["a/b"])
        #expect(FileManager.default.fileExists(atPath: file.path))
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test func theHuntFindsSequencesAnywhere() {
        var hunt = ByteHunt()
        hunt.add(Array("canary-1".utf8), named: "one")
        hunt.add(Array("canary-22".utf8), named: "two")
        #expect(hunt.found(in: Data("canary-1".utf8)) == ["one"])
        #expect(hunt.found(in: Data("xxcanary-22".utf8)) == ["two"])
        #expect(hunt.found(in: Data("canary-2canary-1canary-22.".utf8)) == ["one", "two"])
        #expect(hunt.found(in: Data("canary-2".utf8)) == [])
    }

    @Test func drawnPicturesDifferByTheirSeed() {
        let one = DrawnPicture.landscape(width: 40, height: 30, seed: 1)
        #expect(one.pixels.count == 40 * 30 * 3)
        #expect(one == DrawnPicture.landscape(width: 40, height: 30, seed: 1))
        #expect(one != DrawnPicture.landscape(width: 40, height: 30, seed: 2))
    }

    @Test(
        .enabled(
            if: CommandLineTool.find("exiftool") != nil && CommandLineTool.find("convert") != nil,
            "exiftool or ImageMagick is not installed"), arguments: ["jpg", "png"])
    func canariesAreInThePlantedFile(type: String) throws {
        let folder = try TemporaryDirectory()
        let drawn = try folder.file("drawn.ppm", DrawnPicture.corners(width: 64, height: 48).portablePixmap)
        let file = folder.path("picture.\(type)")
        try CommandLineTool.run(try #require(CommandLineTool.find("convert")), [drawn.path, file.path])
        let canary = try Canary(plantedIn: file, named: "x")
        #expect(canary.markers.count >= 5)
        #expect(canary.found(in: try Data(contentsOf: file)) == canary.markers)
        #expect(canary.found(in: try Data(contentsOf: drawn)) == [])
    }

    @Test func theFakeNetworkFollowsItsScript() throws {
        let client = FakeHTTPClient(script: [
            .success(HTTPResponse(status: 200)), .failure(HTTPFailure(.interrupted, "gone")),
        ])
        let url = try #require(URL(string: "http://x/"))
        #expect(try client.send(HTTPRequest(url: url)).status == 200)
        #expect(throws: HTTPFailure(.interrupted, "gone")) { try client.send(HTTPRequest(url: url)) }
        #expect(throws: HTTPFailure.self) { try client.send(HTTPRequest(url: url)) }
        #expect(client.requests.count == 3)
    }
}
