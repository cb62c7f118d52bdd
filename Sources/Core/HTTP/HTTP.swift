import Foundation

/// One request. Header names are compared without case.
public struct HTTPRequest: Sendable {
    public enum Body: Sendable {
        case none
        case data(Data)
        /// Sent from the file as it is read, so that its size does not matter.
        case file(URL, offset: Int64, length: Int64)
        /// multipart/form-data (RFC 7578).
        case multipart([Part])
    }

    public struct Part: Sendable {
        public enum Content: Sendable {
            case data(Data)
            case file(URL)
        }

        public var name: String
        public var fileName: String?
        public var contentType: String?
        public var content: Content

        public init(name: String, fileName: String? = nil, contentType: String? = nil, content: Content) {
            self.name = name
            self.fileName = fileName
            self.contentType = contentType
            self.content = content
        }
    }

    public var method: String
    public var url: URL
    public var headers: [(name: String, value: String)]
    public var body: Body
    /// Sent as `Authorization: Bearer`, to the request's own origin only, never across a redirect to another one.
    public var bearerToken: String?
    /// Whether the server does the same for two copies as for one, so that a connection may be used again for it. Nil
    /// means what the method promises (RFC 9110 section 9.2.2).
    public var isIdempotent: Bool?
    /// Takes a redirect to another origin as the final answer instead of following it: an answer from elsewhere says
    /// nothing about what this server did.
    public var staysAtOrigin = false
    /// Longest time for the whole exchange.
    public var timeout: TimeInterval
    /// Longest answer that is accepted, in bytes after decompression.
    public var maximumResponseBytes: Int

    public init(
        method: String = "GET", url: URL, headers: [(name: String, value: String)] = [], body: Body = .none,
        bearerToken: String? = nil, timeout: TimeInterval = 60, maximumResponseBytes: Int = 32 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.bearerToken = bearerToken
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
    }
}

/// One answer, whatever its status code.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Data

    public init(status: Int, headers: [(name: String, value: String)] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, compared without case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }?.value
    }
}

/// Why there is no answer.
public struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The server cannot be reached: nothing was sent, so nothing happened there.
        case unreachable
        /// The connection broke or timed out after something was sent: the outcome is unknown.
        case interrupted
        /// TLS was not trustworthy.
        case tls
        /// The answer was larger than allowed.
        case tooLarge
        /// The request itself was wrong (a URL that is not http or https, a file that cannot be read).
        case invalid
        case cancelled
    }

    public var kind: Kind
    /// Safe to show: holds no token.
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// Moves bytes. `Transport` does it with libcurl; tests do it in memory.
public protocol HTTPClient: Sendable {
    /// Blocks until the answer is complete. Throws `HTTPFailure`.
    func send(_ request: HTTPRequest, progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Bool)?) throws
        -> HTTPResponse
}

extension HTTPClient {
    public func send(_ request: HTTPRequest) throws -> HTTPResponse { try send(request, progress: nil) }
}
