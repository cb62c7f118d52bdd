import Core
import Foundation
import GRDB
import Synchronization
import TextIndex

/// What the server can give again: statuses, accounts, tags, tombstones, the feed's cursor and the full-text index.
/// Deleting it loses nothing.
public final class Cache: Sendable {
    let database: DatabasePool
    let clock: any WallClock
    /// The account whose view this is.
    let accountID: String
    public let media: MediaFiles
    /// Of the pages that screens ask for.
    let memo = StatusMemo()
    private let watch: ChangeWatch

    init(layout: StoreLayout, accountID: String, mediaLimit: Int64, clock: any WallClock) throws {
        self.clock = clock
        self.accountID = accountID
        do {
            database = try Self.open(layout)
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            try FileLock.holding(layout.migrationLock) {
                for suffix in ["", "-wal", "-shm", "-journal"] {
                    try? FileManager.default.removeItem(atPath: layout.cache.path + suffix)
                }
            }
            database = try Vault.translating { try Self.open(layout) }
        }
        media = try MediaFiles(folder: layout.media, database: database, limit: mediaLimit, clock: clock)
        watch = try ChangeWatch(layout.cache)
    }

    private static func open(_ layout: StoreLayout) throws -> DatabasePool {
        try PrivateFiles.createIfMissing(layout.cache)
        var configuration = Configuration()
        configuration.label = "cache"
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 3
        configuration.prepareForTextIndex()
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = NORMAL") }
        let pool = try DatabasePool(path: layout.cache.path, configuration: configuration)
        try CacheSchema.schema.migrate(pool, lock: layout.migrationLock, backups: nil)
        return pool
    }

    /// Changes whenever anything here changed, also by another process.
    func version() -> UInt64 { watch.value() }

    func read<T>(_ body: (GRDB.Database) throws -> T) throws -> T {
        try Vault.translating { try database.read(body) }
    }

    func write<T>(_ body: (GRDB.Database) throws -> T) throws -> T {
        try Vault.translating { try database.write(body) }
    }
}
