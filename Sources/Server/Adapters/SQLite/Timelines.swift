import Foundation
import GRDB

extension SQLiteTransaction {
    func timeline(_ kind: TimelineKind, viewer: RecordID?, onlyMedia: Bool, page: Page) throws -> [StatusRecord] {
        var sql = "SELECT s.* FROM statuses s WHERE \(Self.visible)"
        var arguments: StatementArguments = ["viewer": viewer]
        switch kind {
        case .home(let account):
            sql += """
                 AND (s.account_id = :account OR EXISTS (
                    SELECT 1 FROM follows f WHERE f.account_id = :account AND f.target_id = s.account_id
                    AND (s.reblog_of_id IS NULL OR f.reblogs)))
                """
            arguments += ["account": account]
        case .public:
            sql += """
                 AND s.visibility = 'public' AND s.reblog_of_id IS NULL
                 AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id)
                """
        case .tag(let tag):
            sql += """
                 AND s.visibility = 'public' AND s.reblog_of_id IS NULL
                 AND s.id IN (SELECT status_id FROM status_tags WHERE tag = :tag)
                """
            arguments += ["tag": tag]
        case .account(let account, let excludeReplies, let excludeReblogs):
            sql += " AND s.account_id = :account"
            arguments += ["account": account]
            if excludeReplies {
                sql += " AND (s.in_reply_to_id IS NULL OR s.in_reply_to_account_id = s.account_id)"
            }
            if excludeReblogs { sql += " AND s.reblog_of_id IS NULL" }
        }
        if onlyMedia { sql += " AND EXISTS (SELECT 1 FROM media m WHERE m.status_id = s.id)" }
        return try paged(sql, column: "s.id", page: page, arguments).map(StatusRecord.init(row:))
    }

    func favourites(of account: RecordID, page: Page) throws -> [Positioned<StatusRecord>] {
        try marked("favourites", account, page)
    }

    func bookmarks(of account: RecordID, page: Page) throws -> [Positioned<StatusRecord>] {
        try marked("bookmarks", account, page)
    }

    private func marked(_ table: String, _ account: RecordID, _ page: Page) throws -> [Positioned<StatusRecord>] {
        try paged(
            """
            SELECT k.id AS position, s.* FROM \(table) k JOIN statuses s ON s.id = k.status_id
            WHERE k.account_id = :viewer AND \(Self.visible)
            """, column: "k.id", page: page, ["viewer": account]
        ).map { Positioned(position: $0["position"], element: StatusRecord(row: $0)) }
    }
}
