import Core
import Foundation
import Sync
import Synchronization

/// What the engine did, one sanitised line each, in `fixative.log` of the state directory. Holds no text of statuses
/// and no token. At 1 MiB the file becomes `fixative.log.1` and a new one begins.
final class EventLog: Sendable {
    private static let limit = 1 << 20
    private let file: URL
    private let lock = Mutex(())

    init(_ directory: URL) { file = directory.appendingPathComponent("fixative.log") }

    func write(_ event: SyncEvent) {
        switch event {
        case .item(let item): append("item \(item.id) \(item.state.rawValue) \(item.attention?.message ?? "")")
        case .published(let id, let statusID, _): append("published \(id) as \(statusID)")
        case .pulled(let count): if count > 0 { append("pulled \(count)") }
        case .pulling: break
        case .sent: append("sent an operation")
        case .problem(let text): append("problem: \(text)")
        }
    }

    /// Logging never stops the work: a log that cannot be written is not written.
    private func append(_ text: String) {
        lock.withLock { _ in
            try? PrivateFiles.makeDirectory(file.deletingLastPathComponent())
            let size = (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? NSNumber)?.intValue ?? 0
            if size > Self.limit { rename(file.path, file.path + ".1") }
            let descriptor = open(file.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            let line = Array("\(time) \(Sanitiser.line(text))\n".utf8)
            _ = line.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        }
    }
}
