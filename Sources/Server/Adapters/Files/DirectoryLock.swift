import Core
import Foundation
import Glibc

/// Holds a data directory for one process, for as long as the process lives.
package final class DirectoryLock: Sendable {
    private let file: Int32

    /// Throws `UserError` when another process holds the directory.
    package init(_ directory: URL) throws {
        let path = directory.appendingPathComponent("lock").path
        file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw UserError("Cannot write into \(directory.path): \(String(cString: strerror(errno))).")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw UserError(
                "\(directory.path) is in use by another fixative-server: stop it, or give another --data directory.",
                .unavailable)
        }
    }

    deinit { close(file) }
}
