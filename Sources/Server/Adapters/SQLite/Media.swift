import Core
import Foundation
import GRDB

extension MediaRecord {
    init(row: Row) {
        self.init(
            id: row["id"], accountID: row["account_id"], statusID: row["status_id"], key: row["key"],
            object: row["object"], format: ImageFormat(rawValue: row["format"]) ?? .png, bytes: row["bytes"],
            width: row["width"], height: row["height"], previewObject: row["preview_object"],
            previewFormat: ImageFormat(rawValue: row["preview_format"]) ?? .jpeg, previewWidth: row["preview_width"],
            previewHeight: row["preview_height"], blurhash: row["blurhash"], description: row["description"],
            focusX: row["focus_x"], focusY: row["focus_y"], createdAt: Date(milliseconds: row["created_at"]))
    }
}

extension SQLiteTransaction {
    func media(_ id: RecordID) throws -> MediaRecord? {
        try row("SELECT * FROM media WHERE id = :id", ["id": id]).map(MediaRecord.init(row:))
    }

    func media(key: String) throws -> MediaRecord? {
        try row("SELECT * FROM media WHERE key = :key AND NOT withdrawn", ["key": key]).map(MediaRecord.init(row:))
    }

    func media(ofStatuses ids: [RecordID]) throws -> [RecordID: [MediaRecord]] {
        var media: [RecordID: [MediaRecord]] = [:]
        for row in try rows(
            """
            SELECT * FROM media WHERE status_id IN (SELECT value FROM json_each(:ids)) ORDER BY status_id, position
            """, ["ids": list(ids)])
        {
            media[row["status_id"], default: []].append(MediaRecord(row: row))
        }
        return media
    }

    func profilePicture(key: String) throws -> ProfilePicture? {
        let found = try row(
            """
            SELECT avatar AS picture FROM accounts WHERE json_extract(avatar, '$.key') = :key
            UNION ALL SELECT header FROM accounts WHERE json_extract(header, '$.key') = :key
            """, ["key": key])
        return Stored.decode(ProfilePicture.self, found?["picture"])
    }

    func referencedObjects() throws -> Set<String> {
        Set(
            try rows(
                """
                SELECT object FROM media UNION SELECT preview_object FROM media
                UNION SELECT json_extract(avatar, '$.object') FROM accounts WHERE avatar IS NOT NULL
                UNION SELECT json_extract(header, '$.object') FROM accounts WHERE header IS NOT NULL
                """
            ).map { $0[0] })
    }

    func isReferenced(object: String) throws -> Bool {
        try integer(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM media WHERE object = :name)
                OR EXISTS (SELECT 1 FROM media WHERE preview_object = :name)
                OR EXISTS (SELECT 1 FROM accounts WHERE json_extract(avatar, '$.object') = :name
                    OR json_extract(header, '$.object') = :name)
            """, ["name": object]) != nil
    }

    func insertMedia(_ media: MediaRecord, looseSince: Date) throws -> MediaRecord {
        var media = media
        media.id = try newID(in: "media", at: media.createdAt)
        try run(
            """
            INSERT INTO media (id, account_id, key, object, format, bytes, width, height, preview_object,
                preview_format, preview_width, preview_height, blurhash, description, focus_x, focus_y, created_at,
                loose_since)
            VALUES (:id, :account, :key, :object, :format, :bytes, :width, :height, :preview,
                :previewFormat, :previewWidth, :previewHeight, :blurhash, :description, :x, :y, :createdAt,
                :looseSince)
            """,
            [
                "id": media.id, "account": media.accountID, "key": media.key, "object": media.object,
                "format": media.format.rawValue, "bytes": media.bytes, "width": media.width, "height": media.height,
                "preview": media.previewObject, "previewFormat": media.previewFormat.rawValue,
                "previewWidth": media.previewWidth, "previewHeight": media.previewHeight,
                "blurhash": media.blurhash, "description": media.description, "x": media.focusX, "y": media.focusY,
                "createdAt": media.createdAt.milliseconds, "looseSince": looseSince.milliseconds,
            ])
        return media
    }

    func updateMedia(_ media: MediaRecord) throws {
        try run(
            "UPDATE media SET description = :description, focus_x = :x, focus_y = :y WHERE id = :id",
            ["id": media.id, "description": media.description, "x": media.focusX, "y": media.focusY])
        if let status = media.statusID {
            try reindex(status)
            try touchStatus(status)
        }
    }

    func deleteMedia(_ id: RecordID) throws {
        try run("DELETE FROM media WHERE id = :id", ["id": id])
    }

    func unattachedMedia(before date: Date) throws -> [MediaRecord] {
        try rows(
            "SELECT * FROM media WHERE status_id IS NULL AND loose_since < :date LIMIT 1000",
            ["date": date.milliseconds]
        ).map(MediaRecord.init(row:))
    }
}
