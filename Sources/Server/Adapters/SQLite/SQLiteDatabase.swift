import Core
import Foundation
import GRDB
import TextIndex

/// The community's rows in one SQLite file.
///
/// Write-ahead log with `synchronous=FULL`: what is acknowledged survives a power cut. One process only opens it (the
/// data directory is locked), and GRDB lets one connection write, so SQLite's WAL-reset bug cannot be reached by two
/// writers or checkpointers.
package final class SQLiteDatabase: Database {
    let pool: DatabasePool

    /// Opens the file, making or migrating it.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        configuration.prepareForTextIndex()
        pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB sets NORMAL when it turns the write-ahead log on; that would lose acknowledged posts in a power cut.
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        let migrator = Schema.migrator
        if try pool.read({ db in try migrator.hasBeenSuperseded(db) }) {
            throw UserError(
                "The database was written by a newer version of fixative-server: start that version instead.")
        }
        try migrator.migrate(pool)
    }

    package func read<T: Sendable>(
        _ work: @escaping @Sendable (any ReadTransaction) throws -> T
    ) async throws -> T {
        try await pool.read { db in try work(SQLiteTransaction(db: db)) }
    }

    package func write<T: Sendable>(
        _ work: @escaping @Sendable (any WriteTransaction) throws -> T
    ) async throws -> T {
        try await pool.write { db in try work(SQLiteTransaction(db: db)) }
    }

    package func integrityProblems() async throws -> [String] {
        let level = try await pool.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
        return try await pool.read { db in
            // 2 is FULL.
            var problems = level == 2 ? [] : ["writes are not fully synchronised"]
            problems += try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") {
                let table: String? = row[0]
                problems.append("a row of \(table ?? "?") refers to one that is missing")
            }
            let unindexed = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM statuses WHERE reblog_of_id IS NULL
                    AND id NOT IN (SELECT rowid FROM status_fts)
                    """)
            if let unindexed, unindexed > 0 { problems.append("\(unindexed) posts are missing from the search index") }
            return problems
        }
    }
}

/// One transaction on one connection. The queries are in extensions, by subject.
struct SQLiteTransaction: WriteTransaction {
    let db: GRDB.Database

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(try db.cachedStatement(sql: sql), arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments)
    }

    func integer(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int64? {
        try Int64.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments)
    }

    /// Returns how many rows changed.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        return db.changesCount
    }

    /// A list of ids as the JSON that `json_each` takes, so that a statement is the same for any number of them.
    func list(_ ids: some Sequence<RecordID>) -> String {
        "[" + ids.map(String.init).joined(separator: ",") + "]"
    }

    /// An id for a new row: milliseconds of the date, then 16 bits that keep ids of one table apart and rising.
    /// A clock that went back a little does not disturb the order; a date an hour back or more is meant.
    func newID(in table: String, at date: Date) throws -> RecordID {
        let floor = RecordID(max(0, date.milliseconds)) << 16
        let last = try integer("SELECT max(id) FROM \(table)") ?? 0
        if last < floor { return floor }
        let hour: RecordID = 3_600_000 << 16
        if last - floor < hour { return last + 1 }
        let inMillisecond = try integer(
            "SELECT max(id) FROM \(table) WHERE id BETWEEN :low AND :high", ["low": floor, "high": floor | 0xFFFF])
        return inMillisecond.map { $0 + 1 } ?? floor
    }

    /// The next number of the sequence of changes.
    func nextSequence() throws -> Int64 {
        guard let value = try integer("UPDATE counters SET value = value + 1 WHERE name = 'sequence' RETURNING value")
        else { throw DatabaseError(message: "the counter of changes is missing") }
        return value
    }
}

extension SQLiteTransaction {
    /// Appends the conditions and the order of a page; rows come newest first.
    func paged(_ sql: String, column: String, page: Page, _ arguments: StatementArguments) throws -> [Row] {
        var sql = sql
        var arguments = arguments
        if let maxID = page.maxID {
            sql += " AND \(column) < :maxID"
            arguments += ["maxID": maxID]
        }
        let rising = page.minID != nil
        if let above = page.minID ?? page.sinceID {
            sql += " AND \(column) > :above"
            arguments += ["above": above]
        }
        sql += " ORDER BY \(column) \(rising ? "ASC" : "DESC") LIMIT :limit OFFSET :offset"
        arguments += ["limit": page.limit, "offset": page.offset]
        let found = try rows(sql, arguments)
        return rising ? found.reversed() : found
    }
}

extension Date {
    /// Milliseconds since 1970: how the database keeps dates.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
