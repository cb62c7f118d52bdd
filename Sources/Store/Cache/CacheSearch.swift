import Core
import Foundation
import GRDB
import TextIndex

/// The search grammar over `cache.db`, as it looks with the operations that wait.
struct CacheSearch: SearchSchema {
    let me: String
    let overlay: Overlay

    func text(matching expression: String) -> SQL {
        "statuses.row IN (SELECT rowid FROM status_text WHERE status_text MATCH \(expression))"
    }

    func tag(_ name: String) -> SQL {
        "statuses.row IN (SELECT row FROM status_tags WHERE tag = \(name.lowercased()))"
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
