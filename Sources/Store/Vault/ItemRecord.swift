import Core
import Foundation
import GRDB

/// A row of `items`.
struct ItemRecord {
    var item: OutboxItem
    var facts: WorkFacts
    var fence: Int64
    var worker: String?

    init(_ row: Row) throws {
        guard
            let id = ClientID(row["client_id"] as String), let state = OutboxState(rawValue: row["state"]),
            let mark = MarkID(row["mark_id"] as String)
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unreadable outbox row") }
        item = OutboxItem(
            id: id, draft: try StoreJSON.value(Draft.self, row["draft"]), fileName: row["file_name"], state: state,
            attention: try (row["attention"] as String?).map { try StoreJSON.value(AttentionReason.self, $0) },
            attempts: row["attempts"], nextAttempt: Self.date(row["next_attempt"]),
            cancelRequested: row["cancel_requested"], markID: mark, blob: (row["blob"] as String?).flatMap(BlobID.init),
            originalSHA256: row["original"],
            report: try (row["report"] as String?).map { try StoreJSON.value(ProtectionReport.self, $0) },
            statusID: row["status_id"], createdAt: Date(timeIntervalSince1970: row["created_at"]),
            updatedAt: Date(timeIntervalSince1970: row["updated_at"]))
        facts = WorkFacts(
            mediaID: row["media_id"], mediaUploadedAt: Self.date(row["media_at"]),
            outcomeUnknown: row["outcome_unknown"], statusURL: row["status_url"], uploadID: row["upload_id"],
            uploadedAlt: row["uploaded_alt"], baseline: row["baseline"])
        fence = row["fence"]
        worker = row["worker"]
    }

    static func fetch(_ db: GRDB.Database, _ id: ClientID) throws -> ItemRecord? {
        try Row.fetchOne(db, sql: "SELECT * FROM items WHERE client_id = ?", arguments: [id.description])
            .map(ItemRecord.init)
    }

    /// The one way to change an item's state.
    ///
    /// - Throws: `StoreFault.illegalTransition` when the outbox has no such step.
    mutating func move(to state: OutboxState) throws {
        guard item.state.successors.contains(state) else {
            throw StoreFault.illegalTransition(from: item.state, to: state)
        }
        item.state = state
        if state.isResting { worker = nil }
        if state != .needsAttention && state != .conflict { item.attention = nil }
    }

    /// A change by the artist: no worker's claim outlives it.
    mutating func takeFromWorker() {
        fence += 1
        worker = nil
    }

    /// Writes the row over the one that was read, in one row change.
    ///
    /// - Throws: `StoreFault.staleClaim` when somebody changed it since.
    func save(_ db: GRDB.Database, over fenceBefore: Int64, now: Date) throws {
        let attention = try item.attention.map { try StoreJSON.text($0) }
        let report = try item.report.map { try StoreJSON.text($0) }
        try db.execute(
            sql: """
                UPDATE items SET state = ?, draft = ?, blob = ?, report = ?, media_id = ?, media_at = ?,
                    outcome_unknown = ?, status_id = ?, status_url = ?, attention = ?, attempts = ?, next_attempt = ?,
                    cancel_requested = ?, fence = ?, worker = ?, updated_at = ?, upload_id = ?, uploaded_alt = ?,
                    baseline = ?, publish_at = ?
                WHERE client_id = ? AND fence = ?
                """,
            arguments: [
                item.state.rawValue, try StoreJSON.text(item.draft), item.blob?.description, report, facts.mediaID,
                facts.mediaUploadedAt?.timeIntervalSince1970, facts.outcomeUnknown, item.statusID, facts.statusURL,
                attention, item.attempts, item.nextAttempt?.timeIntervalSince1970, item.cancelRequested, fence, worker,
                now.timeIntervalSince1970, facts.uploadID, facts.uploadedAlt, facts.baseline,
                item.draft.publishAt?.timeIntervalSince1970, item.id.description, fenceBefore,
            ])
        guard db.changesCount == 1 else { throw StoreFault.staleClaim(item.id) }
    }

    private static func date(_ seconds: Double?) -> Date? { seconds.map(Date.init(timeIntervalSince1970:)) }
}
