import Core
import Foundation
import GRDB

extension AccountRecord {
    init(row: Row) {
        self.init(
            id: row["id"], username: row["username"], email: row["email"], passwordHash: row["password"],
            displayName: row["display_name"], note: row["note"], locked: row["locked"], bot: row["bot"],
            discoverable: row["discoverable"],
            defaultVisibility: Visibility(rawValue: row["default_visibility"]) ?? .public,
            defaultSensitive: row["default_sensitive"], defaultLanguage: row["default_language"],
            fields: Stored.decode([ProfileField].self, row["fields"]) ?? [],
            avatar: Stored.decode(ProfilePicture.self, row["avatar"]),
            header: Stored.decode(ProfilePicture.self, row["header"]), createdAt: Date(milliseconds: row["created_at"]))
    }

    var arguments: StatementArguments {
        [
            "id": id, "username": username, "email": email, "password": passwordHash, "displayName": displayName,
            "note": note, "locked": locked, "bot": bot, "discoverable": discoverable,
            "visibility": defaultVisibility.rawValue, "sensitive": defaultSensitive, "language": defaultLanguage,
            "fields": Stored.encode(fields), "avatar": avatar.flatMap(Stored.encode),
            "header": header.flatMap(Stored.encode), "createdAt": createdAt.milliseconds,
        ]
    }
}

/// Small values that a column keeps as JSON.
enum Stored {
    static func encode(_ value: some Encodable) -> String? {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }

    static func decode<T: Decodable>(_ type: T.Type, _ text: String?) -> T? {
        text.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}

extension SQLiteTransaction {
    func account(_ id: RecordID) throws -> AccountRecord? {
        try row("SELECT * FROM accounts WHERE id = :id", ["id": id]).map(AccountRecord.init(row:))
    }

    func account(named name: String) throws -> AccountRecord? {
        try row("SELECT * FROM accounts WHERE username = :name", ["name": name]).map(AccountRecord.init(row:))
    }

    func account(email: String) throws -> AccountRecord? {
        try row("SELECT * FROM accounts WHERE email = :email", ["email": email]).map(AccountRecord.init(row:))
    }

    func accounts(_ ids: Set<RecordID>) throws -> [RecordID: AccountRecord] {
        let found = try rows(
            "SELECT * FROM accounts WHERE id IN (SELECT value FROM json_each(:ids))", ["ids": list(ids)])
        return Dictionary(uniqueKeysWithValues: found.map { ($0["id"], AccountRecord(row: $0)) })
    }

    func accountCounts(_ ids: Set<RecordID>) throws -> [RecordID: AccountCounts] {
        let found = try rows(
            """
            SELECT value AS id,
                (SELECT count(*) FROM follows WHERE target_id = value) AS followers,
                (SELECT count(*) FROM follows WHERE account_id = value) AS following,
                (SELECT count(*) FROM statuses WHERE account_id = value AND visibility <> 'direct') AS statuses,
                (SELECT created_at FROM statuses WHERE account_id = value ORDER BY id DESC LIMIT 1) AS last
            FROM json_each(:ids)
            """, ["ids": list(ids)])
        var counts: [RecordID: AccountCounts] = [:]
        for row in found {
            counts[row["id"]] = AccountCounts(
                followers: row["followers"], following: row["following"], statuses: row["statuses"],
                lastStatusAt: (row["last"] as Int64?).map(Date.init(milliseconds:)))
        }
        return counts
    }

    func accounts(matching text: String, page: Page) throws -> [AccountRecord] {
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : text
        return try rows(
            """
            SELECT * FROM accounts
            WHERE instr(lower(username), lower(:name)) > 0 OR instr(lower(display_name), lower(:name)) > 0
            ORDER BY username <> :name COLLATE NOCASE, instr(lower(username), lower(:name)) <> 1, username
            LIMIT :limit OFFSET :offset
            """, ["name": name, "limit": page.limit, "offset": page.offset]
        ).map(AccountRecord.init(row:))
    }

    func relations(of viewer: RecordID, to ids: [RecordID]) throws -> [RecordID: RelationRecord] {
        var relations: [RecordID: RelationRecord] = [:]
        for id in ids { relations[id] = RelationRecord() }
        let arguments: StatementArguments = ["viewer": viewer, "ids": list(ids)]
        for row in try rows(
            """
            SELECT target_id, reblogs, notify FROM follows
            WHERE account_id = :viewer AND target_id IN (SELECT value FROM json_each(:ids))
            """, arguments)
        {
            relations[row["target_id"], default: RelationRecord()].following = true
            relations[row["target_id"], default: RelationRecord()].showsReblogs = row["reblogs"]
            relations[row["target_id"], default: RelationRecord()].notifies = row["notify"]
        }
        for row in try rows(
            """
            SELECT account_id FROM follows
            WHERE target_id = :viewer AND account_id IN (SELECT value FROM json_each(:ids))
            """, arguments)
        {
            relations[row["account_id"], default: RelationRecord()].followedBy = true
        }
        return relations
    }

    func followers(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>] {
        try positioned(
            """
            SELECT f.id AS position, a.* FROM follows f JOIN accounts a ON a.id = f.account_id
            WHERE f.target_id = :id
            """, "f.id", page, ["id": id])
    }

    func following(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>] {
        try positioned(
            """
            SELECT f.id AS position, a.* FROM follows f JOIN accounts a ON a.id = f.target_id
            WHERE f.account_id = :id
            """, "f.id", page, ["id": id])
    }

    func positioned(
        _ sql: String, _ column: String, _ page: Page, _ arguments: StatementArguments
    ) throws -> [Positioned<AccountRecord>] {
        try paged(sql, column: column, page: page, arguments).map {
            Positioned(position: $0["position"], element: AccountRecord(row: $0))
        }
    }

    func totals(now: Date) throws -> (accounts: Int, statuses: Int, activeMonth: Int) {
        let month = now.addingTimeInterval(-30 * 86_400).milliseconds << 16
        return (
            Int(try integer("SELECT count(*) FROM accounts") ?? 0),
            Int(try integer("SELECT count(*) FROM statuses WHERE reblog_of_id IS NULL") ?? 0),
            Int(
                try integer("SELECT count(DISTINCT account_id) FROM statuses WHERE id > :month", ["month": month]) ?? 0)
        )
    }

    func insertAccount(_ account: AccountRecord) throws -> AccountRecord? {
        if try self.account(named: account.username) != nil || self.account(email: account.email) != nil { return nil }
        var account = account
        account.id = try newID(in: "accounts", at: account.createdAt)
        try run(
            """
            INSERT INTO accounts (id, username, email, password, display_name, note, locked, bot, discoverable,
                default_visibility, default_sensitive, default_language, fields, avatar, header, created_at)
            VALUES (:id, :username, :email, :password, :displayName, :note, :locked, :bot, :discoverable,
                :visibility, :sensitive, :language, :fields, :avatar, :header, :createdAt)
            """, account.arguments)
        return account
    }

    func updateAccount(_ account: AccountRecord) throws {
        try run(
            """
            UPDATE accounts SET username = :username, email = :email, password = :password,
                display_name = :displayName, note = :note, locked = :locked, bot = :bot, discoverable = :discoverable,
                default_visibility = :visibility, default_sensitive = :sensitive, default_language = :language,
                fields = :fields, avatar = :avatar, header = :header, created_at = :createdAt
            WHERE id = :id
            """, account.arguments)
    }

    func follow(
        _ target: RecordID, by account: RecordID, reblogs: Bool, notify: Bool, at date: Date
    ) throws -> Bool {
        let known = try run(
            """
            UPDATE follows SET reblogs = :reblogs, notify = :notify
            WHERE account_id = :account AND target_id = :target
            """, ["account": account, "target": target, "reblogs": reblogs, "notify": notify])
        if known > 0 { return false }
        try run(
            "INSERT INTO follows VALUES (:id, :account, :target, :reblogs, :notify)",
            [
                "id": try newID(in: "follows", at: date), "account": account, "target": target, "reblogs": reblogs,
                "notify": notify,
            ])
        try touchPrivateStatuses(of: target, for: account)
        return true
    }

    func unfollow(_ target: RecordID, by account: RecordID) throws -> Bool {
        let gone = try run(
            "DELETE FROM follows WHERE account_id = :account AND target_id = :target",
            ["account": account, "target": target])
        if gone > 0 { try touchPrivateStatuses(of: target, for: account) }
        return gone > 0
    }

    /// Posts for followers come into the viewer's sight, or leave it.
    private func touchPrivateStatuses(of target: RecordID, for viewer: RecordID) throws {
        for row in try rows(
            "SELECT id FROM statuses WHERE account_id = :target AND visibility = 'private' AND reblog_of_id IS NULL",
            ["target": target])
        {
            try touch(row["id"], for: viewer)
        }
    }
}
