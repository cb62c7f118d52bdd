import Core
import Foundation
import GRDB

/// How far the cache has followed the server.
public struct FeedCursor: Hashable, Sendable {
    /// The server's opaque state; nil before the first page of a snapshot.
    public var state: String?
    /// A snapshot is under way: what it does not name goes when it is complete.
    public var isSnapshot: Bool

    public init(state: String?, isSnapshot: Bool) {
        self.state = state
        self.isSnapshot = isSnapshot
    }
}

/// One page of changes.
public struct FeedPage: Sendable {
    public var statuses: [Status]
    public var destroyed: [String]
    public var state: String
    public var isLast: Bool

    public init(statuses: [Status], destroyed: [String], state: String, isLast: Bool) {
        self.statuses = statuses
        self.destroyed = destroyed
        self.state = state
        self.isLast = isLast
    }
}

/// The sync engine's side of the cache.
extension Cache {
    /// How long the cache remembers what was deleted.
    static let tombstoneDays = 90.0

    public func cursor() throws -> FeedCursor {
        try read { db in
            let state = try Meta.text(db, .state)
            return FeedCursor(state: state, isSnapshot: try state == nil || Meta.number(db, .building) == 1)
        }
    }

    /// Begins a snapshot: the server cannot tell what changed since our state. What is shown stays until it is
    /// complete.
    public func beginSnapshot() throws {
        try write { db in
            try Meta.set(db, .generation, (try Meta.number(db, .generation) ?? 0) + 1)
            try Meta.set(db, .building, 1)
            try Meta.set(db, .state, nil as String?)
            // The snapshot begins after these came, and will name them if they are still there.
            try db.execute(
                sql: "UPDATE statuses SET generation = 0 WHERE generation = ?", arguments: [StatusWriter.doubtful])
        }
    }

    /// Statuses that came another way than by the feed, which has not named them yet.
    public func doubtful() throws -> Set<String> {
        try read { db in
            try String.fetchSet(
                db, sql: "SELECT id FROM statuses WHERE generation = ?", arguments: [StatusWriter.doubtful])
        }
    }

    /// The server was asked for it, after the feed had been read: from here on the feed tells.
    public func confirm(_ status: Status) throws {
        try write { db in
            var writer = try StatusWriter(db, me: accountID)
            try writer.put(status)
            try db.execute(
                sql: "UPDATE statuses SET generation = ? WHERE id = ? AND generation = ?",
                arguments: [writer.generation, status.id, StatusWriter.doubtful])
        }
    }

    /// Takes a page in, with the cursor in the same transaction.
    public func apply(_ page: FeedPage) throws {
        try write { db in
            var writer = try StatusWriter(db, me: accountID)
            for status in page.statuses { try writer.put(status, isFeed: true) }
            for id in page.destroyed { try writer.remove(id, at: clock.now()) }
            if page.isLast, try Meta.number(db, .building) == 1 {
                try writer.sweep()
                try Meta.set(db, .building, 0)
            }
            try Meta.set(db, .state, page.state)
        }
    }

    /// Takes statuses in that came another way: the answer to an operation, a timeline of a plain server, a search.
    public func put(_ statuses: [Status], inHome: Bool = false) throws {
        try write { db in
            var writer = try StatusWriter(db, me: accountID)
            for status in statuses { try writer.put(status, inHome: inHome) }
        }
    }

    public func remove(_ statusID: String) throws {
        try write { db in
            try StatusWriter(db, me: accountID).remove(statusID, at: clock.now())
        }
    }

    /// Whom the account follows: their statuses, and its own, are the home timeline.
    public func setFollows(_ ids: Set<String>) throws {
        try write { db in
            let before = try String.fetchSet(db, sql: "SELECT account_id FROM follows")
            guard before != ids else { return }
            for id in before.subtracting(ids) {
                try db.execute(sql: "DELETE FROM follows WHERE account_id = ?", arguments: [id])
                try db.execute(
                    sql: "UPDATE statuses SET home = 0 WHERE account_id = ? AND account_id != ?",
                    arguments: [id, accountID])
            }
            for id in ids.subtracting(before) {
                try db.execute(sql: "INSERT INTO follows (account_id) VALUES (?)", arguments: [id])
                try db.execute(sql: "UPDATE statuses SET home = 1 WHERE account_id = ?", arguments: [id])
            }
        }
    }

    /// A pull is done: everything that the server had at `date` is here.
    public func finishPull(at date: Date) throws {
        try write { db in
            try Meta.set(db, .lastSync, String(date.timeIntervalSince1970))
            let oldest = date.timeIntervalSince1970 - Self.tombstoneDays * 86_400
            try db.execute(sql: "DELETE FROM tombstones WHERE at < ?", arguments: [oldest])
        }
    }

    public func lastSync() throws -> Date? {
        try read { try Meta.text($0, .lastSync) }.flatMap(Double.init).map(Date.init(timeIntervalSince1970:))
    }

    /// The id that a plain server's timeline was caught up to.
    public func mark(of timeline: String) throws -> String? { try read { try Meta.text($0, .mark(timeline)) } }

    /// Takes a page of a plain server's timeline in, with its mark in the same transaction.
    public func apply(_ statuses: [Status], timeline: String, inHome: Bool, mark: String?) throws {
        try write { db in
            var writer = try StatusWriter(db, me: accountID)
            for status in statuses { try writer.put(status, inHome: inHome) }
            if let mark { try Meta.set(db, .mark(timeline), mark) }
        }
    }

    /// Media of the newest statuses whose preview is not here, newest first.
    public func missingPreviews(among limit: Int) throws -> [(media: MediaAttachment, own: Bool)] {
        let statuses = try read { db in try StatusReader.newest(db, limit: limit) }
        return statuses.flatMap { status in
            status.media.filter { $0.kind == .image && media.file(of: $0, .preview) == nil }
                .map { ($0, status.account.id == accountID) }
        }
    }
}

/// Single values of `cache.db`.
enum Meta {
    struct Key { let name: String }

    static func text(_ db: GRDB.Database, _ key: Key) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key.name])
    }

    static func number(_ db: GRDB.Database, _ key: Key) throws -> Int? {
        try Int.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key.name])
    }

    static func set(_ db: GRDB.Database, _ key: Key, _ value: (some DatabaseValueConvertible)?) throws {
        try db.execute(
            sql: "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key.name, value])
    }
}

extension Meta.Key {
    static let state = Meta.Key(name: "state")
    static let generation = Meta.Key(name: "generation")
    static let building = Meta.Key(name: "building")
    static let lastSync = Meta.Key(name: "last_sync")
    static func mark(_ timeline: String) -> Meta.Key { Meta.Key(name: "mark:" + timeline) }
}
