import Core
import Foundation
import GRDB

extension StatusRecord {
    init(row: Row) {
        self.init(
            id: row["id"], accountID: row["account_id"], text: row["text"], spoilerText: row["spoiler"],
            sensitive: row["sensitive"], visibility: Visibility(rawValue: row["visibility"]) ?? .direct,
            language: row["language"], inReplyToID: row["in_reply_to_id"],
            inReplyToAccountID: row["in_reply_to_account_id"], reblogOfID: row["reblog_of_id"],
            clientID: row["client_id"], markID: row["mark_id"], license: row["license"], recipe: row["recipe"],
            revision: row["revision"], favouritesCount: row["favourites"], reblogsCount: row["reblogs"],
            repliesCount: row["replies"], createdAt: Date(milliseconds: row["created_at"]),
            editedAt: (row["edited_at"] as Int64?).map(Date.init(milliseconds:)), appName: row["app_name"],
            appWebsite: row["app_website"], createdSequence: row["created_seq"], changedSequence: row["changed_seq"])
    }

    var arguments: StatementArguments {
        [
            "id": id, "account": accountID, "text": text, "spoiler": spoilerText, "sensitive": sensitive,
            "visibility": visibility.rawValue, "language": language, "replyTo": inReplyToID,
            "replyToAccount": inReplyToAccountID, "reblogOf": reblogOfID, "client": clientID, "mark": markID,
            "license": license, "recipe": recipe, "revision": revision, "favourites": favouritesCount,
            "reblogs": reblogsCount, "replies": repliesCount, "createdAt": createdAt.milliseconds,
            "editedAt": editedAt?.milliseconds, "appName": appName, "appWebsite": appWebsite,
            "created": createdSequence, "changed": changedSequence,
        ]
    }
}

extension SQLiteTransaction {
    /// The condition under which `:viewer` may see the post `s`.
    static let visible = """
        (s.visibility IN ('public', 'unlisted') OR s.account_id = :viewer
            OR (s.visibility = 'private' AND EXISTS (
                SELECT 1 FROM follows v WHERE v.account_id = :viewer AND v.target_id = s.account_id))
            OR (s.visibility IN ('private', 'direct') AND EXISTS (
                SELECT 1 FROM mentions v WHERE v.status_id = s.id AND v.account_id = :viewer)))
        """

    func status(_ id: RecordID, viewer: RecordID?) throws -> StatusRecord? {
        try row(
            "SELECT s.* FROM statuses s WHERE s.id = :id AND \(Self.visible)", ["id": id, "viewer": viewer]
        ).map(StatusRecord.init(row:))
    }

    func statuses(_ ids: [RecordID], viewer: RecordID?) throws -> [StatusRecord] {
        if ids.isEmpty { return [] }
        let found = try rows(
            "SELECT s.* FROM statuses s WHERE s.id IN (SELECT value FROM json_each(:ids)) AND \(Self.visible)",
            ["ids": list(ids), "viewer": viewer]
        ).map(StatusRecord.init(row:))
        let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        return ids.compactMap { byID[$0] }
    }

    func tags(ofStatuses ids: [RecordID]) throws -> [RecordID: [String]] {
        var tags: [RecordID: [String]] = [:]
        for row in try rows(
            """
            SELECT status_id, tag FROM status_tags WHERE status_id IN (SELECT value FROM json_each(:ids))
            ORDER BY status_id, position
            """, ["ids": list(ids)])
        {
            tags[row["status_id"], default: []].append(row["tag"])
        }
        return tags
    }

    func mentions(ofStatuses ids: [RecordID]) throws -> [RecordID: [RecordID]] {
        var mentions: [RecordID: [RecordID]] = [:]
        for row in try rows(
            "SELECT * FROM mentions WHERE status_id IN (SELECT value FROM json_each(:ids))", ["ids": list(ids)])
        {
            mentions[row["status_id"], default: []].append(row["account_id"])
        }
        return mentions
    }

    func marks(of viewer: RecordID, on ids: [RecordID]) throws -> ViewerMarks {
        let arguments: StatementArguments = ["viewer": viewer, "ids": list(ids)]
        func set(_ table: String, _ column: String) throws -> Set<RecordID> {
            Set(
                try rows(
                    """
                    SELECT \(column) AS id FROM \(table) WHERE account_id = :viewer
                    AND \(column) IN (SELECT value FROM json_each(:ids))
                    """, arguments
                ).map { $0["id"] })
        }
        return ViewerMarks(
            favourited: try set("favourites", "status_id"), bookmarked: try set("bookmarks", "status_id"),
            reblogged: try set("statuses", "reblog_of_id"))
    }

    func ancestors(of status: StatusRecord, viewer: RecordID?, limit: Int) throws -> [StatusRecord] {
        var chain: [StatusRecord] = []
        var next = status.inReplyToID
        while let id = next, chain.count < limit, let parent = try self.status(id, viewer: viewer) {
            chain.append(parent)
            next = parent.inReplyToID
        }
        return chain.reversed()
    }

    func descendants(of status: StatusRecord, viewer: RecordID?, limit: Int) throws -> [StatusRecord] {
        try rows(
            """
            WITH RECURSIVE thread (id) AS (
                SELECT id FROM statuses WHERE in_reply_to_id = :id
                UNION SELECT s.id FROM statuses s JOIN thread t ON s.in_reply_to_id = t.id LIMIT :limit)
            SELECT s.* FROM thread t JOIN statuses s ON s.id = t.id WHERE \(Self.visible) ORDER BY s.id
            """, ["id": status.id, "viewer": viewer, "limit": limit]
        ).map(StatusRecord.init(row:))
    }

    func versions(of id: RecordID) throws -> [StatusVersion] {
        try rows("SELECT * FROM versions WHERE status_id = :id ORDER BY revision", ["id": id]).map { row in
            StatusVersion(
                statusID: id, revision: row["revision"], text: row["text"], spoilerText: row["spoiler"],
                sensitive: row["sensitive"], createdAt: Date(milliseconds: row["created_at"]))
        }
    }

    func publication(_ key: PublicationKey, account: RecordID) throws -> Publication? {
        let found: Row? =
            switch key {
            case .client(let id):
                try row(
                    "SELECT * FROM publications WHERE account_id = :account AND client_id = :key",
                    ["account": account, "key": id])
            case .header(let key):
                try row(
                    "SELECT * FROM idempotency_keys WHERE account_id = :account AND key = :key",
                    ["account": account, "key": key])
            }
        return found.map { row in
            Publication(
                fingerprint: row["fingerprint"], statusID: row["status_id"],
                deletedAt: (row["deleted_at"] as Int64?).map(Date.init(milliseconds:)))
        }
    }

    func status(mark: String) throws -> StatusRecord? {
        try row("SELECT * FROM statuses WHERE mark_id = :mark", ["mark": mark]).map(StatusRecord.init(row:))
    }

    func reblog(of id: RecordID, by account: RecordID) throws -> StatusRecord? {
        try row(
            "SELECT * FROM statuses WHERE reblog_of_id = :id AND account_id = :account",
            ["id": id, "account": account]
        ).map(StatusRecord.init(row:))
    }

    func favouriters(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>] {
        try positioned(
            """
            SELECT f.id AS position, a.* FROM favourites f JOIN accounts a ON a.id = f.account_id
            WHERE f.status_id = :id
            """, "f.id", page, ["id": id])
    }

    func rebloggers(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>] {
        try positioned(
            """
            SELECT s.id AS position, a.* FROM statuses s JOIN accounts a ON a.id = s.account_id
            WHERE s.reblog_of_id = :id
            """, "s.id", page, ["id": id])
    }

    func tags(matching text: String, limit: Int, offset: Int) throws -> [(name: String, uses: Int)] {
        let name = (text.hasPrefix("#") ? String(text.dropFirst()) : text).lowercased()
        return try rows(
            """
            SELECT t.tag, count(*) AS uses FROM status_tags t JOIN statuses s ON s.id = t.status_id
            WHERE s.visibility = 'public' AND instr(t.tag, :name) > 0
            GROUP BY t.tag ORDER BY t.tag <> :name, instr(t.tag, :name) <> 1, uses DESC, t.tag
            LIMIT :limit OFFSET :offset
            """, ["name": name, "limit": limit, "offset": offset]
        ).map { ($0["tag"], $0["uses"]) }
    }
}
