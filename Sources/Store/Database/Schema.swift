import Core
import Foundation
import GRDB

/// Migrations of one database: forward only, one process at a time, after a backup where the data cannot be fetched
/// again. The version is SQLite's `user_version`: the number of steps that were applied.
struct Schema: Sendable {
    /// How messages call the database.
    let name: String
    /// One step, inside the migration's transaction.
    struct Step: Sendable {
        let run: @Sendable (GRDB.Database) throws -> Void

        static func sql(_ text: String) -> Step { Step { try $0.execute(sql: text) } }
    }

    /// Oldest first; never changed once published.
    let steps: [Step]

    /// Brings the database up to date.
    ///
    /// - Parameters:
    ///   - lock: a file that all processes lock for it.
    ///   - backups: where to put a copy before the first step; nil makes none.
    /// - Throws: `UserError` when the database was written by a newer program; nothing is touched then.
    func migrate(_ writer: any DatabaseWriter, lock: URL, backups: URL?) throws {
        guard try version(of: writer) != steps.count else { return }
        try FileLock.holding(lock) {
            let found = try version(of: writer)
            guard found <= steps.count else {
                throw UserError(
                    """
                    The \(name) on this machine was written by a newer version of fixative (schema \(found), this \
                    program knows \(steps.count)): refusing to write to it. Update fixative.
                    """, .internal)
            }
            guard found < steps.count else { return }
            if found > 0, let backups { try backUp(writer, version: found, into: backups) }
            try writer.write { db in
                for step in steps[found...] { try step.run(db) }
                try db.execute(sql: "PRAGMA user_version = \(steps.count)")
            }
        }
    }

    private func version(of writer: any DatabaseWriter) throws -> Int {
        try writer.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } ?? 0
    }

    private func backUp(_ writer: any DatabaseWriter, version: Int, into folder: URL) throws {
        let target = folder.appendingPathComponent("\(name)-schema\(version).db")
        // One that is there is complete: it was renamed into place.
        guard !FileManager.default.fileExists(atPath: target.path) else { return }
        let temporary = folder.appendingPathComponent(".new-\(UUID().uuidString.lowercased())")
        try writer.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [temporary.path])
        }
        try DurableFile.write(try Data(contentsOf: temporary), to: target)
        try FileManager.default.removeItem(at: temporary)
    }
}
