import Foundation

/// The parameters of a request, whatever form they came in: query, JSON, form or multipart.
///
/// Names are flat: `fields_attributes[0][name]`, and `media_ids[]` for the elements of a list.
package struct Form: Sendable {
    /// A file that came with the request.
    package struct File: Sendable {
        /// A temporary file; whoever handles the request removes it.
        package var url: URL
        package var bytes: Int
    }

    package private(set) var values: [(name: String, value: String)] = []
    package var files: [String: File] = [:]
    /// Names that were given the value null.
    private var nulls: Set<String> = []

    static let maximumValues = 2_000
    static let maximumDepth = 8

    package init() {}

    package mutating func append(_ name: String, _ value: String) throws {
        guard values.count < Self.maximumValues else { throw APIError.badRequest("Too many parameters") }
        values.append((name, value))
    }

    package mutating func append(contentsOf other: Form) throws {
        for (name, value) in other.values { try append(name, value) }
        nulls.formUnion(other.nulls)
    }

    /// The last value of that name.
    package func string(_ name: String) -> String? { values.last { $0.name == name }?.value }

    /// Without surrounding space; nil when empty.
    package func nonEmpty(_ name: String) -> String? {
        guard let text = string(name)?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
            return nil
        }
        return text
    }

    package func contains(_ name: String) -> Bool { values.contains { $0.name == name } || nulls.contains(name) }

    /// The elements of a list, written as `name[]`, `name[0]` or `name` more than once; nil when it is absent.
    package func strings(_ name: String) -> [String]? {
        let found = values.filter { pair in
            guard pair.name.hasPrefix(name) else { return false }
            let rest = pair.name.dropFirst(name.count)
            return rest.isEmpty || rest == "[]"
                || (rest.first == "[" && rest.last == "]" && rest.dropFirst().dropLast().allSatisfy(\.isNumber))
        }
        return found.isEmpty ? nil : found.map(\.value)
    }

    /// True for what HTML forms, JSON and the usual clients send for it.
    package func bool(_ name: String) -> Bool? {
        guard let text = string(name)?.lowercased() else { return nil }
        return !["", "0", "false", "f", "off", "no"].contains(text)
    }

    /// The elements of a list of objects: `name[0][key]`, or `name[][key]` where a key that comes again begins the
    /// next element.
    package func objects(_ name: String) -> [[String: String]] {
        var objects: [(label: String, fields: [String: String])] = []
        for (key, value) in values where key.hasPrefix(name + "[") && key.hasSuffix("]") {
            let parts = key.dropFirst(name.count + 1).dropLast().components(separatedBy: "][")
            guard parts.count == 2 else { continue }
            if let last = objects.last, last.label == parts[0], parts[0] != "" || last.fields[parts[1]] == nil {
                objects[objects.count - 1].fields[parts[1]] = value
            } else {
                objects.append((parts[0], [parts[1]: value]))
            }
        }
        return objects.map(\.fields)
    }

    package func int(_ name: String) throws -> Int? {
        guard let text = nonEmpty(name) else { return nil }
        guard let value = Int(text) else { throw APIError.badRequest("\(name) is not a number") }
        return value
    }

    package func id(_ name: String) throws -> RecordID? {
        guard let text = nonEmpty(name) else { return nil }
        return RecordID(text)
    }
}

extension Form {
    /// application/x-www-form-urlencoded, also of a query.
    package init(urlEncoded text: Substring) throws {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try append(Form.decode(parts[0]), parts.count > 1 ? Form.decode(parts[1]) : "")
        }
    }

    private static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A JSON object.
    package init(json data: Data) throws {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: data), case .object = value else {
            throw APIError.badRequest("The body is not a JSON object")
        }
        try flatten(value, "", depth: 0)
    }

    private mutating func flatten(_ value: JSONValue, _ name: String, depth: Int) throws {
        guard depth <= Self.maximumDepth else { throw APIError.badRequest("The JSON is nested too deeply") }
        switch value {
        case .text(let text): try append(name, text)
        case .null: nulls.insert(name)
        case .list(let list):
            for (index, element) in list.enumerated() {
                if case .text = element {
                    try flatten(element, "\(name)[]", depth: depth + 1)
                } else {
                    try flatten(element, "\(name)[\(index)]", depth: depth + 1)
                }
            }
        case .object(let object):
            for (key, element) in object.sorted(by: { $0.key < $1.key }) {
                try flatten(element, name.isEmpty ? key : "\(name)[\(key)]", depth: depth + 1)
            }
        }
    }
}

/// JSON with its numbers and truth values as text, which is how every parameter is read.
private enum JSONValue: Decodable {
    case null
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let truth = try? value.decode(Bool.self) {
            self = .text(truth ? "true" : "false")
        } else if let number = try? value.decode(Int64.self) {
            self = .text(String(number))
        } else if let number = try? value.decode(Double.self) {
            self = .text(String(number))
        } else if let list = try? value.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }
}
