import API
import Core
import Foundation

/// Calls to one server of the Mastodon client API with the sync extension. Every call blocks.
///
/// The token goes to the server's own origin and nowhere else: requests with it are made from the server's address
/// and a path, never from an address that came out of an answer.
public struct MastodonClient: Sendable {
    /// Bytes of JSON that are accepted in one answer.
    static let maximumJSON = 16 << 20

    public let server: URL
    let token: String?
    let http: any HTTPClient
    let clock: any WallClock

    public init(server: URL, token: String?, http: any HTTPClient, clock: any WallClock) {
        self.server = server
        self.token = token
        self.http = http
        self.clock = clock
    }

    var host: String { server.host ?? server.absoluteString }

    /// One request to this server.
    ///
    /// - Parameter path: from the root, its parts already percent-encoded.
    func request(
        _ method: String, _ path: String, query: [(String, String)] = [], body: HTTPRequest.Body = .none,
        headers: [(name: String, value: String)] = [], timeout: TimeInterval = 60
    ) throws -> HTTPRequest {
        var components = URLComponents()
        components.scheme = server.scheme
        components.host = server.host
        components.port = server.port
        components.percentEncodedPath = path
        if !query.isEmpty {
            components.percentEncodedQuery = query.map { "\($0.0)=\(Self.escape($0.1))" }.joined(separator: "&")
        }
        guard let url = components.url else { throw ServerFault.refused(status: 0, "\(host) is not an address.") }
        var headers = headers
        headers.append(("Accept", "application/json"))
        if case .data = body { headers.append(("Content-Type", "application/json")) }
        var request = HTTPRequest(
            method: method, url: url, headers: headers, body: body, bearerToken: token, timeout: timeout,
            maximumResponseBytes: Self.maximumJSON)
        request.staysAtOrigin = true
        return request
    }

    /// Sends and sorts: the answer is a success or one of the codes that mean something to the caller, or a
    /// `ServerFault` is thrown.
    func exchange(
        _ request: HTTPRequest, expecting codes: Set<Int> = [], progress: (@Sendable (Int64, Int64) -> Bool)? = nil
    ) throws -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try http.send(request, progress: progress)
        } catch let failure as HTTPFailure {
            throw FaultSorter.fault(of: failure, host: host)
        }
        guard (200..<300).contains(response.status) || codes.contains(response.status) else {
            throw FaultSorter.fault(of: response, host: host, now: clock.now())
        }
        return response
    }

    /// Sends and decodes; an answer that cannot be read leaves the outcome unknown.
    func value<T: Decodable>(_ type: T.Type, _ request: HTTPRequest) throws -> T {
        try decode(type, exchange(request))
    }

    func decode<T: Decodable>(_ type: T.Type, _ response: HTTPResponse) throws -> T {
        guard let value = try? Wire.decode(type, from: response.body) else {
            throw FaultSorter.fault(of: response, host: host, now: clock.now())
        }
        return value
    }

    /// For answers whose content does not matter. A page of a network that asks for a login is no answer of the server's.
    func checkJSON(_ response: HTTPResponse) throws {
        struct Anything: Decodable { init(from decoder: any Decoder) throws {} }
        _ = try decode(Anything.self, response)
    }

    /// The status that was asked for, and not another's: proxies have mixed up answers.
    func status(_ id: String, _ request: HTTPRequest) throws -> Status {
        let found = try value(TimelineEntity.self, request).shown.status
        guard found.id == id else {
            throw ServerFault.unknownOutcome("\(host) answered for another piece.", retryAt: nil)
        }
        return found
    }

    func array<T: Decodable>(of type: T.Type, _ response: HTTPResponse) throws -> [T] {
        guard let values = try? Wire.decodeArray(of: type, from: response.body) else {
            throw FaultSorter.fault(of: response, host: host, now: clock.now())
        }
        return values
    }

    static func json(_ value: some Encodable) throws -> HTTPRequest.Body { .data(try Wire.encode(value)) }

    /// One part of a path or a query, percent-encoded (RFC 3986: only unreserved characters stay).
    static func escape(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
