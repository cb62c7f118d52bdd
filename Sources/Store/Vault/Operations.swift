import Core
import Foundation
import GRDB

/// An operation that waits to be sent, or that was sent and is kept until the cache has caught up with it.
public struct QueuedOperation: Hashable, Sendable, Identifiable {
    public var id: Int64
    public var operation: PendingOperation
    /// The revision that the artist saw when editing; in a conflict, that of the server.
    public var revision: Int?
    public var attempts: Int
    public var nextAttempt: Date?
    /// The server took it.
    public var acknowledged: Bool
    /// It waits for the artist; the text says why.
    public var attention: String?
    /// The piece as the artist saw it when editing.
    public var base: Draft?
    /// The piece as the server has it, while the two do not fit together.
    public var theirs: Draft?
    /// Edits of this piece that may have reached the server although no answer said so.
    public var sent: [Draft]
    /// For a reply to a server without client ids: the newest status of the account before it was sent.
    public var baseline: String?
    public var createdAt: Date

    /// A time more than a day ahead comes from a clock that was wrong.
    public func isDue(at now: Date) -> Bool {
        guard let nextAttempt else { return true }
        return !(0.001...Vault.longestWait).contains(nextAttempt.timeIntervalSince(now))
    }

    /// As screens and commands see it.
    var item: OperationItem {
        var conflict: EditConflict?
        if case .edit(_, let mine) = operation, let base, let theirs {
            conflict = EditConflict(base: base, mine: mine, theirs: theirs)
        }
        return OperationItem(
            id: id, operation: operation,
            state: attention == nil ? .waiting : conflict == nil ? .refused : .conflict, message: attention,
            conflict: conflict, attempts: attempts, nextAttempt: nextAttempt, createdAt: createdAt)
    }
}

extension PendingOperation {
    /// The status or, for a follow, the account that it concerns.
    public var subject: String {
        switch self {
        case .favourite(let id, _), .bookmark(let id, _), .boost(let id, _), .delete(let id), .edit(let id, _),
            .follow(let id, _):
            id
        // Each reply stands for itself.
        case .reply(_, _, _, let id): id.description
        }
    }

    /// Two operations of one kind on one subject: only the last counts.
    var kind: String {
        switch self {
        case .favourite: "favourite"
        case .bookmark: "bookmark"
        case .boost: "boost"
        case .follow: "follow"
        case .delete: "delete"
        case .edit: "edit"
        case .reply: "reply"
        }
    }
}

enum Operations {
    /// Adds one, with what it makes pointless taken away.
    ///
    /// A later edit is an edit of the same base: what the artist saw first. What may have been sent of the earlier one
    /// is remembered, so that it is not taken for somebody else's change. An edit that waits for the artist's decision is
    /// not shown, so the new one does not build on it and must not take its place: both stay.
    static func add(
        _ db: GRDB.Database, _ operation: PendingOperation, revision: Int?, base: Draft? = nil, now: Date
    ) throws {
        let earlier = try Row.fetchOne(
            db,
            sql: """
                SELECT revision, base, sent FROM operations
                WHERE status_id = ? AND kind = ? AND acknowledged = 0 AND attention IS NULL
                """,
            arguments: [operation.subject, operation.kind])
        if operation.kind == "delete" {
            try db.execute(
                sql: "DELETE FROM operations WHERE status_id = ? AND kind != 'follow'", arguments: [operation.subject])
        } else {
            try db.execute(
                sql: """
                    DELETE FROM operations WHERE status_id = ? AND kind = ? AND (kind != 'edit' OR attention IS NULL)
                    """,
                arguments: [operation.subject, operation.kind])
        }
        let newBase = try base.map { try StoreJSON.text($0) }
        try db.execute(
            sql: """
                INSERT INTO operations (status_id, kind, operation, revision, base, sent, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                operation.subject, operation.kind, try StoreJSON.text(operation),
                earlier == nil ? revision : earlier?["revision"] as Int?,
                earlier == nil ? newBase : (earlier?["base"] as String?) ?? newBase,
                earlier?["sent"] as String?, now.timeIntervalSince1970,
            ])
    }

    static func fetch(_ db: GRDB.Database) throws -> [QueuedOperation] {
        try Row.fetchAll(db, sql: "SELECT * FROM operations ORDER BY seq").map { row in
            QueuedOperation(
                id: row["seq"], operation: try StoreJSON.value(PendingOperation.self, row["operation"]),
                revision: row["revision"], attempts: row["attempts"],
                nextAttempt: (row["next_attempt"] as Double?).map(Date.init(timeIntervalSince1970:)),
                acknowledged: row["acknowledged"], attention: row["attention"], base: try draft(row["base"]),
                theirs: try draft(row["theirs"]),
                sent: try (row["sent"] as String?).map { try StoreJSON.value([Draft].self, $0) } ?? [],
                baseline: row["baseline"], createdAt: Date(timeIntervalSince1970: row["created_at"]))
        }
    }

    private static func draft(_ text: String?) throws -> Draft? {
        try text.map { try StoreJSON.value(Draft.self, $0) }
    }
}

/// The sender's side.
extension Vault {
    /// Puts an operation into the queue; an earlier one that it overrides goes.
    ///
    /// - Parameters:
    ///   - revision: the server's revision that the artist saw, for an edit.
    ///   - base: the piece as the artist saw it, for an edit.
    public func perform(_ operation: PendingOperation, revision: Int?, base: Draft? = nil) throws {
        try write { try Operations.add($0, operation, revision: revision, base: base, now: clock.now()) }
    }

    /// All operations, oldest first, those that only wait for the cache to catch up among them.
    public func queuedOperations() throws -> [QueuedOperation] { try read(Operations.fetch) }

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

    /// Edits that are remembered as possibly sent.
    private static let maximumSent = 8

    /// The edit is about to be sent as it is now: whatever happens, the server may have it.
    ///
    /// - Returns: false when the artist changed or withdrew it since.
    public func noteSending(_ operation: QueuedOperation, _ draft: Draft) throws -> Bool {
        let known = operation.sent.filter { $0 != draft }.suffix(Self.maximumSent - 1) + [draft]
        return try write { db in
            try db.execute(
                sql: "UPDATE operations SET sent = ? WHERE seq = ?",
                arguments: [try StoreJSON.text(Array(known)), operation.id])
            return db.changesCount == 1
        }
    }

    /// The edit now builds on what the server has.
    public func rebase(_ operation: QueuedOperation, to draft: Draft, base: Draft, revision: Int?) throws -> Bool {
        try write { db in
            try db.execute(
                sql: "UPDATE operations SET operation = ?, base = ?, revision = ?, theirs = NULL WHERE seq = ?",
                arguments: [
                    try StoreJSON.text(PendingOperation.edit(statusID: operation.operation.subject, draft)),
                    try StoreJSON.text(base), revision, operation.id,
                ])
            return db.changesCount == 1
        }
    }

    /// The edit and what the server has do not fit together: the artist decides.
    public func holdConflict(
        _ operation: QueuedOperation, base: Draft, theirs: Draft, revision: Int?, _ message: String
    )
        throws
    {
        try write { db in
            try db.execute(
                sql: "UPDATE operations SET base = ?, theirs = ?, revision = ?, attention = ? WHERE seq = ?",
                arguments: [
                    try StoreJSON.text(base), try StoreJSON.text(theirs), revision, message, operation.id,
                ])
        }
    }

    /// Where the account's statuses stood before a reply was sent.
    public func noteBaseline(_ operation: QueuedOperation, _ id: String) throws {
        try write { db in
            try db.execute(sql: "UPDATE operations SET baseline = ? WHERE seq = ?", arguments: [id, operation.id])
        }
    }
}

/// The artist's side.
extension Vault {
    public func operations() throws -> [OperationItem] {
        try queuedOperations().filter { !$0.acknowledged }.reversed().map(\.item)
    }

    public func retryOperation(_ id: Int64) throws {
        try change(id) { db, operation in
            guard operation.theirs == nil else {
                throw UserError("This edit met another: decide between them first.", .attention)
            }
            try db.execute(
                sql: "UPDATE operations SET attention = NULL, attempts = 0, next_attempt = NULL WHERE seq = ?",
                arguments: [id])
        }
    }

    public func dropOperation(_ id: Int64) throws {
        try change(id) { db, _ in try db.execute(sql: "DELETE FROM operations WHERE seq = ?", arguments: [id]) }
    }

    public func resolveConflict(_ id: Int64, with draft: Draft) throws {
        try change(id) { db, operation in
            guard let theirs = operation.theirs else { throw UserError("There is no conflict in this operation.", .no) }
            try db.execute(
                sql: """
                    UPDATE operations SET operation = ?, base = ?, theirs = NULL, sent = NULL, attention = NULL,
                        attempts = 0, next_attempt = NULL WHERE seq = ?
                    """,
                arguments: [
                    try StoreJSON.text(PendingOperation.edit(statusID: operation.operation.subject, draft)),
                    try StoreJSON.text(theirs), id,
                ])
        }
    }

    private func change(_ id: Int64, _ body: (GRDB.Database, QueuedOperation) throws -> Void) throws {
        try write { db in
            guard let operation = try Operations.fetch(db).first(where: { $0.id == id }), !operation.acknowledged else {
                throw UserError("There is no operation \(id) in the queue.", .no)
            }
            try body(db, operation)
        }
    }
}
