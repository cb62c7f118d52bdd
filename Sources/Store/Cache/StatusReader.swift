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
        _ db: GRDB.Database, _ condition: SQL, below row: Int64, limit: Int
    ) throws -> [Found] {
        let request: SQLRequest<Row> = """
            \(columns) WHERE (\(condition)) AND statuses.row < \(row) ORDER BY statuses.row DESC LIMIT \(limit)
            """
        return try request.fetchAll(db).map(found)
    }

    static func one(_ db: GRDB.Database, _ id: String) throws -> Found? {
        let request: SQLRequest<Row> = "\(columns) WHERE statuses.id = \(id)"
        return try request.fetchOne(db).map(found)
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

    private static func found(_ row: Row) throws -> Found {
        var status = try StoreJSON.value(Status.self, row["body"])
        if let account: String = row["account"] { status.account = try StoreJSON.value(Account.self, account) }
        return Found(row: row["row"], status: status)
    }
}
