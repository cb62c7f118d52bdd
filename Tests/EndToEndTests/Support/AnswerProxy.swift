import Core
import Foundation
import Synchronization
import TestSupport
import Testing
import Transport

/// A proxy that understands HTTP: it hands requests on to a server and does to the answers of one kind of request what
/// networks, proxies and failing servers do.
final class AnswerProxy: Sendable {
    enum Fault: String, CaseIterable, Sendable {
        case lostRequest, lostAnswer, cutInHead, cutInBody, stall, serverError, failureAfterSuccess, truncated
        case wrongLength, page, twice, reordered, elsewhere, unauthorized, tooMany
    }

    private struct State {
        var method = ""
        var path = ""
        var fault: Fault?
        var times = 0
        var struck = 0
        /// The last good answer to a request of another kind: what a reordering network may give instead.
        var other: HTTPResponse?
        var leaks: Set<String> = []
        var bytes = 0
        /// Requests that came, with whether they had a token.
        var seen: [String] = []
    }

    private let state = Mutex(State())
    private let server: Mutex<ScriptedServer?> = Mutex(nil)
    private let hunt: ByteHunt
    let port: UInt16

    /// - Parameters:
    ///   - elsewhere: where redirects go.
    ///   - hunt: what is looked for in every request.
    init(upstream port: Int, elsewhere: URL, hunt: ByteHunt) throws {
        self.hunt = hunt
        let client = CurlClient()
        let box = Handler(upstream: port, elsewhere: elsewhere, client: client)
        let server = try ScriptedServer { request in box.answer(request) }
        self.port = server.port
        box.owner.withLock { $0 = Weak(self) }
        self.server.withLock { $0 = server }
    }

    private struct Weak: @unchecked Sendable {
        weak var value: AnswerProxy?
        init(_ value: AnswerProxy) { self.value = value }
    }

    /// - Parameter path: where the path begins or ends, with `*` for what differs.
    func fail(_ method: String, _ path: String, _ fault: Fault, times: Int) {
        state.withLock { state in
            (state.method, state.path, state.fault, state.times, state.struck) = (method, path, fault, times, 0)
            state.seen = []
        }
    }

    func heal() { state.withLock { $0.fault = nil } }

    /// How many requests met the fault.
    var struck: Int { state.withLock { $0.struck } }
    var seen: [String] { state.withLock { $0.seen } }

    /// What of the hunt occurred in a request.
    var leaks: [String] { state.withLock { $0.leaks.sorted() } }
    /// Bytes of all requests.
    var bytes: Int { state.withLock { $0.bytes } }

    private func inspect(_ request: ScriptedServer.Request) {
        let head = request.headers.map { "\($0.key): \($0.value)\n" }.joined()
        let wire = Data("\(request.method) \(request.target)\n\(head)".utf8) + request.body
        let found = hunt.found(in: wire)
        state.withLock { state in
            state.leaks.formUnion(found)
            state.bytes += wire.count
        }
    }

    private func take(_ method: String, _ path: String) -> Fault? {
        state.withLock { state in
            state.seen.append("\(method) \(path)")
            guard let fault = state.fault, state.times > 0, method == state.method, Self.matches(path, state.path)
            else {
                return nil
            }
            state.times -= 1
            state.struck += 1
            return fault
        }
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        let parts = path.split(separator: "/")
        let wanted = pattern.split(separator: "/")
        return parts.count == wanted.count && zip(parts, wanted).allSatisfy { $1 == "*" || $0 == $1 }
    }

    /// Answers one request after the other, on the threads of the connections.
    private final class Handler: Sendable {
        let owner = Mutex<Weak?>(nil)
        let upstream: Int
        let elsewhere: URL
        let client: CurlClient

        init(upstream: Int, elsewhere: URL, client: CurlClient) {
            self.upstream = upstream
            self.elsewhere = elsewhere
            self.client = client
        }

        func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
            guard let proxy = owner.withLock({ $0?.value }) else { return .silence }
            proxy.inspect(request)
            let path = String(request.target.prefix { $0 != "?" })
            let fault = proxy.take(request.method, path)
            switch fault {
            case .lostRequest: return .breakAfter(Data())
            case .serverError: return .respond(status: 500, headers: [], body: Data("{\"error\":\"broken\"}".utf8))
            case .unauthorized: return .respond(status: 401, headers: [], body: Data("{\"error\":\"who?\"}".utf8))
            case .tooMany: return .respond(status: 429, headers: [("Retry-After", "5")], body: Data("{}".utf8))
            case .elsewhere: return .redirect(302, to: elsewhere.absoluteString + path)
            case .page:
                _ = forward(request)
                return .respond(
                    status: 200, headers: [("Content-Type", "text/html")], body: Data("<html>Welcome</html>".utf8))
            case .twice: _ = forward(request)
            default: break
            }
            guard let real = forward(request) else { return .breakAfter(Data()) }
            let headers = real.headers.filter { header in
                !["content-length", "transfer-encoding", "connection", "date"].contains(header.name.lowercased())
            }
            let good = ScriptedServer.Answer.respond(status: real.status, headers: headers, body: real.body)
            guard let fault else {
                proxy.state.withLock { $0.other = real }
                return good
            }
            let head = "HTTP/1.1 \(real.status) Told\r\nContent-Length: "
            switch fault {
            case .lostAnswer: return .breakAfter(Data())
            case .stall: return .silence
            case .cutInHead: return .breakAfter(Data(head.utf8))
            case .cutInBody:
                return .breakAfter(
                    Data("\(head)\(real.body.count + 40)\r\n\r\n".utf8) + real.body.prefix(real.body.count / 2))
            case .wrongLength: return .raw(Data("\(head)\(real.body.count + 400)\r\n\r\n".utf8) + real.body)
            case .failureAfterSuccess: return .respond(status: 502, headers: [], body: Data("bad gateway".utf8))
            case .truncated:
                return .respond(status: real.status, headers: headers, body: real.body.prefix(real.body.count / 2))
            case .reordered:
                guard let other = proxy.state.withLock({ $0.other }) else { return good }
                return .respond(status: other.status, headers: [], body: other.body)
            default: return good
            }
        }

        private func forward(_ request: ScriptedServer.Request) -> HTTPResponse? {
            guard let url = URL(string: "http://127.0.0.1:\(upstream)\(request.target)") else { return nil }
            let dropped = ["host", "content-length", "accept-encoding", "user-agent", "transfer-encoding"]
            var headers = request.headers.filter { !dropped.contains($0.key) }
                .map { (name: $0.key, value: $0.value) }
            let token = headers.first { $0.name == "authorization" }?.value
            headers.removeAll { $0.name == "authorization" }
            return try? client.send(
                HTTPRequest(
                    method: request.method, url: url, headers: headers,
                    body: request.body.isEmpty ? .none : .data(request.body),
                    bearerToken: token.map { String($0.dropFirst("Bearer ".count)) }))
        }
    }
}
