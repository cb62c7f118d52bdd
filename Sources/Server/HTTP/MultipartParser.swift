import Foundation
import Glibc

/// Takes multipart/form-data (RFC 7578, RFC 2046 section 5.1) apart as it arrives, holding little of it at a time.
package struct MultipartParser {
    package enum Event: Equatable, Sendable {
        case begin(name: String, fileName: String?)
        case data([UInt8])
        case end
    }

    private enum State { case preamble, headers, body, finished }

    /// Longest block of headers of a part.
    private static let maximumHeaderBytes = 16 * 1024

    private let delimiter: [UInt8]
    private var state = State.preamble
    // The line break that the first delimiter would have after a preamble.
    private var buffer: [UInt8] = [13, 10]

    /// Nil when the content type is not multipart/form-data or has no usable boundary.
    package init?(contentType: String) {
        guard contentType.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: contentType), (1...200).contains(boundary.utf8.count)
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    package var isFinished: Bool { state == .finished }

    /// Takes the next bytes and gives what they complete.
    package mutating func feed(_ bytes: some Sequence<UInt8>) throws -> [Event] {
        buffer.append(contentsOf: bytes)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// Does one step; false when it needs more bytes.
    private mutating func step(_ events: inout [Event]) throws -> Bool {
        switch state {
        case .finished:
            buffer.removeAll()
            return false
        case .preamble:
            guard let position = find(delimiter) else {
                discard(keeping: delimiter.count)
                return false
            }
            return passDelimiter(at: position, finishing: nil, &events)
        case .headers:
            guard let position = find([13, 10, 13, 10]) else {
                guard buffer.count <= Self.maximumHeaderBytes else { throw APIError.badRequest("Malformed multipart") }
                return false
            }
            let header = String(decoding: buffer[..<position], as: UTF8.self)
            buffer.removeSubrange(..<(position + 4))
            events.append(try Self.begin(header))
            state = .body
            return true
        case .body:
            if let position = find(delimiter) {
                return passDelimiter(at: position, finishing: position, &events)
            }
            let safe = buffer.count - delimiter.count
            if safe > 0 {
                events.append(.data(Array(buffer[..<safe])))
                buffer.removeSubrange(..<safe)
            }
            return false
        }
    }

    /// Goes past a delimiter if what follows it is already here.
    private mutating func passDelimiter(at position: Int, finishing end: Int?, _ events: inout [Event]) -> Bool {
        let after = position + delimiter.count
        guard buffer.count >= after + 2 else { return false }
        if let end {
            if end > 0 { events.append(.data(Array(buffer[..<end]))) }
            events.append(.end)
        }
        if buffer[after] == UInt8(ascii: "-"), buffer[after + 1] == UInt8(ascii: "-") {
            state = .finished
            buffer.removeAll()
            return false
        }
        // The line break stays: it is the start of the header block, which may be empty.
        buffer.removeSubrange(..<after)
        state = .headers
        return true
    }

    private mutating func discard(keeping count: Int) {
        if buffer.count > count { buffer.removeSubrange(..<(buffer.count - count)) }
    }

    private func find(_ pattern: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { bytes in
            pattern.withUnsafeBytes { pattern in
                guard let base = bytes.baseAddress, let first = pattern.first else { return nil }
                var offset = 0
                while bytes.count - offset >= pattern.count,
                    let hit = memchr(base + offset, Int32(first), bytes.count - offset - pattern.count + 1)
                {
                    let position = UnsafeRawPointer(hit) - base
                    if memcmp(base + position, pattern.baseAddress!, pattern.count) == 0 { return position }
                    offset = position + 1
                }
                return nil
            }
        }
    }

    private static func begin(_ header: String) throws -> Event {
        for line in header.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
            if let name = parameter("name", of: String(line)), name.utf8.count <= 200 {
                let fileName = parameter("filename", of: String(line)) ?? parameter("filename*", of: String(line))
                return .begin(name: name, fileName: fileName)
            }
        }
        throw APIError.badRequest("Malformed multipart")
    }

    /// A parameter of a header's value, quoted or not.
    private static func parameter(_ name: String, of header: String) -> String? {
        for piece in header.split(separator: ";").dropFirst() {
            let parts = piece.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces).lowercased() == name else { continue }
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count >= 2
                ? String(value.dropFirst().dropLast()) : value
        }
        return nil
    }
}
