import Core
import Foundation
import GRDB

/// For servers without a feed of changes: what is here and has to be compared with what they say.
extension Cache {
    public func status(_ id: String) throws -> Status? { try read { try StatusReader.one($0, id) }?.status }

    /// Ids of the statuses of a list that were posted between two others, both included.
    public func ids(inHome: Bool, from oldest: Status, to newest: Status) throws -> Set<String> {
        let column = inHome ? "home" : "local"
        let low = StatusOrder.start(of: oldest.createdAt)
        let high = StatusOrder.start(of: newest.createdAt.addingTimeInterval(0.001))
        return try read { db in
            try String.fetchSet(
                db, sql: "SELECT id FROM statuses WHERE \(column) = 1 AND row BETWEEN ? AND ?", arguments: [low, high])
        }
    }

    /// Takes others' statuses out of the home timeline.
    public func leaveHome(_ ids: [String]) throws {
        guard !ids.isEmpty else { return }
        try write { db in
            for id in ids {
                try db.execute(
                    sql: "UPDATE statuses SET home = 0 WHERE id = ? AND account_id != ?", arguments: [id, accountID])
            }
        }
    }

    /// The next statuses to look at again, newest first, going round. The place is kept in the cache.
    public func nextProbe(_ limit: Int, among newest: Int) throws -> [String] {
        try write { db in
            let place = try Meta.text(db, .probe).flatMap { Int64($0) } ?? .max
            let window = "(SELECT row, id FROM statuses ORDER BY row DESC LIMIT \(newest))"
            var rows = try Row.fetchAll(
                db, sql: "SELECT row, id FROM \(window) WHERE row < ? ORDER BY row DESC LIMIT ?",
                arguments: [place, limit])
            if rows.count < limit {
                rows += try Row.fetchAll(
                    db, sql: "SELECT row, id FROM \(window) WHERE row >= ? ORDER BY row DESC LIMIT ?",
                    arguments: [place, limit - rows.count])
            }
            try Meta.set(db, .probe, rows.last.map { String($0["row"] as Int64) })
            return rows.map { $0["id"] }
        }
    }

    /// Which marks a plain server's list of bookmarks or favourites stands for.
    public enum Mark: String, Sendable { case bookmarked, favourited }

    /// Takes the whole list in: what is not on it is not marked any more.
    public func setMarked(_ mark: Mark, all ids: Set<String>) throws {
        let marked = try read { db in
            try String.fetchSet(db, sql: "SELECT id FROM statuses WHERE \(mark.rawValue) = 1")
        }
        let gone = marked.subtracting(ids)
        guard !gone.isEmpty else { return }
        try write { db in
            var writer = try StatusWriter(db, me: accountID)
            for id in gone {
                guard var status = try StatusReader.one(db, id)?.status else { continue }
                switch mark {
                case .bookmarked: status.bookmarked = false
                case .favourited: status.favourited = false
                }
                try writer.put(status)
            }
        }
    }

    /// When a slow part of a pull was done last.
    public func lastTime(of part: String) throws -> Date? {
        try read { try Meta.text($0, .done(part)) }.flatMap(Double.init).map(Date.init(timeIntervalSince1970:))
    }

    public func setLastTime(of part: String, _ date: Date) throws {
        try write { try Meta.set($0, .done(part), String(date.timeIntervalSince1970)) }
    }

    /// What the server said of itself.
    public func server() throws -> ServerDescription? {
        try read { try Meta.text($0, .server) }.flatMap { try? StoreJSON.value(ServerDescription.self, $0) }
    }

    public func setServer(_ description: ServerDescription) throws {
        guard try server() != description else { return }
        try write { try Meta.set($0, .server, try StoreJSON.text(description)) }
    }
}

extension Meta.Key {
    fileprivate static let probe = Meta.Key(name: "probe")
    fileprivate static let server = Meta.Key(name: "server")
    fileprivate static func done(_ part: String) -> Meta.Key { Meta.Key(name: "done:" + part) }
}
