import Core
import Foundation
import Hummingbird
import Logging
import Server
import TestSupport

/// The real server over the simulated disk and clock, asked without a network.
final class SimulatedServer: @unchecked Sendable {
    /// As clients call it.
    static let address = URL(string: "http://localhost")!

    private let disk: SimulatedDisk
    private let clock: FakeClock
    private let executor: InlineExecutor
    private var server: Server?
    private var respond: (@Sendable (Request) async throws -> Response)?
    /// False makes it a plain Mastodon-API server that ignores idempotency keys, as GoToSocial does: only the rule that
    /// a picture can be attached once stands between a retry and a duplicate.
    var hasExtension = true

    init(disk: SimulatedDisk, clock: FakeClock, executor: InlineExecutor) throws {
        self.disk = disk
        self.clock = clock
        self.executor = executor
        try start()
    }

    private func start() throws {
        var configuration = ServerConfiguration(loopback: true)
        configuration.passwordCost = 4
        configuration.rateLimits.all.requests = .max
        configuration.rateLimits.media.requests = .max
        configuration.rateLimits.deletions.requests = .max
        var logger = Logger(label: "simulation")
        logger.logLevel = .critical
        let made = try Server(directory: disk.folder, configuration: configuration, logger: logger, clock: clock)
        server = made
        respond = ServerApplication(community: made.community, logger: logger).responder()
    }

    /// Killed and started again: what was not on its disk is gone.
    func restart() throws {
        disk.die()
        respond = nil
        server = nil
        disk.revive()
        try start()
    }

    var community: Community {
        get throws {
            guard let server else { throw UserError("The simulated server is not running.", .internal) }
            return server.community
        }
    }

    /// Runs something of the server's to its end.
    func run<T: Sendable>(_ body: @escaping @Sendable (Community) async throws -> T) throws -> T {
        let community = try community
        return try executor.run { try await body(community) }
    }

    /// - Parameter asItself: answers as the server with the extension that it is, whatever it plays.
    func handle(_ request: Core.HTTPRequest, asItself: Bool = false) throws -> Core.HTTPResponse {
        let isPlain = !hasExtension && !asItself
        let path = request.url.path
        if isPlain, path == "/api/v2/instance" || path.hasPrefix("/api/v1/fixative/") {
            return Core.HTTPResponse(status: 404, body: Data(#"{"error":"no such route"}"#.utf8))
        }
        var fields = HTTPFields()
        for header in request.headers where !(isPlain && header.name == "Idempotency-Key") {
            fields[.init(header.name)!] = header.value
        }
        if let token = request.bearerToken { fields[.authorization] = "Bearer \(token)" }
        let (body, type) = try WireBody.encode(request.body)
        if let type { fields[.contentType] = type }
        let query = request.url.query(percentEncoded: true).map { "?\($0)" } ?? ""
        let head = Hummingbird.HTTPRequest(
            method: .init(request.method)!, scheme: "http", authority: "localhost",
            path: request.url.path(percentEncoded: true) + query, headerFields: fields)
        guard let respond else { throw HTTPFailure(.unreachable, "the server is down") }
        return try executor.run {
            let response = try await respond(Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body))))
            let collector = Collector()
            try await response.body.write(Writer(collector: collector))
            return Core.HTTPResponse(
                status: Int(response.status.code),
                headers: response.headers.map { ($0.name.canonicalName, $0.value) }, body: collector.bytes)
        }
    }

    private final class Collector: @unchecked Sendable {
        var bytes = Data()
    }

    private struct Writer: ResponseBodyWriter {
        let collector: Collector

        func write(_ buffer: ByteBuffer) async throws { collector.bytes.append(contentsOf: buffer.readableBytesView) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// Bodies of requests as they go over the wire.
enum WireBody {
    private static let boundary = "----simulation7MA4"

    /// The bytes, and the content type where the body decides it.
    static func encode(_ body: Core.HTTPRequest.Body) throws -> (bytes: Data, type: String?) {
        switch body {
        case .none: return (Data(), nil)
        case .data(let data): return (data, nil)
        case .file(let url, let offset, let length):
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            try file.seek(toOffset: UInt64(offset))
            return (try file.read(upToCount: Int(length)) ?? Data(), nil)
        case .multipart(let parts):
            var bytes = Data()
            for part in parts {
                let name = part.fileName.map { "; filename=\"\($0)\"" } ?? ""
                bytes += Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(name)\r\n".utf8)
                if let type = part.contentType { bytes += Data("Content-Type: \(type)\r\n".utf8) }
                bytes += Data("\r\n".utf8)
                switch part.content {
                case .data(let data): bytes += data
                case .file(let url): bytes += try Data(contentsOf: url)
                }
                bytes += Data("\r\n".utf8)
            }
            return (bytes + Data("--\(boundary)--\r\n".utf8), "multipart/form-data; boundary=\(boundary)")
        }
    }
}
