import Core
import Foundation
import GRDB

/// A worker's sign of life: a lock that the kernel holds for it and drops when its process ends.
public final class WorkerLease: Sendable {
    public let id: String
    private let lock: FileLock
    private let file: URL

    init(locks: URL) throws {
        id = UUID().uuidString.lowercased()
        file = Self.file(id, in: locks)
        guard let lock = try FileLock.attempt(at: file) else {
            throw UserError("Cannot take a worker's lock under \(locks.path).", .internal)
        }
        self.lock = lock
    }

    deinit { try? FileManager.default.removeItem(at: file) }

    /// Whether the worker of that id still holds its lock.
    static func isAlive(_ id: String, in locks: URL) -> Bool {
        let file = file(id, in: locks)
        // Opening would make a missing file.
        guard UUID(uuidString: id) != nil, FileManager.default.fileExists(atPath: file.path) else { return false }
        guard let lock = try? FileLock.attempt(at: file) else { return true }
        withExtendedLifetime(lock) { try? FileManager.default.removeItem(at: file) }
        return false
    }

    private static func file(_ id: String, in locks: URL) -> URL { locks.appendingPathComponent("worker-\(id)") }
}

extension Vault {
    /// Registers a worker; it lives as long as the object.
    public func startWorker() throws -> WorkerLease {
        let lease = try WorkerLease(locks: layout.locks)
        try write { db in
            try db.execute(
                sql: "INSERT INTO leases (worker, started_at) VALUES (?, ?)",
                arguments: [lease.id, clock.now().timeIntervalSince1970])
        }
        return lease
    }

    /// Takes the items of dead workers from them. Returns how many.
    @discardableResult
    public func reclaim() throws -> Int {
        let known = try read { db in try String.fetchAll(db, sql: "SELECT worker FROM leases") }
        let dead = known.filter { !WorkerLease.isAlive($0, in: layout.locks) }
        guard !dead.isEmpty else { return 0 }
        return try write { db in
            var count = 0
            for worker in dead {
                try db.execute(
                    sql: "UPDATE items SET worker = NULL, fence = fence + 1 WHERE worker = ?", arguments: [worker])
                count += db.changesCount
                try db.execute(sql: "DELETE FROM leases WHERE worker = ?", arguments: [worker])
            }
            return count
        }
    }
}
