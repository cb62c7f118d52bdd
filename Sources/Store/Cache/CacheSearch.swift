import Core
import Foundation
import GRDB
import TextIndex

/// The search grammar over `cache.db`, as it looks with the operations that wait.
struct CacheSearch: SearchSchema {
    /// The part of a list that is asked for.
    struct Window {
        var below: Int64
        var limit: Int
    }

    let me: String
    let overlay: Overlay
    /// Where one lookup in an index is the whole search, it need not go further than the page: a word that is in every
    /// post costs no more than a rare one. Nil where other conditions choose among what it finds.
    var window: Window?

    func text(matching expression: String) -> SQL {
        let part: SQL =
            window.map { "AND rowid < \($0.below) ORDER BY rowid DESC LIMIT \($0.limit)" } ?? ""
        return "statuses.row IN (SELECT rowid FROM status_text WHERE status_text MATCH \(expression) \(part))"
    }

    func tag(_ name: String) -> SQL {
        let part: SQL = window.map { "AND row < \($0.below) ORDER BY row DESC LIMIT \($0.limit)" } ?? ""
        return "statuses.row IN (SELECT row FROM status_tags WHERE tag = \(name.lowercased()) \(part))"
    }

    func by(_ acct: String) -> SQL {
        "statuses.account_id IN (SELECT id FROM accounts WHERE acct = \(acct.lowercased()))"
    }

    func since(_ date: Date) -> SQL { "statuses.row >= \(StatusOrder.start(of: date))" }
    func before(_ date: Date) -> SQL { "statuses.row < \(StatusOrder.start(of: date))" }

    func flag(_ flag: SearchQuery.Flag) -> SQL {
        switch flag {
        case .mine: "statuses.account_id = \(me)"
        // What is only in the queue is not in this database.
        case .queued: "0"
        case .bookmarked: overlay.bookmarked
        case .favourited: overlay.favourited
        case .sensitive: "statuses.sensitive = 1"
        }
    }

    func hasAlt() -> SQL { "statuses.has_alt = 1" }

    func license(_ license: String) -> SQL {
        "statuses.license = \(license.lowercased() == "none" ? "" : license.lowercased())"
    }
}

extension SearchQuery {
    /// Whether one lookup in the full-text index, or one in the tags, answers it.
    var isOneLookup: Bool {
        if case .tag = self { return true }
        return isOnlyText
    }

    private var isOnlyText: Bool {
        switch self {
        case .word, .phrase, .prefix: true
        case .all(let terms), .any(let terms): terms.allSatisfy(\.isOnlyText)
        default: false
        }
    }
}
