import Foundation
import GRDB

extension SQLiteTransaction {
    func epoch() throws -> String {
        try row("SELECT value FROM settings WHERE name = 'epoch'")?["value"] ?? ""
    }

    func sequence() throws -> Int64 { try integer("SELECT value FROM counters WHERE name = 'sequence'") ?? 0 }

    func oldestSequence() throws -> Int64 { try integer("SELECT value FROM counters WHERE name = 'oldest'") ?? 0 }

    /// Three sources, each read in the order of the sequence, merged: posts that changed for everybody, posts that
    /// changed for this viewer alone (also when they are gone: the viewer may have lost sight of them before), and
    /// tombstones. Reblogs are not in the feed; their originals are.
    func changes(after sequence: Int64, viewer: RecordID, limit: Int) throws -> ChangePage {
        let arguments: StatementArguments = ["after": sequence, "viewer": viewer, "limit": limit + 1]
        var steps = try rows(
            """
            SELECT s.changed_seq AS seq, s.id AS id, s.created_seq AS created, 1 AS present FROM statuses s
            WHERE s.changed_seq > :after AND s.reblog_of_id IS NULL AND \(Self.visible)
            ORDER BY s.changed_seq LIMIT :limit
            """, arguments)
        steps += try rows(
            """
            SELECT c.seq AS seq, c.status_id AS id, coalesce(s.created_seq, 0) AS created,
                s.id IS NOT NULL AND \(Self.visible) AS present
            FROM viewer_changes c LEFT JOIN statuses s ON s.id = c.status_id
            WHERE c.account_id = :viewer AND c.seq > :after ORDER BY c.seq LIMIT :limit
            """, arguments)
        if sequence > 0 {
            steps += try rows(
                """
                SELECT s.seq AS seq, s.status_id AS id, 0 AS created, 0 AS present FROM
                    (SELECT status_id AS id, * FROM tombstones) s
                WHERE s.seq > :after AND \(Self.visible) ORDER BY s.seq LIMIT :limit
                """, arguments)
        }
        steps.sort { ($0["seq"] as Int64) < ($1["seq"] as Int64) }
        let taken = steps.prefix(limit)
        let hasMore = steps.count > limit
        var page = ChangePage(created: [], updated: [], destroyed: [], sequence: 0, hasMore: hasMore)
        page.sequence = hasMore ? (taken.last?["seq"] ?? sequence) : try self.sequence()
        var seen: Set<RecordID> = []
        for row in taken {
            let id: RecordID = row["id"]
            guard seen.insert(id).inserted else { continue }
            if (row["present"] as Bool) == false {
                if sequence > 0 { page.destroyed.append(id) }
            } else if (row["created"] as Int64) > sequence {
                page.created.append(id)
            } else {
                page.updated.append(id)
            }
        }
        return page
    }

    func touchStatus(_ id: RecordID) throws {
        try run("UPDATE statuses SET changed_seq = :seq WHERE id = :id", ["seq": try nextSequence(), "id": id])
    }

    func touchStatuses(ofAccount id: RecordID) throws {
        for row in try rows(
            "SELECT id FROM statuses WHERE account_id = :id AND reblog_of_id IS NULL ORDER BY changed_seq",
            ["id": id])
        {
            try touchStatus(row["id"])
        }
    }

    /// Something about the post changed for this viewer alone.
    func touch(_ status: RecordID, for viewer: RecordID) throws {
        try run(
            """
            INSERT INTO viewer_changes VALUES (:viewer, :status, :seq)
            ON CONFLICT (account_id, status_id) DO UPDATE SET seq = excluded.seq
            """, ["viewer": viewer, "status": status, "seq": try nextSequence()])
    }

    func deleteTombstones(before date: Date) throws {
        let arguments: StatementArguments = ["date": date.milliseconds]
        guard
            let last = try integer("SELECT max(seq) FROM tombstones WHERE deleted_at < :date", arguments)
        else { return }
        try run("UPDATE counters SET value = max(value, :last) WHERE name = 'oldest'", ["last": last])
        try run(
            """
            DELETE FROM mentions WHERE status_id IN (SELECT status_id FROM tombstones WHERE deleted_at < :date)
            """, arguments)
        try run(
            """
            DELETE FROM viewer_changes
            WHERE status_id IN (SELECT status_id FROM tombstones WHERE deleted_at < :date)
            """, arguments)
        try run("DELETE FROM tombstones WHERE deleted_at < :date", arguments)
    }
}
