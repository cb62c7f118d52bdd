import Foundation
import GRDB

/// Jobs as rows beside the data that they are about.
package struct SQLiteJobQueue: JobQueue {
    private let database: SQLiteDatabase

    package init(_ database: SQLiteDatabase) { self.database = database }

    package func enqueue(_ kind: Job.Kind, at date: Date) async throws {
        try await database.pool.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO jobs (kind, run_at) VALUES (?, ?)",
                arguments: [kind.rawValue, date.milliseconds])
        }
    }

    package func claim(now: Date, lease: TimeInterval) async throws -> Job? {
        try await database.pool.write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE jobs SET run_at = :until, attempts = attempts + 1
                    WHERE id = (SELECT id FROM jobs WHERE run_at <= :now ORDER BY run_at LIMIT 1) RETURNING *
                    """,
                arguments: ["now": now.milliseconds, "until": now.addingTimeInterval(lease).milliseconds])
            guard let row, let kind = Job.Kind(rawValue: row["kind"]) else { return nil }
            return Job(id: row["id"], kind: kind, attempts: row["attempts"])
        }
    }

    package func finish(_ job: Job) async throws {
        try await database.pool.write { db in
            try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [job.id])
        }
    }

    package func fail(_ job: Job, retryAt: Date) async throws {
        try await database.pool.write { db in
            try db.execute(
                sql: "UPDATE jobs SET run_at = ? WHERE id = ?", arguments: [retryAt.milliseconds, job.id])
        }
    }
}
