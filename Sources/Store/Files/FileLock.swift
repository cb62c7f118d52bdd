import Core
import Foundation
import Glibc

/// An advisory lock on a file (`flock(2)`): the kernel drops it when its holder dies, however that happens, and a
/// process id that is used again cannot be taken for a living holder.
final class FileLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Waits until the lock is free, and holds it during the body.
    static func holding<T>(_ url: URL, _ body: () throws -> T) throws -> T {
        let lock = try wait(at: url)
        return try withExtendedLifetime(lock, body)
    }

    /// Waits until the lock is free.
    private static func wait(at url: URL) throws -> FileLock {
        let descriptor = try openFile(url)
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                close(descriptor)
                throw UserError("Cannot lock \(url.path).", .internal)
            }
        }
        return FileLock(descriptor: descriptor)
    }

    /// Nil when another holds it.
    static func attempt(at url: URL) throws -> FileLock? {
        let descriptor = try openFile(url)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return FileLock(descriptor: descriptor)
    }

    private static func openFile(_ url: URL) throws -> Int32 {
        let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError("Cannot open the lock \(url.path): \(String(cString: strerror(errno))).", .internal)
        }
        return descriptor
    }
}
