import Core
import Foundation
import TestSupport
import Testing
import Transport

@Suite("Why there is no answer")
struct CurlFailureTests {
    private let client = CurlClient(configuration: .init(connectTimeout: 5))

    @Test func nobodyListeningIsUnreachable() throws {
        let port = try ScriptedServer { _ in .ok("") }.port
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/"))
        #expect(
            kind { try client.send(HTTPRequest(method: "POST", url: url, body: .data(Data("x".utf8)))) } == .unreachable
        )
    }

    @Test func aNameThatDoesNotExistIsUnreachable() throws {
        let url = try #require(URL(string: "http://no-such-host.invalid/"))
        #expect(kind { try client.send(HTTPRequest(url: url)) } == .unreachable)
    }

    @Test func breakingOffAfterTheRequestIsInterrupted() throws {
        let half = Data("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8)
        let answers: [ScriptedServer.Answer] = [
            .raw(Data()), .breakAfter(Data()), .raw(half), .breakAfter(half),
            .raw(Data("HTTP/1.1 garbage\r\n\r\n".utf8)),
        ]
        for answer in answers {
            let server = try ScriptedServer { _ in answer }
            #expect(
                kind {
                    try client.send(HTTPRequest(method: "POST", url: server.url("/"), body: .data(Data("x".utf8))))
                } == .interrupted)
            #expect(server.requests.count == 1)
        }
    }

    @Test func breakingOffDuringTheUploadIsInterrupted() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let proxy = try FaultProxy(upstream: server.port)
        proxy.setFault(.cut(.up, after: 50_000))
        let url = try #require(URL(string: "http://127.0.0.1:\(proxy.port)/"))
        #expect(
            kind { try client.send(HTTPRequest(method: "POST", url: url, body: .data(Data(count: 8 << 20)))) }
                == .interrupted)
        #expect(server.requests.isEmpty)
        proxy.setFault(.pass)
        #expect(try client.send(HTTPRequest(url: url)).status == 200)
    }

    @Test func aRequestWithSideEffectsIsNeverRepeatedOnItsOwn() throws {
        // A kept connection that ends when it is used again makes libcurl try a second time.
        let server = try ScriptedServer { request in request.method == "GET" ? .ok("") : .raw(Data()) }
        _ = try client.send(HTTPRequest(url: server.url("/")))
        #expect(
            kind { try client.send(HTTPRequest(method: "POST", url: server.url("/"), body: .data(Data("x".utf8)))) }
                == .interrupted)
        #expect(server.requests.filter { $0.method == "POST" }.count == 1)
    }

    @Test func silenceEndsWithTheTimeout() throws {
        let server = try ScriptedServer { _ in .silence }
        #expect(kind { try client.send(HTTPRequest(url: server.url("/"), timeout: 0.3)) } == .interrupted)
    }

    @Test func aStreamThatIsTooSlowIsGivenUp() throws {
        let server = try ScriptedServer { _ in .silence }
        let slow = CurlClient(configuration: .init(lowSpeedBytesPerSecond: 1000, lowSpeedSeconds: 1))
        let clock = ContinuousClock()
        let taken = clock.measure {
            #expect(kind { try slow.send(HTTPRequest(url: server.url("/"), timeout: 60)) } == .interrupted)
        }
        #expect(taken < .seconds(30))
    }

    @Test func anAnswerLargerThanAllowedIsRefused() throws {
        let server = try ScriptedServer { _ in .respond(status: 200, headers: [], body: Data(count: 1001)) }
        #expect(kind { try client.send(HTTPRequest(url: server.url("/"), maximumResponseBytes: 1000)) } == .tooLarge)
        #expect(try client.send(HTTPRequest(url: server.url("/"), maximumResponseBytes: 1001)).body.count == 1001)
    }

    @Test func headersWithoutEndAreRefused() throws {
        let line = Data("X-More: \(String(repeating: "y", count: 8000))\r\n".utf8)
        let endless = Data("HTTP/1.1 200 OK\r\n".utf8) + (0..<60).reduce(into: Data()) { all, _ in all += line }
        let server = try ScriptedServer { _ in .raw(endless) }
        let failed = kind { try client.send(HTTPRequest(url: server.url("/"))) }
        #expect(failed == .tooLarge || failed == .interrupted)
    }

    @Test func theCallerCanCancel() throws {
        let server = try ScriptedServer { _ in .silence }
        let failed = kind {
            try client.send(HTTPRequest(method: "POST", url: server.url("/"), body: .data(Data(count: 100)))) { _, _ in
                false
            }
        }
        #expect(failed == .cancelled)
    }

    @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:word@127.0.0.1/"])
    func otherSchemesAndCredentialsInAddressesAreInvalid(address: String) throws {
        let url = try #require(URL(string: address))
        #expect(kind { try client.send(HTTPRequest(url: url)) } == .invalid)
    }

    @Test func injectedHeaderLinesAreInvalid() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let requests = [
            HTTPRequest(url: server.url("/"), headers: [("X-A", "b\r\nX-Evil: 1")]),
            HTTPRequest(url: server.url("/"), headers: [("X-A: x\r\nX-Evil", "b")]),
            HTTPRequest(method: "GET / HTTP/1.1\r\nX-Evil: 1\r\n\r\n", url: server.url("/")),
            HTTPRequest(url: server.url("/"), bearerToken: "a\r\nX-Evil: 1"),
            HTTPRequest(
                method: "POST", url: server.url("/"),
                body: .multipart([.init(name: "a", contentType: "text/plain\r\nX-Evil: 1", content: .data(Data()))])),
        ]
        for request in requests { #expect(kind { try client.send(request) } == .invalid) }
        #expect(server.requests.isEmpty)
    }

    @Test func failuresNeverNameTheToken() throws {
        let port = try ScriptedServer { _ in .ok("") }.port
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/?access_token=s3cret"))
        do {
            _ = try client.send(HTTPRequest(url: url, bearerToken: "t0ken"))
            Issue.record("there is nobody to answer")
        } catch let failure as HTTPFailure {
            #expect(!failure.description.contains("s3cret"))
            #expect(!failure.description.contains("t0ken"))
        }
    }

    @Test(.enabled(if: CommandLineTool.find("openssl") != nil, "openssl is not installed"))
    func aCertificateThatNobodyVouchesForIsATLSFailure() throws {
        let openssl = try #require(CommandLineTool.find("openssl"))
        let folder = try TemporaryDirectory()
        let made = try CommandLineTool.run(
            openssl,
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem",
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            ], directory: folder.url)
        try #require(made.succeeded, "\(made.errors)")
        let server = try RunningProgram(
            openssl,
            ["s_server", "-accept", "127.0.0.1:0", "-cert", "certificate.pem", "-key", "key.pem", "-www"],
            directory: folder.url)
        let port = server.wait(20) { output -> Int? in
            guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT 127.0.0.1:") }) else {
                return nil
            }
            return Int(line.dropFirst("ACCEPT 127.0.0.1:".count))
        }
        let listening = try #require(port, "\(server.errors)")
        let url = try #require(URL(string: "https://localhost:\(listening)/"))
        #expect(kind { try client.send(HTTPRequest(url: url)) } == .tls)
        let trusting = CurlClient(
            configuration: .init(certificateAuthorities: folder.path("certificate.pem")))
        #expect(try trusting.send(HTTPRequest(url: url)).status == 200)
    }

    @Test func speakingTLSToAPlainServerIsATLSFailure() throws {
        let server = try ScriptedServer { _ in .ok("") }
        let plain = try Listener { connection in
            _ = connection.read()
            connection.write(Data("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        }
        let url = try #require(URL(string: "https://127.0.0.1:\(plain.port)/"))
        #expect(kind { try client.send(HTTPRequest(url: url)) } == .tls)
        #expect(server.requests.isEmpty)
        plain.stop()
    }
}
