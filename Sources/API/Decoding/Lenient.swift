import Foundation

/// Decoding that forgives: a third of real servers' answers violate the published schema, so a field that is missing,
/// null or of another type is simply absent.
extension KeyedDecodingContainer {
    func lenient<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
        (try? decodeIfPresent(type, forKey: key)) ?? nil
    }

    /// Ids are strings by contract and numbers on some servers.
    func lenientID(_ key: Key) -> String? {
        if let text = lenient(String.self, key) { return text }
        return lenient(Int64.self, key).map(String.init)
    }

    func lenientDate(_ key: Key) -> Date? { lenient(String.self, key).flatMap(WireDate.parse) }

    /// The elements that can be decoded; the others are left out.
    func lenientArray<T: Decodable>(_ type: T.Type, _ key: Key) -> [T] {
        lenient([Forgiving<T>].self, key)?.compactMap(\.value) ?? []
    }
}

/// An element that may be undecodable.
public struct Forgiving<Value: Decodable>: Decodable {
    public let value: Value?

    public init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

/// Dates as `2026-11-23T12:34:56.789Z` (RFC 3339), read with or without fraction and with any offset.
public enum WireDate {
    public static func string(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    public static func parse(_ text: String) -> Date? {
        (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
            ?? (try? Date.ISO8601FormatStyle().parse(text))
    }
}

/// JSON as it goes over the wire.
public enum Wire {
    /// Keys sorted, so that the same value is always the same bytes.
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    public static func decode<T: Decodable>(_ type: T.Type, from data: Data) throws -> T {
        try JSONDecoder().decode(type, from: data)
    }

    /// The elements of an array that can be decoded.
    public static func decodeArray<T: Decodable>(of type: T.Type, from data: Data) throws -> [T] {
        try JSONDecoder().decode([Forgiving<T>].self, from: data).compactMap(\.value)
    }
}
