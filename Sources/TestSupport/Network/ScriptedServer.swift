import Foundation
import Synchronization

/// An HTTP/1.1 server for tests that says exactly the bytes it is told to.
public final class ScriptedServer: Sendable {
    public struct Request: Sendable {
        public var method: String
        public var target: String
        /// Names in lower case.
        public var headers: [String: String]
        public var body: Data
    }

    public enum Answer: Sendable {
        case respond(status: Int, headers: [(name: String, value: String)], body: Data)
        /// These bytes and nothing else, then the end of the connection.
        case raw(Data)
        /// These bytes, then a reset.
        case breakAfter(Data)
        /// Nothing, until the other side gives up.
        case silence

        public static func ok(_ text: String, _ headers: [(name: String, value: String)] = []) -> Answer {
            .respond(status: 200, headers: headers, body: Data(text.utf8))
        }

        public static func redirect(_ status: Int, to location: String) -> Answer {
            .respond(status: status, headers: [("Location", location)], body: Data())
        }
    }

    private let listener: Listener
    private let log: Log
    public let address: String

    /// Listens on a free port of a loopback address.
    public init(address: String = "127.0.0.1", _ handler: @escaping @Sendable (Request) -> Answer) throws {
        let log = Log()
        self.log = log
        self.address = address
        listener = try Listener(address: address) { connection in
            log.connected()
            var buffer = Data()
            while let request = Self.next(&buffer, connection) {
                log.note(request)
                guard Self.send(handler(request), on: connection, isHead: request.method == "HEAD") else { return }
            }
        }
    }

    deinit { listener.stop() }

    public var port: UInt16 { listener.port }
    public var requests: [Request] { log.entries.withLock { $0.requests } }
    public var connections: Int { log.entries.withLock { $0.connections } }

    public func url(_ path: String) -> URL { URL(string: "http://\(address):\(port)\(path)")! }

    private static func send(_ answer: Answer, on connection: Connection, isHead: Bool) -> Bool {
        switch answer {
        case .respond(let status, let headers, let body):
            var head = "HTTP/1.1 \(status) Told\r\nContent-Length: \(body.count)\r\n"
            for header in headers { head += "\(header.name): \(header.value)\r\n" }
            return connection.write(Data((head + "\r\n").utf8) + (isHead ? Data() : body))
        case .raw(let data):
            connection.write(data)
            connection.end()
            return false
        case .breakAfter(let data):
            connection.write(data)
            connection.reset()
            return false
        case .silence:
            _ = connection.read()
            return false
        }
    }

    /// Reads one request; nil when the connection has ended.
    private static func next(_ buffer: inout Data, _ connection: Connection) -> Request? {
        let end = Data("\r\n\r\n".utf8)
        var headEnd = buffer.range(of: end)
        while headEnd == nil {
            let piece = connection.read()
            guard !piece.isEmpty else { return nil }
            buffer.append(piece)
            headEnd = buffer.range(of: end)
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[buffer.startIndex..<headEnd.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        buffer = Data(buffer[headEnd.upperBound...])
        var body = Data()
        if headers["transfer-encoding"]?.lowercased() == "chunked" {
            guard let whole = chunked(&buffer, connection) else { return nil }
            body = whole
        } else {
            guard let whole = take(Int(headers["content-length"] ?? "0") ?? 0, &buffer, connection) else { return nil }
            body = whole
        }
        return Request(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
    }

    private static func take(_ count: Int, _ buffer: inout Data, _ connection: Connection) -> Data? {
        while buffer.count < count {
            let piece = connection.read()
            guard !piece.isEmpty else { return nil }
            buffer.append(piece)
        }
        let taken = Data(buffer.prefix(count))
        buffer = Data(buffer.dropFirst(count))
        return taken
    }

    private static func chunked(_ buffer: inout Data, _ connection: Connection) -> Data? {
        var body = Data()
        let lineEnd = Data("\r\n".utf8)
        while true {
            while buffer.range(of: lineEnd) == nil {
                let piece = connection.read()
                guard !piece.isEmpty else { return nil }
                buffer.append(piece)
            }
            guard let end = buffer.range(of: lineEnd),
                let size = Int(String(decoding: buffer[buffer.startIndex..<end.lowerBound], as: UTF8.self), radix: 16)
            else { return nil }
            buffer = Data(buffer[end.upperBound...])
            guard let piece = take(size + 2, &buffer, connection) else { return nil }
            if size == 0 { return body }
            body.append(piece.prefix(size))
        }
    }

    private final class Log: Sendable {
        let entries = Mutex<(requests: [Request], connections: Int)>(([], 0))

        func connected() { entries.withLock { $0.connections += 1 } }
        func note(_ request: Request) { entries.withLock { $0.requests.append(request) } }
    }
}
