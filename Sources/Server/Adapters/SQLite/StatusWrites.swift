import Core
import Foundation
import GRDB

extension SQLiteTransaction {
    func insertStatus(
        _ status: StatusRecord, tags: [String], mentions: [RecordID], mediaIDs: [RecordID]
    ) throws -> StatusRecord {
        var status = status
        status.id = try newID(in: "statuses", at: status.createdAt)
        status.createdSequence = try nextSequence()
        status.changedSequence = status.createdSequence
        try run(
            """
            INSERT INTO statuses (id, account_id, text, spoiler, sensitive, visibility, language, in_reply_to_id,
                in_reply_to_account_id, reblog_of_id, client_id, mark_id, license, recipe, revision, favourites,
                reblogs, replies, created_at, edited_at, app_name, app_website, created_seq, changed_seq)
            VALUES (:id, :account, :text, :spoiler, :sensitive, :visibility, :language, :replyTo,
                :replyToAccount, :reblogOf, :client, :mark, :license, :recipe, :revision, :favourites,
                :reblogs, :replies, :createdAt, :editedAt, :appName, :appWebsite, :created, :changed)
            """, status.arguments)
        try insertParts(of: status.id, tags: tags, mentions: mentions)
        try attach(mediaIDs, to: status.id)
        if status.reblogOfID == nil { try index(status, tags: tags) }
        if let parent = status.inReplyToID { try count("replies", 1, on: parent) }
        if let original = status.reblogOfID { try count("reblogs", 1, on: original) }
        return status
    }

    func insertPublication(
        _ key: PublicationKey, account: RecordID, fingerprint: String, statusID: RecordID, at date: Date
    ) throws {
        switch key {
        case .client(let id):
            try run(
                "INSERT INTO publications VALUES (:account, :key, :fingerprint, :status, NULL)",
                ["account": account, "key": id, "fingerprint": fingerprint, "status": statusID])
        case .header(let key):
            try run(
                "INSERT INTO idempotency_keys VALUES (:account, :key, :fingerprint, :status, NULL, :date)",
                [
                    "account": account, "key": key, "fingerprint": fingerprint, "status": statusID,
                    "date": date.milliseconds,
                ])
        }
    }

    func reservePublication(_ clientID: String, account: RecordID, deletedAt date: Date) throws {
        try run(
            "INSERT INTO publications VALUES (:account, :key, '', 0, :date)",
            ["account": account, "key": clientID, "date": date.milliseconds])
    }

    func updateStatus(
        _ status: StatusRecord, tags: [String], mentions: [RecordID], mediaIDs: [RecordID]?
    ) throws -> StatusRecord {
        try run(
            """
            INSERT INTO versions SELECT id, revision, text, spoiler, sensitive, coalesce(edited_at, created_at)
            FROM statuses WHERE id = :id
            """, ["id": status.id])
        var status = status
        status.revision += 1
        status.changedSequence = try nextSequence()
        try run(
            """
            UPDATE statuses SET text = :text, spoiler = :spoiler, sensitive = :sensitive, language = :language,
                license = :license, revision = :revision, edited_at = :editedAt, changed_seq = :changed
            WHERE id = :id
            """,
            [
                "id": status.id, "text": status.text, "spoiler": status.spoilerText, "sensitive": status.sensitive,
                "language": status.language, "license": status.license, "revision": status.revision,
                "editedAt": status.editedAt?.milliseconds, "changed": status.changedSequence,
            ])
        try run("DELETE FROM status_tags WHERE status_id = :id", ["id": status.id])
        // Who was mentioned once keeps seeing the post: an edit adds mentions and takes none away.
        try insertParts(of: status.id, tags: tags, mentions: mentions)
        if let mediaIDs {
            try run(
                """
                UPDATE media SET status_id = NULL, loose_since = :now, withdrawn = 1
                WHERE status_id = :id AND id NOT IN (SELECT value FROM json_each(:kept))
                """,
                ["id": status.id, "now": (status.editedAt ?? status.createdAt).milliseconds, "kept": list(mediaIDs)])
            try attach(mediaIDs, to: status.id)
        }
        try index(status, tags: tags)
        return status
    }

    func deleteStatus(_ status: StatusRecord, at date: Date) throws {
        let id: StatementArguments = ["id": status.id]
        for row in try rows("SELECT * FROM statuses WHERE reblog_of_id = :id", id) {
            try deleteStatus(StatusRecord(row: row), at: date)
        }
        for statement in [
            "DELETE FROM status_fts WHERE rowid = :id", "DELETE FROM status_tags WHERE status_id = :id",
            "DELETE FROM favourites WHERE status_id = :id", "DELETE FROM bookmarks WHERE status_id = :id",
            "DELETE FROM versions WHERE status_id = :id", "DELETE FROM notifications WHERE status_id = :id",
            "DELETE FROM statuses WHERE id = :id",
        ] {
            try run(statement, id)
        }
        let dated: StatementArguments = ["id": status.id, "now": date.milliseconds]
        try run(
            "UPDATE media SET status_id = NULL, loose_since = :now, withdrawn = 1 WHERE status_id = :id", dated)
        try run("UPDATE publications SET deleted_at = :now WHERE status_id = :id", dated)
        try run("UPDATE idempotency_keys SET deleted_at = :now WHERE status_id = :id", dated)
        if let parent = status.inReplyToID { try count("replies", -1, on: parent) }
        if let original = status.reblogOfID {
            try run("DELETE FROM mentions WHERE status_id = :id", id)
            try count("reblogs", -1, on: original)
        } else {
            // The mentions stay beside the tombstone: they say who is to hear of it.
            try run(
                "INSERT INTO tombstones VALUES (:id, :account, :visibility, :seq, :now)",
                [
                    "id": status.id, "account": status.accountID, "visibility": status.visibility.rawValue,
                    "seq": try nextSequence(), "now": date.milliseconds,
                ])
        }
    }

    func setFavourite(_ on: Bool, status: RecordID, account: RecordID, at date: Date) throws -> Bool {
        guard try setMark(on, in: "favourites", status: status, account: account, at: date) else { return false }
        try count("favourites", on ? 1 : -1, on: status)
        return true
    }

    func setBookmark(_ on: Bool, status: RecordID, account: RecordID, at date: Date) throws -> Bool {
        guard try setMark(on, in: "bookmarks", status: status, account: account, at: date) else { return false }
        // Nobody else is to learn of a bookmark: the change is the viewer's alone.
        try touch(status, for: account)
        return true
    }

    func deleteExpiredKeys(before date: Date) throws {
        try run("DELETE FROM idempotency_keys WHERE created_at < :date", ["date": date.milliseconds])
    }

    /// Returns whether anything changed.
    private func setMark(
        _ on: Bool, in table: String, status: RecordID, account: RecordID, at date: Date
    ) throws -> Bool {
        if on {
            return try run(
                "INSERT OR IGNORE INTO \(table) VALUES (:id, :account, :status)",
                ["id": try newID(in: table, at: date), "account": account, "status": status]) > 0
        }
        return try run(
            "DELETE FROM \(table) WHERE account_id = :account AND status_id = :status",
            ["account": account, "status": status]) > 0
    }

    private func count(_ column: String, _ difference: Int, on status: RecordID) throws {
        try run(
            "UPDATE statuses SET \(column) = max(0, \(column) + :difference) WHERE id = :id",
            ["difference": difference, "id": status])
        try touchStatus(status)
    }

    private func insertParts(of id: RecordID, tags: [String], mentions: [RecordID]) throws {
        for (position, tag) in tags.enumerated() {
            try run(
                "INSERT OR IGNORE INTO status_tags VALUES (:tag, :id, :position)",
                ["tag": tag, "id": id, "position": position])
        }
        for account in mentions {
            try run("INSERT OR IGNORE INTO mentions VALUES (:id, :account)", ["id": id, "account": account])
        }
    }

    private func attach(_ mediaIDs: [RecordID], to status: RecordID) throws {
        for (position, id) in mediaIDs.enumerated() {
            try run(
                """
                UPDATE media SET status_id = :status, position = :position, loose_since = NULL, withdrawn = 0
                WHERE id = :id
                """, ["status": status, "position": position, "id": id])
        }
    }

    /// Puts the post into the full-text index, anew.
    private func index(_ status: StatusRecord, tags: [String]) throws {
        try run("DELETE FROM status_fts WHERE rowid = :id", ["id": status.id])
        let alt = try rows(
            "SELECT description FROM media WHERE status_id = :id AND description IS NOT NULL", ["id": status.id]
        ).map { $0["description"] as String }
        try run(
            "INSERT INTO status_fts (rowid, text, alt, tags) VALUES (:id, :text, :alt, :tags)",
            [
                "id": status.id, "text": [status.text, status.spoilerText].joined(separator: "\n"),
                "alt": alt.joined(separator: "\n"), "tags": tags.joined(separator: " "),
            ])
    }

    /// After a description changed.
    func reindex(_ id: RecordID) throws {
        guard let row = try row("SELECT * FROM statuses WHERE id = :id", ["id": id]) else { return }
        try index(StatusRecord(row: row), tags: try tags(ofStatuses: [id])[id] ?? [])
    }
}
