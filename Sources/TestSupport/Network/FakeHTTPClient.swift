import Core
import Foundation
import Synchronization

/// An `HTTPClient` without a network: a script answers, and every request is kept.
public final class FakeHTTPClient: HTTPClient {
    public typealias Handler = @Sendable (HTTPRequest) throws -> HTTPResponse

    private let handler: Handler
    private let log = Mutex<[HTTPRequest]>([])

    /// Answers every request by the closure, which may throw `HTTPFailure`.
    public init(_ handler: @escaping Handler) { self.handler = handler }

    /// Answers one after the other; a request too many is an `HTTPFailure`.
    public convenience init(script: [Result<HTTPResponse, HTTPFailure>]) {
        let rest = Remaining(script)
        self.init { _ in try rest.next().get() }
    }

    /// The requests so far, oldest first.
    public var requests: [HTTPRequest] { log.withLock { $0 } }

    public func send(
        _ request: HTTPRequest, progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Bool)?
    ) throws -> HTTPResponse {
        log.withLock { $0.append(request) }
        if let progress, !progress(0, 0) { throw HTTPFailure(.cancelled, "cancelled") }
        return try handler(request)
    }

    private final class Remaining: Sendable {
        private let answers: Mutex<[Result<HTTPResponse, HTTPFailure>]>

        init(_ answers: [Result<HTTPResponse, HTTPFailure>]) { self.answers = Mutex(answers) }

        func next() -> Result<HTTPResponse, HTTPFailure> {
            answers.withLock { answers in
                answers.isEmpty ? .failure(HTTPFailure(.unreachable, "the script has ended")) : answers.removeFirst()
            }
        }
    }
}
