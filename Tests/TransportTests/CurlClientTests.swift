import Core
import Foundation
import TestSupport
import Testing
import Transport

@Suite("What goes out and what comes back")
struct CurlClientTests {
    private let client = CurlClient()

    @Test func getReturnsStatusHeadersAndBody() throws {
        let server = try ScriptedServer { _ in .ok("水彩", [("X-One", "a"), ("x-one", "b")]) }
        let answer = try client.send(HTTPRequest(url: server.url("/p?q=1"), headers: [("Accept", "text/plain")]))
        #expect(answer.status == 200)
        #expect(answer.header("X-ONE") == "a")
        #expect(String(decoding: answer.body, as: UTF8.self) == "水彩")
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/p?q=1")
        #expect(request.headers["accept"] == "text/plain")
        #expect(request.headers["user-agent"]?.hasPrefix("fixative/") == true)
        #expect(request.headers["authorization"] == nil)
    }

    @Test func errorStatusIsAnAnswerAndNotAFailure() throws {
        let server = try ScriptedServer { _ in .respond(status: 422, headers: [], body: Data("no".utf8)) }
        let answer = try client.send(HTTPRequest(method: "POST", url: server.url("/"), body: .data(Data("x".utf8))))
        #expect(answer.status == 422)
        #expect(answer.body == Data("no".utf8))
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func bodiesAreSentWithEveryMethod(method: String) throws {
        let server = try ScriptedServer { _ in .ok("") }
        let body = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        _ = try client.send(
            HTTPRequest(
                method: method, url: server.url("/"), headers: [("Content-Type", "application/json")],
                body: .data(body)))
        let request = try #require(server.requests.first)
        #expect(request.method == method)
        #expect(request.body == body)
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["content-length"] == "100000")
        #expect(request.headers["expect"] == nil)
    }

    @Test func aPostWithoutBodySaysSo() throws {
        let server = try ScriptedServer { _ in .ok("") }
        _ = try client.send(HTTPRequest(method: "POST", url: server.url("/")))
        #expect(server.requests.first?.headers["content-length"] == "0")
        #expect(server.requests.first?.headers["content-type"] == nil)
    }

    @Test func headGetsNoBody() throws {
        let server = try ScriptedServer { _ in .ok("12345") }
        let answer = try client.send(HTTPRequest(method: "HEAD", url: server.url("/")))
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(answer.header("content-length") == "5")
    }

    @Test func aRangeOfAFileIsSent() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let folder = try TemporaryDirectory()
        let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        let file = try folder.file("big", bytes)
        _ = try client.send(
            HTTPRequest(method: "PATCH", url: server.url("/"), body: .file(file, offset: 1000, length: 250_000)))
        #expect(server.requests.first?.body == bytes[1000..<251_000])
    }

    @Test func aFileThatIsShorterThanPromisedIsInvalid() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let folder = try TemporaryDirectory()
        let file = try folder.file("small", Data("abc".utf8))
        #expect(
            kind {
                try client.send(
                    HTTPRequest(method: "PUT", url: server.url("/"), body: .file(file, offset: 0, length: 4)))
            } == .invalid)
        #expect(
            kind {
                try client.send(
                    HTTPRequest(
                        method: "PUT", url: server.url("/"), body: .file(folder.path("none"), offset: 0, length: 4)))
            } == .invalid)
        #expect(server.requests.isEmpty)
    }

    @Test func formsCarryFieldsAndFilesUnderSafeNames() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let folder = try TemporaryDirectory()
        let file = try folder.file("secret-name.png", Data([0x89, 0x50, 0, 0xFF]))
        _ = try client.send(
            HTTPRequest(
                method: "POST", url: server.url("/"),
                body: .multipart([
                    .init(name: "description", content: .data(Data("灰\r\n--x".utf8))),
                    .init(name: "empty", content: .data(Data())),
                    .init(
                        name: "file", fileName: "../a\"b\r\nX-Evil: 1\u{1B}.png", contentType: "image/png",
                        content: .file(file)),
                    .init(name: "other", content: .file(file)),
                ])))
        let request = try #require(server.requests.first)
        let type = try #require(request.headers["content-type"])
        #expect(type.hasPrefix("multipart/form-data; boundary="))
        let text = String(decoding: request.body, as: UTF8.self)
        #expect(text.contains("name=\"file\"; filename=\"a%22bX-Evil: 1.png\""))
        #expect(text.contains("Content-Type: image/png"))
        #expect(text.contains("灰\r\n--x"))
        #expect(!text.contains("\r\nX-Evil"))
        #expect(!text.contains("secret-name"))
        #expect(request.body.range(of: Data([0x89, 0x50, 0, 0xFF])) != nil)
    }

    @Test func gzipIsUnpacked() throws {
        // gzip of 1000 zero bytes (RFC 1952), made by `head -c 1000 /dev/zero | gzip -9n`.
        let packed = Data(
            base64Encoded: "H4sIAAAAAAACA2NgGAWjYBQMdwAAgBcLBugDAAA=")
        let body = try #require(packed)
        let server = try ScriptedServer { request in
            request.headers["accept-encoding"]?.contains("gzip") == true
                ? .respond(status: 200, headers: [("Content-Encoding", "gzip")], body: body) : .ok("plain")
        }
        let answer = try client.send(HTTPRequest(url: server.url("/")))
        #expect(answer.body == Data(count: 1000))
        #expect(kind { try client.send(HTTPRequest(url: server.url("/"), maximumResponseBytes: 999)) } == .tooLarge)
    }

    @Test func connectionsAreUsedAgain() throws {
        let server = try ScriptedServer { _ in .ok("x") }
        for _ in 0..<5 { _ = try client.send(HTTPRequest(url: server.url("/"))) }
        #expect(server.requests.count == 5)
        #expect(server.connections == 1)
    }

    @Test func manyThreadsMayShareAClient() async throws {
        let server = try ScriptedServer { request in .ok(request.target) }
        let client = client
        let good = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<24 {
                group.addTask {
                    let answer = try? client.send(HTTPRequest(url: server.url("/\(number)")))
                    return answer?.body == Data("/\(number)".utf8)
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(good == 24)
    }

    @Test func progressCountsTheBytesThatWentOut() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let seen = Monitor<(sent: Int64, total: Int64)>((0, 0))
        _ = try client.send(
            HTTPRequest(method: "POST", url: server.url("/"), body: .data(Data(count: 2 << 20)))
        ) { sent, total in
            seen.withLock { $0 = (max($0.sent, sent), max($0.total, total)) }
            return true
        }
        #expect(seen.withLock { $0.sent } == 2 << 20)
        #expect(seen.withLock { $0.total } == 2 << 20)
    }
}

/// The kind of failure; nil when there was an answer.
func kind(_ body: () throws -> HTTPResponse) -> HTTPFailure.Kind? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? HTTPFailure)?.kind
    }
}
