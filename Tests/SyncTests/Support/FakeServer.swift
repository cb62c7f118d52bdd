import API
import Core
import Foundation
import Synchronization

/// A community server in memory, over the HTTP protocol of `Core`, with faults on demand.
final class FakeServer: HTTPClient {
    struct Post {
        var entity: StatusEntity
        var payload: Data
        var mediaIDs: [String]
        var changed: Int
        var isDeleted = false
    }

    struct Upload {
        var bytes: Data
        var description: String
        var attached = false
    }

    struct State {
        var hasExtension = true
        var posts: [Post] = []
        var media: [String: Upload] = [:]
        /// The resumable uploads under way, by name.
        var uploads: [String: (total: Int, bytes: Data)] = [:]
        /// A proxy before the server takes no longer body.
        var bodyLimit = Int.max
        var follows: [AccountEntity] = []
        var change = 0
        /// States before this one cannot be answered.
        var oldestState = 0
        var epoch = 0
        var pageSize = 1_000
        var tokens: Set<String> = ["token"]
        var users: [String: String] = ["mei": "secret"]
        var nextID = 100
        var faults: [Fault] = []
        var requests: [HTTPRequest] = []
        /// Every byte that went over the wire.
        var wire = Data()
        /// Requests that the network holds back.
        var late: [HTTPRequest] = []
    }

    /// The program was killed at this point.
    struct Crash: Error {}

    struct Fault {
        enum Kind: String, CaseIterable {
            case unreachable, lostRequest, lostAnswer, twice, late, crashBefore, crashAfter
            case serverError, serverErrorAfter, conflict, html, truncated, huge, unauthorized, rateLimited
        }

        var method: String
        var path: String
        var kind: Kind
        var times = 1
    }

    static let address = URL(string: "http://127.0.0.1:3000")!
    let state = Mutex(State())
    let clock: TestClock

    init(clock: TestClock, hasExtension: Bool = true) {
        self.clock = clock
        state.withLock { $0.hasExtension = hasExtension }
    }

    func fail(_ method: String, _ path: String, _ kind: Fault.Kind, times: Int = 1) {
        state.withLock { $0.faults.append(Fault(method: method, path: path, kind: kind, times: times)) }
    }

    func heal() { state.withLock { $0.faults = [] } }

    var posts: [Post] { state.withLock { $0.posts.filter { !$0.isDeleted } } }
    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var wire: Data { state.withLock { $0.wire } }

    func send(
        _ request: HTTPRequest, progress: (@Sendable (Int64, Int64) -> Bool)?
    ) throws -> HTTPResponse {
        try state.withLock { state in
            state.requests.append(request)
            state.wire.append(try Self.bytes(of: request))
            // Asking whether anybody answers is no step of ours: what is late stays late.
            let isProbe = request.url.path == "/api/v2/instance"
            let held = isProbe ? [] : state.late
            if !isProbe { state.late = [] }
            let fault = Self.takeFault(&state, request)
            defer { for late in held { _ = handle(&state, late) } }
            switch fault {
            case nil: return handle(&state, request)
            case .unreachable: throw HTTPFailure(.unreachable, "no route")
            case .lostRequest: throw HTTPFailure(.interrupted, "reset")
            case .lostAnswer:
                _ = handle(&state, request)
                throw HTTPFailure(.interrupted, "reset")
            case .twice:
                _ = handle(&state, request)
                return handle(&state, request)
            case .late:
                state.late.append(request)
                throw HTTPFailure(.interrupted, "timeout")
            case .crashBefore: throw Crash()
            case .crashAfter:
                _ = handle(&state, request)
                throw Crash()
            case .serverError: return Self.error(500, "broken")
            case .serverErrorAfter:
                _ = handle(&state, request)
                return Self.error(502, "broken")
            case .conflict: return Self.error(409, "in flight")
            case .html:
                _ = handle(&state, request)
                return HTTPResponse(status: 200, body: Data("<html><body>captive portal</body></html>".utf8))
            case .truncated:
                let answer = handle(&state, request)
                return HTTPResponse(status: answer.status, body: answer.body.prefix(answer.body.count / 2))
            case .huge:
                _ = handle(&state, request)
                throw HTTPFailure(.tooLarge, "more than allowed")
            case .unauthorized: return Self.error(401, "who are you")
            case .rateLimited:
                return HTTPResponse(status: 429, headers: [("retry-after", "30")], body: Data("{}".utf8))
            }
        }
    }

    private static func takeFault(_ state: inout State, _ request: HTTPRequest) -> Fault.Kind? {
        guard
            let index = state.faults.firstIndex(where: {
                $0.method == request.method && request.url.path.hasSuffix($0.path)
            })
        else { return nil }
        let kind = state.faults[index].kind
        state.faults[index].times -= 1
        if state.faults[index].times == 0 { state.faults.remove(at: index) }
        return kind
    }

    private static func bytes(of request: HTTPRequest) throws -> Data {
        var wire = Data("\(request.method) \(request.url.absoluteString)\n".utf8)
        for header in request.headers { wire.append(Data("\(header.name): \(header.value)\n".utf8)) }
        switch request.body {
        case .none: break
        case .data(let data): wire.append(data)
        case .file(let url, let offset, let length):
            wire.append(try Data(contentsOf: url)[Int(offset)..<Int(offset + length)])
        case .multipart(let parts):
            for part in parts {
                wire.append(Data("\(part.name) \(part.fileName ?? "") \(part.contentType ?? "")\n".utf8))
                wire.append(try content(part))
            }
        }
        return wire
    }

    static func content(_ part: HTTPRequest.Part) throws -> Data {
        switch part.content {
        case .data(let data): data
        case .file(let url): try Data(contentsOf: url)
        }
    }

    static func error(_ status: Int, _ message: String) -> HTTPResponse {
        HTTPResponse(status: status, body: Data(#"{"error":"\#(message)"}"#.utf8))
    }
}
