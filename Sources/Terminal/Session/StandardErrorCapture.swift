import Foundation
import Glibc

/// Keeps what is written to standard error off the screen: it goes to a file while the screen is ours and is shown
/// once it is not. Swift itself prints there before it traps.
final class StandardErrorCapture {
    let file: Int32
    let original: Int32
    private let start: off_t

    /// Nil when the file cannot be opened: then standard error stays what it is.
    init?(log: URL) {
        let file = open(log.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        let original = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        guard original >= 0, dup2(file, STDERR_FILENO) >= 0 else {
            close(file)
            return nil
        }
        self.file = file
        self.original = original
        start = lseek(file, 0, SEEK_END)
    }

    /// Gives standard error back and replays at most 64 KiB of what came meanwhile.
    func finish() {
        dup2(original, STDERR_FILENO)
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = pread(file, &bytes, bytes.count, start)
        if count > 0 { _ = Glibc.write(STDERR_FILENO, bytes, count) }
        close(file)
        close(original)
    }
}
