import Core
import Foundation
import TestSupport
import Testing
import Transport

@Suite("Where redirects lead, and with what")
struct CurlRedirectTests {
    private let client = CurlClient()

    @Test func theTokenStaysWithItsOrigin() throws {
        let elsewhere = try ScriptedServer(address: "127.0.0.2") { _ in .ok("there") }
        let otherPort = try ScriptedServer { _ in .ok("there") }
        for target in [elsewhere, otherPort] {
            let address = target.url("/x").absoluteString
            let home = try ScriptedServer { _ in .redirect(302, to: address) }
            let answer = try client.send(
                HTTPRequest(
                    url: home.url("/"), headers: [("Cookie", "c=1"), ("Accept", "image/png")], bearerToken: "secret"))
            #expect(answer.body == Data("there".utf8))
            #expect(home.requests.first?.headers["authorization"] == "Bearer secret")
            let last = try #require(target.requests.last)
            #expect(last.headers["authorization"] == nil)
            #expect(last.headers["cookie"] == nil)
            #expect(last.headers["accept"] == "image/png")
        }
    }

    @Test func anAuthorizationHeaderOfTheCallersStaysToo() throws {
        let elsewhere = try ScriptedServer { _ in .ok("") }
        let address = elsewhere.url("/").absoluteString
        let home = try ScriptedServer { _ in .redirect(307, to: address) }
        _ = try client.send(HTTPRequest(url: home.url("/"), headers: [("authorization", "Basic abc")]))
        #expect(home.requests.first?.headers["authorization"] == "Basic abc")
        #expect(elsewhere.requests.first?.headers["authorization"] == nil)
    }

    @Test func theTokenDoesNotComeBackAfterAVisitElsewhere() throws {
        let back = Monitor("")
        let elsewhere = try ScriptedServer { _ in .redirect(302, to: back.withLock { $0 }) }
        let address = elsewhere.url("/").absoluteString
        let home = try ScriptedServer { request in
            request.target == "/" ? .redirect(302, to: address) : .ok("home again")
        }
        back.withLock { $0 = home.url("/again").absoluteString }
        _ = try client.send(HTTPRequest(url: home.url("/"), bearerToken: "secret"))
        #expect(home.requests.map { $0.headers["authorization"] } == ["Bearer secret", nil])
    }

    @Test func withinOneOriginTheTokenGoesAlong() throws {
        let server = try ScriptedServer { request in
            request.target == "/a/b" ? .redirect(301, to: "../c") : .ok(request.target)
        }
        let answer = try client.send(HTTPRequest(url: server.url("/a/b"), bearerToken: "secret"))
        #expect(answer.body == Data("/c".utf8))
        #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer secret", "Bearer secret"])
    }

    @Test(arguments: [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
        (301, "PUT", "PUT"), (303, "PUT", "GET"), (307, "DELETE", "DELETE"), (303, "HEAD", "HEAD"),
        (302, "GET", "GET"),
    ])
    func methodsAreKeptAsTheStandardSays(status: Int, before: String, after: String) throws {
        let server = try ScriptedServer { request in
            request.target == "/" ? .redirect(status, to: "/next") : .ok("")
        }
        let hasBody = before == "POST" || before == "PUT"
        let headers = hasBody ? [(name: "Content-Type", value: "text/plain")] : []
        _ = try client.send(
            HTTPRequest(
                method: before, url: server.url("/"), headers: headers, body: hasBody ? .data(Data("body".utf8)) : .none
            ))
        let last = try #require(server.requests.last)
        #expect(last.method == after)
        #expect(last.body == (hasBody && after == before ? Data("body".utf8) : Data()))
        #expect((last.headers["content-type"] != nil) == (hasBody && after == before))
    }

    @Test func aCircleEnds() throws {
        let server = try ScriptedServer { _ in .redirect(302, to: "/") }
        #expect(kind { try client.send(HTTPRequest(url: server.url("/"))) } == .invalid)
        #expect(server.requests.count == 6)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://a:b@127.0.0.1/"])
    func redirectsOutOfHTTPAreRefused(target: String) throws {
        let server = try ScriptedServer { _ in .redirect(302, to: target) }
        let failed = kind { try client.send(HTTPRequest(url: server.url("/"))) }
        #expect(failed == .invalid)
    }

    @Test func aTargetThatCannotBeReachedLeavesTheOutcomeUnknown() throws {
        let gone = try ScriptedServer { _ in .ok("") }.url("/").absoluteString
        let server = try ScriptedServer { _ in .redirect(303, to: gone) }
        #expect(kind { try client.send(HTTPRequest(method: "POST", url: server.url("/"))) } == .interrupted)
    }

    @Test func aRedirectWithoutATargetIsTheAnswer() throws {
        let server = try ScriptedServer { _ in .respond(status: 302, headers: [], body: Data()) }
        #expect(try client.send(HTTPRequest(url: server.url("/"))).status == 302)
    }
}
