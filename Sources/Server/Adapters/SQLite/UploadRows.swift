import Foundation
import GRDB

extension UploadRecord {
    fileprivate init(row: Row) {
        self.init(
            id: row["id"], accountID: row["account_id"], clientKey: row["client_key"], length: row["length"],
            offset: row["offset"], sha256: row["sha256"], description: row["description"], mediaID: row["media_id"],
            expiresAt: Date(milliseconds: row["expires_at"]))
    }
}

extension SQLiteTransaction {
    func upload(_ id: String) throws -> UploadRecord? {
        try row("SELECT * FROM uploads WHERE id = :id", ["id": id]).map(UploadRecord.init(row:))
    }

    func upload(clientKey: String, account: RecordID) throws -> UploadRecord? {
        try row(
            "SELECT * FROM uploads WHERE account_id = :account AND client_key = :key",
            ["account": account, "key": clientKey]
        ).map(UploadRecord.init(row:))
    }

    func unfinishedUploads(of account: RecordID) throws -> [UploadRecord] {
        try rows(
            "SELECT * FROM uploads WHERE account_id = :account AND media_id IS NULL ORDER BY expires_at, id",
            ["account": account]
        ).map(UploadRecord.init(row:))
    }

    func expiredUploads(at date: Date) throws -> [UploadRecord] {
        try rows("SELECT * FROM uploads WHERE expires_at < :date LIMIT 1000", ["date": date.milliseconds])
            .map(UploadRecord.init(row:))
    }

    func insertUpload(_ upload: UploadRecord) throws {
        try run(
            """
            INSERT INTO uploads (id, account_id, client_key, length, "offset", sha256, description, expires_at)
            VALUES (:id, :account, :key, :length, :offset, :sha256, :description, :expires)
            """,
            [
                "id": upload.id, "account": upload.accountID, "key": upload.clientKey, "length": upload.length,
                "offset": upload.offset, "sha256": upload.sha256, "description": upload.description,
                "expires": upload.expiresAt.milliseconds,
            ])
    }

    func advanceUpload(_ id: String, to offset: Int64, expiresAt: Date) throws {
        try run(
            """
            UPDATE uploads SET "offset" = max("offset", :offset), expires_at = max(expires_at, :expires)
            WHERE id = :id AND :offset <= length
            """, ["id": id, "offset": offset, "expires": expiresAt.milliseconds])
    }

    func finishUpload(_ id: String, media: RecordID) throws {
        try run("UPDATE uploads SET media_id = :media WHERE id = :id", ["id": id, "media": media])
    }

    func deleteUpload(_ id: String) throws { try run("DELETE FROM uploads WHERE id = :id", ["id": id]) }
}
