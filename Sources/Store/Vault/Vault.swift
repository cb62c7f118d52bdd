import Core
import Foundation
import GRDB
import Synchronization

/// What must never be lost: drafts, the outbox, operations that wait, blobs, receipts, leases.
///
/// One file in rollback-journal mode with full synchronisation: SQLite before 3.51.3 can corrupt a WAL database that
/// several processes write, and Debian 12 has 3.40.1.
public final class Vault: Sendable {
    let database: DatabaseQueue
    let layout: StoreLayout
    let originals: ContentStore
    let blobs: ContentStore
    let clock: any WallClock
    let signer: ReceiptSigner
    /// How far the work of this process on an item is; grows stale with the process, so it is not kept on disk.
    let progress = Mutex<[ClientID: Double]>([:])
    let progressVersion = Atomic<UInt64>(0)
    private let watch: ChangeWatch

    /// The largest file that is taken into the vault.
    public static let maximumOriginalBytes: Int64 = 256 << 20

    init(layout: StoreLayout, signer: ReceiptSigner, clock: any WallClock) throws {
        self.layout = layout
        self.clock = clock
        self.signer = signer
        originals = try ContentStore(directory: layout.originals)
        blobs = try ContentStore(directory: layout.blobs)
        try PrivateFiles.createIfMissing(layout.vault)
        var configuration = Configuration()
        configuration.label = "vault"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL")
        }
        database = try Self.translating { try DatabaseQueue(path: layout.vault.path, configuration: configuration) }
        try VaultSchema.schema.migrate(database, lock: layout.migrationLock, backups: layout.backups)
        watch = try ChangeWatch(layout.vault)
        DurableFile.removeLeftovers(in: layout.originals, now: clock.now())
        DurableFile.removeLeftovers(in: layout.blobs, now: clock.now())
    }

    /// Changes whenever anything here changed, also by another process.
    func version() -> UInt64 { watch.value() &+ progressVersion.load(ordering: .relaxed) }

    /// Runs a transaction that is durable when it returns.
    func write<T>(_ body: (GRDB.Database) throws -> T) throws -> T {
        try Self.translating { try database.write(body) }
    }

    func read<T>(_ body: (GRDB.Database) throws -> T) throws -> T {
        try Self.translating { try database.read(body) }
    }

    private static let diskIsFull = UserError("The disk is full: make room and try again.", .unavailable)

    /// Turns the database's errors into sentences.
    static func translating<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            // The index of a write-ahead log that cannot grow is how a full disk shows where nothing else is written.
            if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { throw Self.diskIsFull }
            throw switch error.resultCode {
            case .SQLITE_FULL: Self.diskIsFull
            case .SQLITE_BUSY:
                UserError("Another fixative is writing to the same store: try again in a moment.", .unavailable)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                UserError("The store is damaged: run `fixative doctor`, and keep the folder as it is.", .internal)
            default: UserError("The store failed: \(error.extendedResultCode) \(error.message ?? "").", .internal)
            }
        }
    }
}

extension PrivateFiles {
    /// Makes an empty file of mode 0600, so that what SQLite writes into it and beside it is private from the start.
    static func createIfMissing(_ url: URL) throws {
        if !FileManager.default.fileExists(atPath: url.path) {
            _ = FileManager.default.createFile(
                atPath: url.path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        try tighten(url)
    }
}
