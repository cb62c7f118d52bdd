import Core
import Foundation
import GRDB

/// How one schema answers the parts of a search. Each answer is an SQL condition.
public protocol SearchSchema {
    /// Rows whose text matches an FTS5 expression.
    func text(matching expression: String) -> SQL
    func tag(_ name: String) -> SQL
    func by(_ acct: String) -> SQL
    func since(_ date: Date) -> SQL
    /// Before the instant (the compiler has already moved it to the end of the day).
    func before(_ date: Date) -> SQL
    func flag(_ flag: SearchQuery.Flag) -> SQL
    func hasAlt() -> SQL
    func license(_ license: String) -> SQL
}

/// Turns a parsed search into one SQL condition. What is only about words goes to the full-text index in one piece.
public struct SearchCompiler<Schema: SearchSchema> {
    private let schema: Schema

    public init(_ schema: Schema) { self.schema = schema }

    public func condition(_ query: SearchQuery) -> SQL {
        if let expression = fullText(query) { return schema.text(matching: expression) }
        switch query {
        case .everything: return "1"
        // Words without a single letter or digit, such as "!!!", are in no text.
        case .word, .phrase, .prefix: return "0"
        case .tag(let name): return schema.tag(name)
        case .by(let acct): return schema.by(acct)
        case .since(let date): return schema.since(date)
        case .until(let date): return schema.before(date.addingTimeInterval(86_400))
        case .flag(let flag): return schema.flag(flag)
        case .hasAlt: return schema.hasAlt()
        case .license(let license): return schema.license(license)
        case .not(let inner): return SQL("NOT (\(condition(inner)))")
        case .any(let branches): return joined(branches.map(condition), by: " OR ")
        case .all(let terms):
            let searchable = terms.filter { !isEmptyText($0) }
            if searchable.isEmpty { return "0" }
            let words = searchable.compactMap(fullText)
            var conditions = searchable.filter { fullText($0) == nil }.map(condition)
            if !words.isEmpty { conditions.insert(schema.text(matching: words.joined(separator: " AND ")), at: 0) }
            return joined(conditions, by: " AND ")
        }
    }

    private func joined(_ conditions: [SQL], by separator: String) -> SQL {
        SQL("(\(conditions.map { SQL("(\($0))") }.joined(separator: separator)))")
    }

    private func isEmptyText(_ query: SearchQuery) -> Bool {
        switch query {
        case .word(let text), .phrase(let text), .prefix(let text): TextTokenizer.tokens(of: text).isEmpty
        default: false
        }
    }

    /// An FTS5 expression (SQLite FTS5, section 3) for a query that is only about words; nil for any other.
    private func fullText(_ query: SearchQuery) -> String? {
        switch query {
        case .word(let text), .phrase(let text): return phrase(text)
        case .prefix(let text): return phrase(text).map { $0 + "*" }
        case .any(let branches):
            let parts = branches.compactMap(fullText)
            return parts.count == branches.count ? "(" + parts.joined(separator: " OR ") + ")" : nil
        case .all(let terms):
            let parts = terms.compactMap(fullText)
            return parts.count == terms.count ? "(" + parts.joined(separator: " AND ") + ")" : nil
        default: return nil
        }
    }

    /// Words in a row, quoted so that nothing in them is syntax.
    private func phrase(_ text: String) -> String? {
        let words = TextTokenizer.tokens(of: text).map(\.text)
        return words.isEmpty ? nil : "\"" + words.joined(separator: " ") + "\""
    }
}
