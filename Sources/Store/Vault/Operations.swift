import Core
import Foundation
import GRDB

/// An operation that waits to be sent, or that was sent and is kept until the cache has caught up with it.
public struct QueuedOperation: Hashable, Sendable, Identifiable {
    public var id: Int64
    public var operation: PendingOperation
    /// The revision that the artist saw when editing.
    public var revision: Int?
    public var attempts: Int
    public var nextAttempt: Date?
    /// The server took it.
    public var acknowledged: Bool
    /// The server refused it for good; the text says why.
    public var attention: String?

    /// A time more than a day ahead comes from a clock that was wrong.
    public func isDue(at now: Date) -> Bool {
        guard let nextAttempt else { return true }
        return !(0.001...Vault.longestWait).contains(nextAttempt.timeIntervalSince(now))
    }
}

extension PendingOperation {
    /// The status that it concerns.
    public var statusID: String {
        switch self {
        case .favourite(let id, _), .bookmark(let id, _), .delete(let id), .edit(let id, _): id
        }
    }

    /// Two operations of one kind on one status: only the last counts.
    var kind: String {
        switch self {
        case .favourite: "favourite"
        case .bookmark: "bookmark"
        case .delete: "delete"
        case .edit: "edit"
        }
    }
}

enum Operations {
    /// Adds one, with what it makes pointless taken away.
    static func add(_ db: GRDB.Database, _ operation: PendingOperation, revision: Int?, now: Date) throws {
        let earlier = try Int.fetchOne(
            db, sql: "SELECT revision FROM operations WHERE status_id = ? AND kind = ? AND acknowledged = 0",
            arguments: [operation.statusID, operation.kind])
        if operation.kind == "delete" {
            try db.execute(sql: "DELETE FROM operations WHERE status_id = ?", arguments: [operation.statusID])
        } else {
            try db.execute(
                sql: "DELETE FROM operations WHERE status_id = ? AND kind = ?",
                arguments: [operation.statusID, operation.kind])
        }
        try db.execute(
            sql: "INSERT INTO operations (status_id, kind, operation, revision, created_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                operation.statusID, operation.kind, try StoreJSON.text(operation), earlier ?? revision,
                now.timeIntervalSince1970,
            ])
    }

    static func fetch(_ db: GRDB.Database) throws -> [QueuedOperation] {
        try Row.fetchAll(db, sql: "SELECT * FROM operations ORDER BY seq").map { row in
            QueuedOperation(
                id: row["seq"], operation: try StoreJSON.value(PendingOperation.self, row["operation"]),
                revision: row["revision"], attempts: row["attempts"],
                nextAttempt: (row["next_attempt"] as Double?).map(Date.init(timeIntervalSince1970:)),
                acknowledged: row["acknowledged"], attention: row["attention"])
        }
    }
}

extension Vault {
    /// Puts an operation into the queue; an earlier one that it overrides goes.
    ///
    /// - Parameter revision: the server's revision that the artist saw, for an edit.
    public func perform(_ operation: PendingOperation, revision: Int?) throws {
        try write { try Operations.add($0, operation, revision: revision, now: clock.now()) }
    }

    /// All operations, oldest first.
    public func operations() throws -> [QueuedOperation] { try read(Operations.fetch) }

    /// The server took it. It stays in the overlay until a pull that began afterwards has ended, because one that is
    /// under way may still bring the state before it.
    public func acknowledge(_ operation: QueuedOperation) throws {
        try write { db in
            try db.execute(sql: "UPDATE operations SET acknowledged = 1 WHERE seq = ?", arguments: [operation.id])
        }
    }

    /// Takes away operations that the cache has caught up with.
    public func forget(_ operations: [QueuedOperation]) throws {
        guard !operations.isEmpty else { return }
        try write { db in
            for operation in operations {
                try db.execute(sql: "DELETE FROM operations WHERE seq = ?", arguments: [operation.id])
            }
        }
    }

    /// It did not work this time; with `attention` it never will by itself.
    public func postpone(
        _ operation: QueuedOperation, attempts: Int, until: Date?, attention: String? = nil
    ) throws {
        try write { db in
            try db.execute(
                sql: "UPDATE operations SET attempts = ?, next_attempt = ?, attention = ? WHERE seq = ?",
                arguments: [attempts, until?.timeIntervalSince1970, attention, operation.id])
        }
    }
}
