import CFaultVFS
import Foundation
import Synchronization
import TestSupport

/// The disk of one simulated machine: every change that SQLite makes to a file passes here first, and from the moment
/// of a crash none is let through, so that the next start finds exactly what a killed process would have left.
final class SimulatedDisk: Sendable {
    struct Change: Sendable {
        var path: String
        var operation: fixative_disk_operation
        /// The place of a write, the new size of a truncation.
        var offset: Int64

        /// A transaction of the vault takes effect: its rollback journal is emptied.
        var isVaultCommit: Bool {
            operation == FIXATIVE_DISK_TRUNCATE && offset == 0 && path.hasSuffix("vault.db-journal")
        }
    }

    private struct State {
        var isDead = false
        var crash: (@Sendable (Change) -> Bool)?
    }

    private let state = Mutex(State())
    let folder: URL

    /// Everything that is simulated lies below it.
    static let root: URL = {
        let root = FastFolder.url.appendingPathComponent("fixative-simulation-\(getpid())", isDirectory: true)
        try? FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let code = fixative_disk_watch(root.path + "/") { path, operation, offset, _ in
            guard let path, let disk = SimulatedDisk.disk(of: path) else { return 0 }
            return disk.allows(Change(path: String(cString: path), operation: operation, offset: offset)) ? 0 : 1
        }
        atexit { try? FileManager.default.removeItem(at: SimulatedDisk.root) }
        precondition(code == SQLITE_OK, "the disk cannot be watched: \(code)")
        return root
    }()

    private static let disks = Mutex<[String: SimulatedDisk]>([:])

    /// - Parameter name: a folder below the root; its first two path components are its own.
    init(_ name: String) {
        folder = Self.root.appendingPathComponent(name, isDirectory: true)
        Self.disks.withLock { $0[folder.path] = self }
    }

    /// Forgets the disk and removes its files.
    func remove() {
        _ = Self.disks.withLock { $0.removeValue(forKey: folder.path) }
        try? FileManager.default.removeItem(at: folder)
    }

    var isDead: Bool { state.withLock { $0.isDead } }

    func die() { state.withLock { $0.isDead = true } }

    /// The machine is started again.
    func revive() { state.withLock { $0.isDead = false } }

    /// Asked before every change while the machine lives; true ends it there.
    func crash(when condition: (@Sendable (Change) -> Bool)?) { state.withLock { $0.crash = condition } }

    private func allows(_ change: Change) -> Bool {
        let (isDead, crash) = state.withLock { ($0.isDead, $0.crash) }
        if isDead { return false }
        guard let crash, crash(change) else { return true }
        die()
        return false
    }

    private static func disk(of path: UnsafePointer<CChar>) -> SimulatedDisk? {
        let text = String(cString: path)
        // root/world/machine/…
        var end = text.utf8.index(text.startIndex, offsetBy: root.path.utf8.count + 1)
        for _ in 0..<2 {
            guard let slash = text.utf8[end...].firstIndex(of: UInt8(ascii: "/")) else { return nil }
            end = text.utf8.index(after: slash)
        }
        let folder = String(text[..<text.utf8.index(before: end)])
        return disks.withLock { $0[folder] }
    }
}
