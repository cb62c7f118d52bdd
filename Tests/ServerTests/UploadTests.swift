import Core
import Crypto
import Foundation
import Hummingbird
import Server
import Testing

/// tus 1.0 as the server speaks it.
struct UploadTests {
    private static let path = "/api/v1/fixative/uploads"

    private func create(
        _ test: Harness, _ data: Data, as person: Harness.Person, key: String? = nil, digest: String? = nil,
        length: Int? = nil
    ) async throws -> Answer {
        func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        var metadata = "sha256 \(encoded(digest ?? Digest.sha256(data))),description \(encoded("水"))"
        if let key { metadata += ",client_key \(encoded(key))" }
        return try await test.send(
            .post, Self.path, as: person,
            headers: [
                ("Tus-Resumable", "1.0.0"), ("Upload-Length", String(length ?? data.count)),
                ("Upload-Metadata", metadata),
            ])
    }

    private func begin(
        _ test: Harness, _ data: Data, as person: Harness.Person, key: String? = nil, digest: String? = nil
    ) async throws -> String {
        let answer = try await create(test, data, as: person, key: key, digest: digest)
        #expect(answer.status == 201)
        let address = try #require(answer.header("Location"))
        return try #require(URL(string: address)).path
    }

    private func patch(
        _ test: Harness, _ path: String, at offset: Int, _ data: Data, as person: Harness.Person,
        checksum: Data? = nil
    ) async throws -> Answer {
        var headers = [
            ("Tus-Resumable", "1.0.0"), ("Upload-Offset", String(offset)),
            ("Content-Type", "application/offset+octet-stream"),
        ]
        if let checksum { headers.append(("Upload-Checksum", "sha256 \(checksum.base64EncodedString())")) }
        return try await test.send(.patch, path, as: person, headers: headers, body: data)
    }

    private func head(_ test: Harness, _ path: String, as person: Harness.Person) async throws -> Answer {
        try await test.send(.head, path, as: person, headers: [("Tus-Resumable", "1.0.0")])
    }

    @Test func aFileInPiecesBecomesAPicture() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let data = try Harness.png(4)
            let path = try await begin(test, data, as: mei)
            let first = try await patch(test, path, at: 0, data.prefix(20), as: mei)
            #expect(first.status == 204 && first.header("Upload-Offset") == "20")
            #expect(first.header("Fixative-Media-Id") == nil)
            let asked = try await head(test, path, as: mei)
            #expect(asked.status == 200 && asked.header("Upload-Offset") == "20" && asked.data.isEmpty)
            #expect(asked.header("Upload-Length") == String(data.count) && asked.header("Cache-Control") == "no-store")
            #expect(asked.header("Upload-Expires")?.hasSuffix(" GMT") == true)
            let wrong = try await patch(test, path, at: 10, data.dropFirst(10), as: mei)
            #expect(wrong.status == 409 && wrong.header("Upload-Offset") == "20")
            let last = try await patch(test, path, at: 20, data.dropFirst(20), as: mei)
            let media = try #require(last.header("Fixative-Media-Id"))
            // The last answer may be lost: asking gives it again, and so does sending once more.
            #expect(try await head(test, path, as: mei).header("Fixative-Media-Id") == media)
            let again = try await patch(test, path, at: data.count, Data(), as: mei)
            #expect(again.header("Fixative-Media-Id") == media)
            let status = try await test.publish("x", as: mei, ["media_ids": [.text(media)]])
            #expect(status.mediaAttachments.map(\.id) == [media] && status.mediaAttachments[0].description == "水")
            let url = try #require(status.mediaAttachments[0].url.flatMap { URL(string: $0) })
            #expect(try await test.get(url.path).data == data)
            #expect(try await test.server.check() == [])
        }
    }

    @Test func beginningTwiceUnderOneKeyIsOneUpload() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let data = try Harness.png(5)
            let path = try await begin(test, data, as: mei, key: "piece")
            _ = try await patch(test, path, at: 0, data.prefix(16), as: mei)
            let again = try await create(test, data, as: mei, key: "piece")
            #expect(again.header("Location")?.hasSuffix(path) == true && again.header("Upload-Offset") == "16")
            // Other bytes under the key are another upload, and so is the same of somebody else.
            let other = try Harness.png(6)
            #expect(try await begin(test, other, as: mei, key: "piece") != path)
            #expect(try await head(test, path, as: mei).status == 404)
            let zoe = try await test.person("zoe")
            #expect(try await create(test, data, as: zoe, key: "piece").header("Upload-Offset") == "0")
        }
    }

    @Test func nobodyElseTouchesAnUpload() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let zoe = try await test.person("zoe")
            let data = try Harness.png(7)
            let path = try await begin(test, data, as: mei)
            #expect(try await head(test, path, as: zoe).status == 404)
            #expect(try await patch(test, path, at: 0, data, as: zoe).status == 404)
            #expect(try await test.send(.delete, path, as: zoe).status == 404)
            #expect(try await test.send(.head, path).status == 401)
            let reader = Harness.Person(id: mei.id, token: try await test.token("mei", scopes: "read"))
            #expect(try await patch(test, path, at: 0, data, as: reader).status == 403)
            #expect(try await create(test, data, as: reader).status == 403)
            #expect(try await test.send(.delete, path, as: mei).status == 204)
            #expect(try await head(test, path, as: mei).status == 404)
        }
    }

    @Test func whatIsNotWhatWasPromisedIsRefused() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let data = try Harness.png(8)
            let other = try await begin(test, data, as: mei, digest: Digest.sha256(Data("other".utf8)))
            #expect(try await patch(test, other, at: 0, data, as: mei).status == 422)
            #expect(try await head(test, other, as: mei).status == 404)
            let text = Data("<html>not a picture</html>".utf8)
            let page = try await begin(test, text, as: mei)
            #expect(try await patch(test, page, at: 0, text, as: mei).status == 422)
            #expect(try await create(test, data, as: mei, length: 0).status == 422)
            #expect(try await create(test, data, as: mei, length: 1 << 40).status == 413)
            let path = try await begin(test, data, as: mei)
            #expect(try await patch(test, path, at: 0, data + Data("more".utf8), as: mei).status == 413)
        }
    }

    @Test func bytesWithTheWrongChecksumCountForNothing() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let data = try Harness.png(9)
            let path = try await begin(test, data, as: mei)
            let good = Data(SHA256.hash(data: data.prefix(30)))
            #expect(try await patch(test, path, at: 0, data.prefix(29), as: mei, checksum: good).status == 460)
            #expect(try await head(test, path, as: mei).header("Upload-Offset") == "0")
            #expect(try await patch(test, path, at: 0, data.prefix(30), as: mei, checksum: good).status == 204)
            #expect(try await head(test, path, as: mei).header("Upload-Offset") == "30")
        }
    }

    @Test func rightsThatWentMeanwhileCountAtTheEnd() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let data = try Harness.png(10)
            let path = try await begin(test, data, as: mei)
            _ = try await patch(test, path, at: 0, data.prefix(data.count - 1), as: mei)
            // The token is taken back while the last byte is on its way: the request came in with it still good.
            let community = test.community
            let hash = Secret.hash(mei.token)
            let body = AsyncStream<ByteBuffer>(unfolding: {
                let isThere = try? await community.database.write { db -> Bool in
                    guard let token = try db.token(hash: hash) else { return false }
                    try db.deleteToken(hash: hash, appID: token.appID)
                    return true
                }
                return isThere == true ? ByteBuffer(bytes: data.suffix(1)) : nil
            })
            var fields = HTTPFields()
            for (name, value) in [
                ("Authorization", "Bearer \(mei.token)"), ("Tus-Resumable", "1.0.0"),
                ("Upload-Offset", String(data.count - 1)), ("Content-Type", "application/offset+octet-stream"),
            ] {
                fields[.init(name)!] = value
            }
            let answer = try await test.respond(
                Request(
                    head: Hummingbird.HTTPRequest(
                        method: .patch, scheme: "http", authority: "localhost", path: path, headerFields: fields),
                    body: RequestBody(asyncSequence: body)))
            #expect(answer.status.code == 401)
            let again = Harness.Person(id: mei.id, token: try await test.token("mei", scopes: "read write"))
            #expect(try await head(test, path, as: again).header("Fixative-Media-Id") == nil)
            // The byte is there; what was missing is the right to make a picture of it.
            let last = try await patch(test, path, at: data.count, Data(), as: again)
            #expect(last.header("Fixative-Media-Id") != nil)
        }
    }

    @Test func whatNobodyGoesOnWithExpires() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let data = try Harness.png(11)
            let path = try await begin(test, data, as: mei)
            test.clock.advance(by: 6 * 86_400)
            _ = try await patch(test, path, at: 0, data.prefix(10), as: mei)
            test.clock.advance(by: 6 * 86_400)
            try await test.community.expireUploads()
            #expect(try await head(test, path, as: mei).header("Upload-Offset") == "10")
            test.clock.advance(by: 2 * 86_400)
            #expect(try await head(test, path, as: mei).status == 404)
            try await test.community.expireUploads()
            #expect(try test.community.partials.names().isEmpty)
        }
    }

    @Test func theServerSaysWhatItCan() async throws {
        try await Harness.run { test in
            let answer = try await test.send(.options, Self.path)
            #expect(answer.status == 204 && answer.header("Tus-Version") == "1.0.0")
            #expect(answer.header("Tus-Extension") == "creation,checksum,expiration,termination")
            let mei = try await test.person("mei")
            let old = try await test.send(.post, Self.path, as: mei, headers: [("Upload-Length", "5")])
            #expect(old.status == 412 && old.header("Tus-Version") == "1.0.0")
        }
    }

    @Test func aPlainServerHasNoneOfIt() async throws {
        try await Harness.run({ $0.hasSyncExtension = false }) { test in
            let mei = try await test.person("mei")
            #expect(try await create(test, Data("x".utf8), as: mei).status == 404)
            #expect(try await test.get("/api/v1/fixative/changes", as: mei).status == 404)
            let instance = try await test.get("/api/v2/instance")
            #expect(!instance.text.contains("fixative-sync"))
            let media = try await test.media(1, as: mei)
            let status = try await test.publish(
                "x", as: mei,
                ["media_ids": [.text(media.id)], "client_id": "01890a5d-ac96-774b-bcce-b302099a8057"])
            #expect(status.fixative == nil)
        }
    }
}
