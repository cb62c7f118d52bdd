import Core
import Foundation
import GRDB

/// Reads statuses as the server said them.
enum StatusReader {
    /// A status and its place.
    struct Found {
        var row: Int64
        var status: Status
    }

    private static let columns: SQL = """
        SELECT statuses.row, statuses.body, statuses.client_id, accounts.body AS account
        FROM statuses LEFT JOIN accounts ON accounts.id = statuses.account_id
        """

    /// Newest first: rows below `row` that meet the condition.
    static func list(
        _ db: GRDB.Database, _ condition: SQL, below row: Int64, limit: Int, memo: StatusMemo = StatusMemo()
    ) throws -> [Found] {
        let request: SQLRequest<Row> = """
            \(columns) WHERE (\(condition)) AND statuses.row < \(row) ORDER BY statuses.row DESC LIMIT \(limit)
            """
        return try request.fetchAll(db).map { try found($0, memo) }
    }

    static func one(_ db: GRDB.Database, _ id: String) throws -> Found? {
        let request: SQLRequest<Row> = "\(columns) WHERE statuses.id = \(id)"
        return try request.fetchOne(db).map { try found($0, StatusMemo()) }
    }

    static func newest(_ db: GRDB.Database, limit: Int) throws -> [Status] {
        try list(db, "1", below: .max, limit: limit).map(\.status)
    }

    /// The place of a status that is here or was.
    static func place(_ db: GRDB.Database, _ id: String) throws -> Int64? {
        try Int64.fetchOne(
            db, sql: "SELECT row FROM statuses WHERE id = ? UNION ALL SELECT row FROM tombstones WHERE id = ?",
            arguments: [id, id])
    }

    /// Which of these publications the cache has already.
    static func present(_ db: GRDB.Database, clients: [ClientID]) throws -> Set<String> {
        guard !clients.isEmpty else { return [] }
        let request: SQLRequest<String> = """
            SELECT client_id FROM statuses WHERE client_id IN \(clients.map(\.description))
            """
        return try request.fetchSet(db)
    }

    static func account(_ db: GRDB.Database, _ id: String) throws -> Account? {
        try String.fetchOne(db, sql: "SELECT body FROM accounts WHERE id = ?", arguments: [id])
            .map { try StoreJSON.value(Account.self, $0) }
    }

    private static func found(_ row: Row, _ memo: StatusMemo) throws -> Found {
        let place: Int64 = row["row"]
        return Found(row: place, status: try memo.status(place, body: row["body"], account: row["account"]))
    }
}
