import Foundation

/// The id that a client gives a publication before anything is sent: a UUIDv7 (RFC 9562 section 5.7).
///
/// It is fixed in the draft and never changes, so that a retry after any crash names the same publication.
public struct ClientID: Hashable, Sendable, Codable, CustomStringConvertible, LosslessStringConvertible {
    public let description: String

    /// A fresh id: 48 bits of Unix time in milliseconds, then 74 random bits.
    public init(at date: Date = Date()) {
        let milliseconds = UInt64(max(0, date.timeIntervalSince1970 * 1000))
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * UInt64(index))) }
        bytes[6] = (bytes[6] & 0x0F) | 0x70
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            String(hex.dropFirst(range.lowerBound).prefix(range.count))
        }
        description = parts.joined(separator: "-")
    }

    /// Accepts any UUID in its 36-character form; nil otherwise.
    public init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        description = uuid.uuidString.lowercased()
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = ClientID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The 64-bit payload of the watermark; it names one publication. Written as 16 lower-case hex digits.
public struct MarkID: Hashable, Sendable, Codable, CustomStringConvertible, LosslessStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A random id from the system's generator.
    public static func random() -> MarkID { MarkID(rawValue: .random(in: .min ... .max)) }

    /// Accepts exactly 16 hex digits; nil otherwise.
    public init?(_ text: String) {
        guard text.utf8.count == 16, text.allSatisfy(\.isHexDigit), let value = UInt64(text, radix: 16) else {
            return nil
        }
        rawValue = value
    }

    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = MarkID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 16 hex digits")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The name of a blob: the SHA-256 (FIPS 180-4) of its bytes, 64 lower-case hex digits.
public struct BlobID: Hashable, Sendable, Codable, CustomStringConvertible, LosslessStringConvertible {
    public let description: String

    public init?(_ text: String) {
        guard text.utf8.count == 64, text.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else { return nil }
        description = text
    }

    /// Hashes the bytes.
    public init(of data: Data) { description = Digest.sha256(data) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = BlobID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 in hex")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
