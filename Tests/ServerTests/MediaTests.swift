import API
import Foundation
import Imaging
import Server
import Testing

struct MediaTests {
    @Test(arguments: ["/api/v1/media", "/api/v2/media"])
    func theFileComesBackByteForByteUnderGuardedHeaders(_ path: String) async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let bytes = try Harness.png(3)
            let media = try await test.upload(bytes, as: mei, fileName: "../../x.html", description: "水", path: path)
                .decode(MediaEntity.self)
            #expect(media.type == "image" && media.description == "水" && media.blurhash?.count == 28)
            #expect(media.meta?.original?.width == 24 && media.meta?.original?.height == 16)
            let url = try #require(media.url.flatMap { URL(string: $0) })
            let file = try await test.get(url.path)
            #expect(file.data == bytes)
            #expect(file.header("Content-Type") == "image/png" && file.header("X-Content-Type-Options") == "nosniff")
            #expect(file.header("Content-Security-Policy")?.contains("sandbox") == true)
            #expect(file.header("Cache-Control")?.contains("immutable") == true)
            let preview = try await test.get(try #require(media.previewURL.flatMap { URL(string: $0) }).path)
            #expect(ImageCodec.sniff(preview.data) == .jpeg)
            let other = url.path.replacing(".png", with: ".jpg")
            #expect(try await test.get(other).status == 404)
        }
    }

    @Test func typeIsDecidedByTheBytes() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let png = try Harness.png()
            let asText = try await test.upload(png, as: mei, fileName: "x.txt")
            #expect(try asText.decode(MediaEntity.self).url?.hasSuffix(".png") == true)
            let html = Data("<html><script>alert(1)</script></html>".utf8)
            let svg = Data("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".utf8)
            for hostile in [html, svg, Data("GIF89a".utf8), Data(), png.prefix(60), Data(png.prefix(8)) + html] {
                let answer = try await test.upload(hostile, as: mei, fileName: "x.png")
                #expect(answer.status == 422)
            }
        }
    }

    @Test func limitsOfBytesAndPixelsHold() async throws {
        try await Harness.run({
            $0.maximumMediaBytes = 20_000
            $0.maximumPixels = 1_000
        }) { test in
            let mei = try await test.person("mei")
            #expect(try await test.upload(Data(count: 20_001), as: mei).status == 413)
            #expect(try await test.upload(Data(count: 5_000_000), as: mei).status == 413)
            #expect(try await test.upload(Harness.png(width: 40, height: 26), as: mei).status == 422)
            #expect(try await test.upload(Harness.png(width: 40, height: 25), as: mei).status == 200)
            let text = String(repeating: "x", count: 2 << 20)
            #expect(try await test.post("/api/v1/statuses", as: mei, ["status": .text(text)]).status == 413)
            #expect(try await test.upload(Harness.png(), as: nil).status == 413)
        }
    }

    @Test func aDeletedPostTakesItsFilesOutOfSight() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let media = try await test.media(1, as: mei)
            let status = try await test.publish("x", as: mei, ["media_ids": [.text(media.id)]])
            let path = try #require(media.url.flatMap { URL(string: $0) }).path
            #expect(try await test.get(path).status == 200)
            let deleted = try await test.send(.delete, "/api/v1/statuses/\(status.id)", as: mei)
            #expect(try deleted.decode(StatusEntity.self).text == "x")
            #expect(try await test.get(path).status == 404)
            // It may be posted again, for a day.
            let again = try await test.publish("y", as: mei, ["media_ids": [.text(media.id)]])
            #expect(again.mediaAttachments.map(\.id) == [media.id])
            #expect(try await test.get(path).status == 200)
        }
    }

    @Test func sweepingRemovesWhatNobodyNeedsAndNothingElse() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let used = try await test.media(1, as: mei)
            let loose = try await test.media(2, as: mei)
            _ = try await test.publish("x", as: mei, ["media_ids": [.text(used.id)]])
            try await test.community.sweepMedia(unattachedFor: 86_400)
            #expect(try await test.get("/api/v1/media/\(loose.id)", as: mei).status == 200)
            test.clock.advance(by: 2 * 86_400)
            try await test.community.sweepMedia(unattachedFor: 86_400)
            #expect(try await test.get("/api/v1/media/\(loose.id)", as: mei).status == 404)
            #expect(try await test.get("/api/v1/media/\(used.id)", as: mei).status == 200)
            let problems = try await test.server.check()
            // The bytes of the removed upload are young: they stay for an hour.
            #expect(problems.count == 2 && problems.allSatisfy { $0.contains("belongs to nothing") })
        }
    }

    @Test func checkFindsAlteredAndMissingFiles() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let media = try await test.media(1, as: mei)
            #expect(try await test.server.check() == [])
            let record = try await test.community.database.read { db in
                try db.media(try #require(RecordID(media.id)))
            }
            let file = test.community.objects.url(of: try #require(record).object)
            try Data("other".utf8).write(to: file)
            #expect(try await test.server.check().contains { $0.contains("other contents") })
            try FileManager.default.removeItem(at: file)
            #expect(try await test.server.check().contains { $0.contains("missing") })
        }
    }

    @Test func descriptionsAndFocusCanBeChanged() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let media = try await test.media(1, as: mei)
            let answer = try await test.post(
                "/api/v1/media/\(media.id)", as: mei, ["description": "白", "focus": "0.5,-0.25"], method: .put)
            #expect(try answer.decode(MediaEntity.self).description == "白")
            #expect(answer.text.contains("-0.25"))
            let bad = try await test.post("/api/v1/media/\(media.id)", as: mei, ["focus": "9,9"], method: .put)
            #expect(bad.status == 422)
        }
    }
}
