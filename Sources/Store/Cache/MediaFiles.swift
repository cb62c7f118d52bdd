import Core
import Foundation
import GRDB
import Synchronization

/// Pictures of the community on this machine: files named by a hash of their address, bounded in size. The artist's
/// own, and those of bookmarked pieces, are never evicted.
public final class MediaFiles: Sendable {
    private struct State {
        /// Bytes of files that may be evicted; nil until it was counted.
        var total: Int64?
        var touched: Set<String> = []
    }

    private let folder: URL
    private let folderPath: String
    private let database: DatabasePool
    private let limit: Int64
    private let clock: any WallClock
    private let state = Mutex(State())

    init(folder: URL, database: DatabasePool, limit: Int64, clock: any WallClock) throws {
        self.folder = folder
        folderPath = folder.path
        self.database = database
        self.limit = limit
        self.clock = clock
        try PrivateFiles.makeDirectory(folder)
        DurableFile.removeLeftovers(in: folder, now: clock.now())
        try adoptStrays()
    }

    /// The address of a variant; the original stands in for a preview that the server does not have.
    public static func address(of media: MediaAttachment, _ variant: MediaVariant) -> String {
        switch variant {
        case .preview: media.previewURL ?? media.url
        case .original: media.url
        }
    }

    /// The file, if it is here.
    public func file(of media: MediaAttachment, _ variant: MediaVariant) -> URL? {
        let key = Self.key(Self.address(of: media, variant))
        // Every tile of every frame asks: a string is put together in a fraction of the time of a URL.
        let path = "\(folderPath)/\(key)"
        guard access(path, F_OK) == 0 else { return nil }
        state.withLock { _ = $0.touched.insert(key) }
        return URL(fileURLWithPath: path, isDirectory: false)
    }

    /// Takes a picture in.
    ///
    /// - Throws: `UserError` when the bytes are not a picture of a kind that we know.
    public func store(_ data: Data, of media: MediaAttachment, _ variant: MediaVariant, own: Bool) throws {
        guard PictureMagic.isPicture(data) else {
            throw UserError("The server sent something that is not a picture.", .unavailable)
        }
        let key = Self.key(Self.address(of: media, variant))
        let url = folder.appendingPathComponent(key)
        let temporary = folder.appendingPathComponent(".new-\(UUID().uuidString.lowercased())")
        try PrivateFiles.createIfMissing(temporary)
        try data.write(to: temporary)
        guard rename(temporary.path, url.path) == 0 else {
            try? FileManager.default.removeItem(at: temporary)
            throw UserError("Cannot keep a picture under \(folder.path).", .internal)
        }
        try Vault.translating {
            try database.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO media (key, bytes, own, used_at) VALUES (?, ?, ?, ?)
                        ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes, used_at = excluded.used_at,
                            own = max(own, excluded.own)
                        """, arguments: [key, data.count, own, clock.now().timeIntervalSince1970])
                try evict(db, added: own ? 0 : Int64(data.count))
            }
        }
    }

    /// Removes the longest unused until the rest fits into nine tenths of the limit.
    private func evict(_ db: GRDB.Database, added: Int64) throws {
        let (total, touched) = try state.withLock { state in
            let known = try state.total.map { $0 + added } ?? Self.count(db)
            state.total = known
            guard known > limit else { return (known, Set<String>()) }
            defer { state.touched = [] }
            return (known, state.touched)
        }
        guard total > limit else { return }
        for key in touched {
            try db.execute(
                sql: "UPDATE media SET used_at = ? WHERE key = ?", arguments: [clock.now().timeIntervalSince1970, key])
        }
        var left = try Self.count(db)
        let rows = try Row.fetchAll(db, sql: "SELECT key, bytes FROM media WHERE own = 0 ORDER BY used_at, key")
        let pinned = try Self.pinned(db)
        for row in rows where left > limit * 9 / 10 {
            let key: String = row["key"]
            if pinned.contains(key) { continue }
            let bytes: Int64 = row["bytes"]
            unlink(folder.appendingPathComponent(key).path)
            try db.execute(sql: "DELETE FROM media WHERE key = ?", arguments: [key])
            left -= bytes
        }
        state.withLock { $0.total = left }
    }

    /// Pictures of what the artist bookmarked.
    private static func pinned(_ db: GRDB.Database) throws -> Set<String> {
        let statuses = try StatusReader.list(db, "statuses.bookmarked = 1", below: .max, limit: 10_000).map(\.status)
        return Set(
            statuses.flatMap(\.media).flatMap { media in
                [MediaVariant.preview, .original].map { key(address(of: media, $0)) }
            })
    }

    private static func count(_ db: GRDB.Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT coalesce(sum(bytes), 0) FROM media WHERE own = 0") ?? 0
    }

    /// Files that a cache that was thrown away left behind count again.
    private func adoptStrays() throws {
        guard try database.read({ try Int.fetchOne($0, sql: "SELECT count(*) FROM media") }) == 0 else { return }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { BlobID($0) != nil }
        guard !names.isEmpty else { return }
        try database.write { db in
            for name in names {
                let path = folder.appendingPathComponent(name).path
                let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
                try db.execute(
                    sql: "INSERT OR IGNORE INTO media (key, bytes, own, used_at) VALUES (?, ?, 0, 0)",
                    arguments: [name, size?.int64Value ?? 0])
            }
        }
    }

    private static func key(_ address: String) -> String { Digest.sha256(Data(address.utf8)) }
}

/// Tells pictures by their first bytes.
enum PictureMagic {
    /// PNG, JPEG, GIF or WebP.
    static func isPicture(_ data: Data) -> Bool {
        let head = [UInt8](data.prefix(12))
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return true }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return true }
        if head.starts(with: Array("GIF8".utf8)) { return true }
        return head.count == 12 && head.starts(with: Array("RIFF".utf8)) && head[8...] == Array("WEBP".utf8)[...]
    }
}
