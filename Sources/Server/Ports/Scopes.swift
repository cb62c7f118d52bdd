/// OAuth scopes in Mastodon's vocabulary: `read`, `write`, `follow`, `push`, `profile`, and finer ones such as
/// `write:media`, which the coarse one includes.
package struct Scopes: Hashable, Sendable, CustomStringConvertible {
    package var names: Set<String>

    /// What a client gets that asks for nothing.
    package static let read = Scopes(names: ["read"])
    private static let coarse: Set<String> = ["read", "write", "follow", "push", "profile"]

    package init(names: Set<String>) { self.names = names }

    /// Reads the form with spaces; nil when a scope is unknown.
    package init?(_ text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "+" }).map(String.init)
        guard words.count <= 64, words.allSatisfy(Scopes.isKnown) else { return nil }
        names = Set(words)
    }

    package var description: String { names.sorted().joined(separator: " ") }

    /// Whether a token with these scopes may do what needs that one.
    package func allow(_ needed: String) -> Bool {
        if names.contains(needed) { return true }
        let parts = needed.split(separator: ":", maxSplits: 1)
        guard let head = parts.first else { return false }
        if names.contains(String(head)) { return true }
        // `follow` is the old name for reading and writing relationships.
        return names.contains("follow") && ["read:follows", "write:follows"].contains(needed)
    }

    /// Whether an app with these scopes may ask for the others.
    package func cover(_ other: Scopes) -> Bool { other.names.allSatisfy(allow) }

    private static func isKnown(_ name: String) -> Bool {
        if coarse.contains(name) { return true }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "read" || parts[0] == "write" || parts[0] == "admin" else { return false }
        return parts.dropFirst().allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "_") }
        }
    }
}
