import Core
import Foundation
import GRDB
import Synchronization

/// Notices that any connection of any process changed a database, by `PRAGMA data_version` on a connection that
/// writes nothing itself.
final class ChangeWatch: Sendable {
    private let connection: DatabaseQueue
    private let last = Mutex<UInt64>(0)

    init(_ url: URL) throws {
        var configuration = Configuration()
        configuration.label = "watch"
        configuration.busyMode = .timeout(0.02)
        connection = try DatabaseQueue(path: url.path, configuration: configuration)
    }

    /// A number that is different after every change. A database that is being written at this moment keeps its last.
    func value() -> UInt64 {
        let found = try? connection.unsafeRead { try Int64.fetchOne($0, sql: "PRAGMA data_version") }
        return last.withLock { value in
            if let found = found ?? nil { value = UInt64(clamping: found) }
            return value
        }
    }
}
