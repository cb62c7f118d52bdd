import Core
import Foundation

/// Where the files of one account lie.
struct StoreLayout: Sendable {
    /// `data/accounts/ID`: what must never be lost.
    let root: URL
    /// `cache/accounts/ID`: the files of others.
    let media: URL

    init(directories: Directories, account id: String) {
        root = directories.data.appendingPathComponent("accounts", isDirectory: true)
            .appendingPathComponent(id, isDirectory: true)
        media = directories.cache.appendingPathComponent("accounts", isDirectory: true)
            .appendingPathComponent(id, isDirectory: true).appendingPathComponent("media", isDirectory: true)
    }

    var vault: URL { root.appendingPathComponent("vault.db") }
    var cache: URL { root.appendingPathComponent("cache.db") }
    var blobs: URL { root.appendingPathComponent("blobs", isDirectory: true) }
    var originals: URL { root.appendingPathComponent("originals", isDirectory: true) }
    var locks: URL { root.appendingPathComponent("locks", isDirectory: true) }
    var backups: URL { root.appendingPathComponent("backups", isDirectory: true) }
    var refreshToken: URL { root.appendingPathComponent("refresh-token") }
    var token: URL { root.appendingPathComponent("token") }
    var migrationLock: URL { locks.appendingPathComponent("migration") }
    var pullLock: URL { locks.appendingPathComponent("pull") }

    /// Makes the folders, 0700, and takes from files what others may do with them.
    func prepare() throws {
        for folder in [root, locks, backups, media] { try PrivateFiles.makeDirectory(folder) }
        for name in try FileManager.default.contentsOfDirectory(atPath: root.path) {
            let url = root.appendingPathComponent(name)
            var isDirectory: ObjCBool = false
            // A journal may vanish between listing and looking.
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue {
                try PrivateFiles.tighten(url, to: 0o700)
            } else {
                try? PrivateFiles.tighten(url)
            }
        }
    }
}
