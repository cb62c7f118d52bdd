import Core
import Foundation
import Glibc

/// Takes the browser's redirect at the end of an authorisation (RFC 8252 section 7.3): listens on this machine only,
/// for one answer, and says in the browser that it may be closed.
public final class LoopbackRedirect: Sendable {
    /// Where the server is to send the browser.
    public let address: String
    private let descriptor: Int32

    /// Requests of browsers are short; nothing longer is read.
    private static let maximumRequest = 16 << 10

    /// Throws `UserError` when this machine gives us no port.
    public init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 4) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isListening else {
            close(descriptor)
            throw UserError("This machine has no port free for the browser's answer.", .unavailable)
        }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/"
    }

    deinit { close(descriptor) }

    /// The answer: the code out of a redirect, or a line that somebody typed instead.
    ///
    /// - Parameters:
    ///   - state: what the redirect must carry; anything else that knocks is sent away.
    ///   - input: a descriptor whose lines are read as well; nil reads none.
    /// - Returns: the code; nil when the input ended or the time was up.
    public func code(state: String, input: Int32?, seconds: TimeInterval) -> String? {
        let deadline = Date().addingTimeInterval(seconds)
        var typed: [UInt8] = []
        while true {
            let left = deadline.timeIntervalSinceNow
            guard left > 0 else { return nil }
            var waits = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            if let input { waits.append(pollfd(fd: input, events: Int16(POLLIN), revents: 0)) }
            guard poll(&waits, nfds_t(waits.count), Int32(min(left * 1000, 60_000))) > 0 else { continue }
            if waits[0].revents != 0, let code = answer(state) { return code }
            guard let input, waits.count > 1, waits[1].revents != 0 else { continue }
            var byte: UInt8 = 0
            guard read(input, &byte, 1) == 1 else { return nil }
            if byte != UInt8(ascii: "\n") {
                typed.append(byte)
                continue
            }
            let line = String(decoding: typed, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            typed = []
            if !line.isEmpty { return Self.code(inTyped: line, state: state) }
        }
    }

    /// What somebody pasted: the code, or the whole address that a browser on another machine could not open.
    static func code(inTyped line: String, state: String) -> String? {
        guard line.hasPrefix("http://"), let items = URLComponents(string: line)?.queryItems else { return line }
        guard items.first(where: { $0.name == "state" })?.value == state else { return nil }
        return items.first { $0.name == "code" }?.value
    }

    private func answer(_ state: String) -> String? {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        defer { close(connection) }
        // Nobody keeps us waiting who connects and says nothing.
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while request.count < Self.maximumRequest, !request.contains(UInt8(ascii: "\n")) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            request += buffer[..<count]
        }
        let line = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n").first ?? ""
        let words = line.split(separator: " ")
        let items = words.count == 3 && words[0] == "GET" ? URLComponents(string: String(words[1]))?.queryItems : nil
        let isOurs = items?.first { $0.name == "state" }?.value == state
        let code = isOurs ? items?.first { $0.name == "code" }?.value : nil
        let text = code == nil ? "This is not the answer that fixative waits for." : "Done: you can close this window."
        let status = code == nil ? "404 Not Found" : "200 OK"
        let reply = Array(
            """
            HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n\
            Connection: close\r\nCache-Control: no-store\r\n\r\n\(text)
            """.utf8)
        _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
        return code
    }
}
