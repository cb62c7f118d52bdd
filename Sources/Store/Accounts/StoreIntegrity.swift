import Core
import GRDB

extension AccountStore {
    /// Runs SQLite's own check over both databases. Throws `UserError` that names what is damaged.
    public func checkIntegrity() throws {
        func check(_ name: String, _ answer: String?) throws {
            guard answer == "ok" else {
                throw UserError(
                    "The \(name) is damaged (\(answer ?? "no answer")): keep the folder as it is.", .internal)
            }
        }
        try check("vault", try vault.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") })
        try check("cache", try cache.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") })
    }
}
