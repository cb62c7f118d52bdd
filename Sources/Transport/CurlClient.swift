import CCurl
import Core
import Foundation

/// `HTTPClient` over libcurl: blocking, usable from any number of threads at once.
///
/// - Only http and https; TLS is always verified; answers may come compressed with gzip.
/// - At most five redirects are followed, by this type and not by libcurl, because then it is plain to see what goes
///   where: credentials only to the origin that the caller named, never from https to http, and the method as
///   RFC 9110 section 15.4 has it.
/// - A request with side effects never goes out on a reused connection. libcurl sends a request silently again when a
///   kept connection turns out dead, and the server may have acted on the first copy.
public final class CurlClient: HTTPClient {
    /// The limits that are the same for every request.
    public struct Configuration: Sendable {
        public var userAgent: String
        /// Seconds for name resolution, TCP and TLS together.
        public var connectTimeout: TimeInterval
        /// An exchange slower than this many bytes a second over `lowSpeedSeconds` is given up.
        public var lowSpeedBytesPerSecond: Int
        public var lowSpeedSeconds: Int
        public var maximumRedirects: Int
        /// A PEM file of certificate authorities to trust instead of the system's.
        public var certificateAuthorities: URL?

        public init(
            userAgent: String = "fixative/0.1.0 (+artists' community client)", connectTimeout: TimeInterval = 10,
            lowSpeedBytesPerSecond: Int = 16, lowSpeedSeconds: Int = 45, maximumRedirects: Int = 5,
            certificateAuthorities: URL? = nil
        ) {
            self.userAgent = userAgent
            self.connectTimeout = connectTimeout
            self.lowSpeedBytesPerSecond = lowSpeedBytesPerSecond
            self.lowSpeedSeconds = lowSpeedSeconds
            self.maximumRedirects = maximumRedirects
            self.certificateAuthorities = certificateAuthorities
        }
    }

    private let configuration: Configuration
    private let pool = HandlePool()

    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// The usual limits under another name.
    public convenience init(userAgent: String) { self.init(configuration: Configuration(userAgent: userAgent)) }

    public func send(
        _ request: HTTPRequest, progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Bool)? = nil
    ) throws -> HTTPResponse {
        let deadline = ContinuousClock.now + .seconds(request.timeout)
        var leg = request
        var redirects = 0
        while true {
            let answer = try perform(leg, until: deadline, isFirst: redirects == 0, progress: progress)
            guard let next = try Redirect.next(after: answer, of: leg) else { return answer.response }
            redirects += 1
            guard redirects <= configuration.maximumRedirects else {
                throw HTTPFailure(.invalid, "\(request.url.host ?? "") redirects without end")
            }
            leg = next
        }
    }

    /// One request to one origin.
    private func perform(
        _ request: HTTPRequest, until deadline: ContinuousClock.Instant, isFirst: Bool,
        progress: (@Sendable (Int64, Int64) -> Bool)?
    ) throws -> Exchange.Answer {
        let left = deadline - .now
        guard left > .zero else { throw HTTPFailure(.interrupted, "the answer took too long") }
        let handle = try pool.take()
        defer { pool.give(back: handle) }
        let exchange = Exchange(request, handle: handle, progress: progress)
        do {
            return try withoutBrokenPipeSignal { try exchange.run(configuration, timeout: left) }
        } catch let failure as HTTPFailure where !isFirst && failure.kind == .unreachable {
            // Something was sent before: to the origin that redirected.
            throw HTTPFailure(.interrupted, failure.description)
        }
    }
}
