import Core
import Foundation
import GRDB

/// Writes statuses with everything that is derived from them, inside somebody's transaction.
struct StatusWriter {
    let db: GRDB.Database
    let me: String
    /// What the feed names now belongs to this generation; a complete snapshot sweeps the earlier ones.
    let generation: Int
    private let follows: Set<String>
    /// What this transaction has written already: a page names few people often.
    private var people: [String: Account] = [:]

    /// The generation of a status that the feed has not named yet: an answer may be older than a snapshot, which sends
    /// no tombstones, and so bring back what was deleted before the snapshot.
    static let doubtful = -1

    init(_ db: GRDB.Database, me: String) throws {
        self.db = db
        self.me = me
        generation = try Meta.number(db, .generation) ?? 0
        follows = try String.fetchSet(db, sql: "SELECT account_id FROM follows")
    }

    /// - Parameters:
    ///   - inHome: the server said that it is in the home timeline; else it is where its author is followed.
    ///   - isFeed: it comes from the changes feed, which knows what came back (a post that became visible again);
    ///     everything else may be older than a deletion.
    mutating func put(_ status: Status, inHome: Bool = false, isFeed: Bool = false) throws {
        if isFeed {
            try db.cachedStatement(sql: "DELETE FROM tombstones WHERE id = ?").execute(arguments: [status.id])
        } else if try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM tombstones WHERE id = ?"), arguments: [status.id]) == true
        {
            return
        }
        try put(status.account)
        let old = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT row, body, home, generation FROM statuses WHERE id = ?"),
            arguments: [status.id])
        var bare = status
        bare.account = Account(id: status.account.id, username: "")
        let row: Int64
        if let old { row = old["row"] } else { row = try freeRow(for: status) }
        let wasHome: Bool = old?["home"] ?? false
        let oldStatus = try old.map { try StoreJSON.value(Status.self, $0["body"]) }
        try db.cachedStatement(
            sql: """
                INSERT INTO statuses (row, id, account_id, body, home, local, sensitive, favourited, bookmarked,
                    has_alt, license, client_id, generation)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (row) DO UPDATE SET account_id = excluded.account_id, body = excluded.body,
                    home = excluded.home, local = excluded.local, sensitive = excluded.sensitive,
                    favourited = excluded.favourited, bookmarked = excluded.bookmarked, has_alt = excluded.has_alt,
                    license = excluded.license, client_id = coalesce(excluded.client_id, client_id),
                    generation = excluded.generation
                """
        ).execute(arguments: [
            row, status.id, status.account.id, try StoreJSON.text(bare),
            inHome || wasHome || status.account.id == me || follows.contains(status.account.id),
            Self.isLocal(status), status.sensitive, status.favourited, status.bookmarked, Self.hasAlt(status),
            status.provenance?.license?.lowercased() ?? "", status.provenance?.clientID?.description,
            isFeed ? generation : old?["generation"] ?? Self.doubtful,
        ])
        try index(status, over: oldStatus, row: row)
    }

    mutating func put(_ account: Account) throws {
        guard people[account.id] != account else { return }
        people[account.id] = account
        let body = try StoreJSON.text(account)
        try db.cachedStatement(
            sql: """
                INSERT INTO accounts (id, acct, body) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET acct = excluded.acct, body = excluded.body
                WHERE body != excluded.body
                """
        ).execute(arguments: [account.id, account.acct.lowercased(), body])
    }

    /// Takes a status away; the tombstone keeps a page that is under way from bringing it back.
    func remove(_ id: String, at date: Date) throws {
        let found = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT row, body FROM statuses WHERE id = ?"), arguments: [id])
        let row: Int64? = found?["row"]
        try db.cachedStatement(
            sql: "INSERT INTO tombstones (id, row, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [id, row, date.timeIntervalSince1970])
        if let found { try erase(found) }
    }

    /// Takes away what a complete snapshot did not name; what is doubtful stays.
    func sweep() throws {
        while true {
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT row, body FROM statuses WHERE generation BETWEEN 0 AND ? LIMIT 500"),
                arguments: [generation - 1])
            if rows.isEmpty { return }
            for row in rows { try erase(row) }
        }
    }

    private func erase(_ found: Row) throws {
        let row: Int64 = found["row"]
        try unindex(try StoreJSON.value(Status.self, found["body"]), row: row)
        try db.cachedStatement(sql: "DELETE FROM statuses WHERE row = ?").execute(arguments: [row])
    }

    /// The status's own place, or the next free one.
    private func freeRow(for status: Status) throws -> Int64 {
        var row = StatusOrder.key(status.createdAt, id: status.id)
        let taken = try db.cachedStatement(sql: "SELECT 1 FROM statuses WHERE row = ?")
        while try Bool.fetchOne(taken, arguments: [row]) == true { row += 1 }
        return row
    }

    /// The index has no copy of the text (`content = ''`), so what leaves it must be named exactly as it went in.
    private func index(_ status: Status, over old: Status?, row: Int64) throws {
        let now = SearchText(status)
        if let old {
            if SearchText(old) == now { return }
            try unindex(old, row: row)
        }
        try db.cachedStatement(sql: "INSERT INTO status_text (rowid, text, alt, tags) VALUES (?, ?, ?, ?)")
            .execute(arguments: [row, now.text, now.alt, now.tags])
        let insert = try db.cachedStatement(sql: "INSERT OR IGNORE INTO status_tags (tag, row) VALUES (?, ?)")
        for tag in status.tags { try insert.execute(arguments: [tag.lowercased(), row]) }
    }

    private func unindex(_ old: Status, row: Int64) throws {
        let text = SearchText(old)
        try db.cachedStatement(
            sql: "INSERT INTO status_text (status_text, rowid, text, alt, tags) VALUES ('delete', ?, ?, ?, ?)"
        ).execute(arguments: [row, text.text, text.alt, text.tags])
        let delete = try db.cachedStatement(sql: "DELETE FROM status_tags WHERE tag = ? AND row = ?")
        for tag in old.tags { try delete.execute(arguments: [tag.lowercased(), row]) }
    }

    private static func isLocal(_ status: Status) -> Bool {
        status.visibility == .public && !status.account.acct.contains("@") && status.inReplyToID == nil
    }

    private static func hasAlt(_ status: Status) -> Bool {
        status.media.contains { !($0.description ?? "").isEmpty }
    }
}

/// What of a status can be found by words.
struct SearchText: Hashable {
    var text: String
    var alt: String
    var tags: String

    init(_ status: Status) {
        text = status.spoilerText.isEmpty ? status.text : status.spoilerText + "\n" + status.text
        alt = status.media.compactMap(\.description).joined(separator: "\n")
        tags = status.tags.joined(separator: " ")
    }
}
