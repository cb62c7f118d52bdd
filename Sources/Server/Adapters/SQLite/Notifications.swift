import Foundation
import GRDB

extension SQLiteTransaction {
    func notifications(
        of account: RecordID, kinds: Set<NotificationRecord.Kind>, page: Page
    ) throws -> [NotificationRecord] {
        let names = kinds.map { "\"\($0.rawValue)\"" }.sorted().joined(separator: ",")
        return try paged(
            """
            SELECT n.* FROM notifications n
            WHERE n.account_id = :account AND n.kind IN (SELECT value FROM json_each(:kinds))
            """, column: "n.id", page: page, ["account": account, "kinds": "[\(names)]"]
        ).compactMap { row in
            guard let kind = NotificationRecord.Kind(rawValue: row["kind"]) else { return nil }
            return NotificationRecord(
                id: row["id"], accountID: account, kind: kind, fromID: row["from_id"], statusID: row["status_id"],
                createdAt: Date(milliseconds: row["created_at"]))
        }
    }

    func insertNotification(_ notification: NotificationRecord) throws {
        try run(
            "INSERT OR IGNORE INTO notifications VALUES (:id, :account, :kind, :from, :status, :date)",
            [
                "id": try newID(in: "notifications", at: notification.createdAt), "account": notification.accountID,
                "kind": notification.kind.rawValue, "from": notification.fromID, "status": notification.statusID,
                "date": notification.createdAt.milliseconds,
            ])
    }

    func deleteNotifications(of account: RecordID, id: RecordID?) throws {
        try run(
            "DELETE FROM notifications WHERE account_id = :account AND (:id IS NULL OR id = :id)",
            ["account": account, "id": id])
    }
}
