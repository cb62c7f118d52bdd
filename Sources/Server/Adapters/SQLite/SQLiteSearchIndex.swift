import Core
import Foundation
import GRDB
import TextIndex

/// Full-text search by FTS5 in the database itself; posts are indexed in the transaction that writes them.
package struct SQLiteSearchIndex: SearchIndex {
    private let database: SQLiteDatabase

    package init(_ database: SQLiteDatabase) { self.database = database }

    package func statuses(matching query: SearchQuery, viewer: RecordID?, page: Page) async throws -> [RecordID] {
        var search = SQL(
            sql: "SELECT s.id FROM statuses s WHERE s.reblog_of_id IS NULL AND \(SQLiteTransaction.visible) AND (",
            arguments: ["viewer": viewer])
        search += SearchCompiler(Conditions(viewer: viewer)).condition(query)
        search += ")"
        if let maxID = page.maxID { search += " AND s.id < \(maxID)" }
        if let minID = page.minID ?? page.sinceID { search += " AND s.id > \(minID)" }
        search += " ORDER BY s.id DESC LIMIT \(page.limit) OFFSET \(page.offset)"
        let request = SQLRequest<RecordID>(literal: search)
        return try await database.pool.read { db in try request.fetchAll(db) }
    }
}

/// How the server's schema answers the parts of a search.
private struct Conditions: SearchSchema {
    let viewer: RecordID?

    func text(matching expression: String) -> SQL {
        "s.id IN (SELECT rowid FROM status_fts WHERE status_fts MATCH \(expression))"
    }

    func tag(_ name: String) -> SQL { "s.id IN (SELECT status_id FROM status_tags WHERE tag = \(name))" }

    func by(_ acct: String) -> SQL {
        let name = String(acct.prefix { $0 != "@" })
        return "s.account_id IN (SELECT id FROM accounts WHERE username = \(name))"
    }

    func since(_ date: Date) -> SQL { "s.created_at >= \(date.milliseconds)" }
    func before(_ date: Date) -> SQL { "s.created_at < \(date.milliseconds)" }

    func flag(_ flag: SearchQuery.Flag) -> SQL {
        switch flag {
        case .mine: "s.account_id = \(viewer)"
        // What waits in a client's queue is not here.
        case .queued: "0"
        case .bookmarked: "s.id IN (SELECT status_id FROM bookmarks WHERE account_id = \(viewer))"
        case .favourited: "s.id IN (SELECT status_id FROM favourites WHERE account_id = \(viewer))"
        case .sensitive: "s.sensitive"
        }
    }

    func hasAlt() -> SQL {
        "EXISTS (SELECT 1 FROM media m WHERE m.status_id = s.id AND length(m.description) > 0)"
    }

    func license(_ license: String) -> SQL {
        license == "none" ? "s.license IS NULL" : "s.license = \(license) COLLATE NOCASE"
    }
}
