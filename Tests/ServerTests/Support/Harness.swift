import API
import Core
import Foundation
import Hummingbird
import HummingbirdTesting
import Imaging
import Logging
import Server
import TestSupport

/// A community in memory of the process, with its data in a directory that goes away.
struct Harness: Sendable {
    let server: Server
    let client: any TestClientProtocol
    let clock: FakeClock

    var community: Community { server.community }

    /// Runs a test against a fresh community. Passwords are hashed cheaply.
    static func run(
        _ configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (Harness) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("server")
        var configuration = ServerConfiguration(loopback: true)
        configuration.passwordCost = 4
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let clock = FakeClock()
        let server = try Server(
            directory: directory.url, configuration: configuration, logger: logger, clock: clock)
        let router = ServerApplication(community: server.community, logger: logger).router()
        try await Application(router: router, logger: logger).test(.router) { client in
            try await body(Harness(server: server, client: client, clock: clock))
        }
        withExtendedLifetime(directory) {}
    }

    /// Somebody with a token.
    struct Person: Sendable {
        var id: String
        var token: String
    }

    func send(
        _ method: HTTPRequest.Method, _ uri: String, as person: Person? = nil, token: String? = nil,
        headers: [(String, String)] = [], body: Data? = nil
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let token = token ?? person?.token { fields[.authorization] = "Bearer \(token)" }
        for (name, value) in headers { fields[.init(name)!] = value }
        return try await client.execute(
            uri: uri, method: method, headers: fields, body: body.map { ByteBuffer(bytes: $0) }
        ) { response in
            Answer(
                status: Int(response.status.code), headers: response.headers,
                data: Data(response.body.readableBytesView))
        }
    }

    func get(_ uri: String, as person: Person? = nil) async throws -> Answer { try await send(.get, uri, as: person) }

    /// Sends JSON.
    func post(
        _ uri: String, as person: Person? = nil, _ json: [String: JSON] = [:], method: HTTPRequest.Method = .post,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(
            method, uri, as: person, headers: [("Content-Type", "application/json")] + headers,
            body: try JSONEncoder().encode(json))
    }

    /// Sends a form.
    func form(
        _ uri: String, as person: Person? = nil, _ fields: [(String, String)], headers: [(String, String)] = []
    ) async throws -> Answer {
        let text = fields.map { "\(Self.escape($0))=\(Self.escape($1))" }.joined(separator: "&")
        return try await send(
            .post, uri, as: person, headers: [("Content-Type", "application/x-www-form-urlencoded")] + headers,
            body: Data(text.utf8))
    }

    static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    func app(scopes: String = "read write follow", redirect: String = "urn:ietf:wg:oauth:2.0:oob") async throws
        -> ApplicationEntity
    {
        try await form(
            "/api/v1/apps", [("client_name", "test"), ("redirect_uris", redirect), ("scopes", scopes)]
        ).decode(ApplicationEntity.self)
    }

    func person(_ name: String, scopes: String = "read write follow") async throws -> Person {
        let account = try await community.accounts.register(
            username: name, email: "\(name)@example.org", password: "correct horse \(name)")
        return Person(id: String(account.id), token: try await token(name, scopes: scopes))
    }

    func token(_ name: String, scopes: String) async throws -> String {
        let app = try await app(scopes: scopes)
        return try await form(
            "/oauth/token",
            [
                ("grant_type", "password"), ("client_id", app.clientID), ("client_secret", app.clientSecret),
                ("username", name), ("password", "correct horse \(name)"), ("scope", scopes),
            ]
        ).decode(TokenEntity.self).accessToken
    }

    /// A small picture; different shades give different bytes.
    static func png(_ shade: Int = 0, width: Int = 24, height: Int = 16) throws -> Data {
        let samples = (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ shade &* 13) }
        return try ImageCodec.encode(
            Raster(width: width, height: height, layout: .rgb, samples: .u8(samples)), as: .png)
    }

    func upload(
        _ data: Data, as person: Person?, fileName: String = "a.png", description: String? = nil,
        path: String = "/api/v2/media"
    ) async throws -> Answer {
        var parts = [Multipart.Part(name: "file", fileName: fileName, data: data)]
        if let description { parts.append(Multipart.Part(name: "description", data: Data(description.utf8))) }
        let body = Multipart.body(parts)
        return try await send(.post, path, as: person, headers: [("Content-Type", Multipart.type)], body: body)
    }

    func media(_ shade: Int, as person: Person, description: String? = nil) async throws -> MediaEntity {
        try await upload(Self.png(shade), as: person, description: description).decode(MediaEntity.self)
    }

    func publish(_ text: String, as person: Person, _ more: [String: JSON] = [:]) async throws -> StatusEntity {
        clock.advance(by: 1)
        return try await post(
            "/api/v1/statuses", as: person, more.merging(["status": .text(text)]) { first, _ in first }
        ).decode(StatusEntity.self)
    }
}

/// What came back.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPFields
    var data: Data

    var text: String { String(decoding: data, as: UTF8.self) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard (200..<300).contains(status) else { throw Unexpected(description: "\(status): \(text)") }
        return try Wire.decode(type, from: data)
    }

    func header(_ name: String) -> String? { headers[.init(name)!] }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }
}

/// JSON for requests.
enum JSON: Encodable, Sendable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral
{
    case text(String)
    case truth(Bool)
    case number(Int)
    case list([JSON])
    case object([String: JSON])

    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .truth(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(arrayLiteral elements: JSON...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { first, _ in first })
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .truth(let truth): try value.encode(truth)
        case .number(let number): try value.encode(number)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        }
    }
}

/// multipart/form-data as browsers write it.
enum Multipart {
    struct Part {
        var name: String
        var fileName: String?
        var data: Data
    }

    static let boundary = "----aBoundary7MA4"
    static let type = "multipart/form-data; boundary=\(boundary)"

    static func body(_ parts: [Part]) -> Data {
        var body = Data()
        for part in parts {
            let file = part.fileName.map { "; filename=\"\($0)\"" } ?? ""
            body += Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)\r\n".utf8)
            if part.fileName != nil { body += Data("Content-Type: application/octet-stream\r\n".utf8) }
            body += Data("\r\n".utf8) + part.data + Data("\r\n".utf8)
        }
        return body + Data("--\(boundary)--\r\n".utf8)
    }
}
