/// One text in every language that the program speaks: a missing one does not compile.
///
/// `{0}`, `{1}`… stand for arguments.
public struct Phrase: Hashable, Sendable {
    public var english: String
    public var simplifiedChinese: String

    public init(_ english: String, _ simplifiedChinese: String) {
        self.english = english
        self.simplifiedChinese = simplifiedChinese
    }

    public subscript(_ language: Language) -> String {
        switch language {
        case .english: english
        case .simplifiedChinese: simplifiedChinese
        }
    }
}

/// A catalogue: an enum of keys that gives each of them its phrase by an exhaustive `switch`.
public protocol TextKey: Hashable, Sendable, CaseIterable {
    var phrase: Phrase { get }
}

extension Language {
    /// The text of a key with its arguments put in place. Arguments are not looked at for placeholders again.
    public func text(_ key: some TextKey, _ arguments: String...) -> String {
        fill(key.phrase[self], arguments)
    }

    func fill(_ template: String, _ arguments: [String]) -> String {
        guard !arguments.isEmpty, template.contains("{") else { return template }
        var result = ""
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let after = rest[rest.index(after: open)...]
            if let close = after.firstIndex(of: "}"), let index = Int(after[..<close]),
                arguments.indices.contains(index)
            {
                result += arguments[index]
                rest = after[after.index(after: close)...]
            } else {
                result += "{"
                rest = after
            }
        }
        return result + rest
    }
}
