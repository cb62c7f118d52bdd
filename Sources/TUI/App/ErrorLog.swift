import Core
import Foundation

/// The errors that were shown, newest first: on the screen by one key, and in a file for later.
@MainActor final class ErrorLog {
    struct Entry {
        var date: Date
        var message: String
    }

    private(set) var entries: [Entry] = []
    private let file: URL?

    init(file: URL?) { self.file = file }

    func add(_ message: String, at date: Date) {
        let clean = Sanitiser.line(message)
        entries.insert(Entry(date: date, message: clean), at: 0)
        if entries.count > 200 { entries.removeLast() }
        guard let file else { return }
        let line = Data("\(date.formatted(.iso8601)) \(clean)\n".utf8)
        if !FileManager.default.fileExists(atPath: file.path) {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        // A log that cannot be written must not stop the work it tells of.
        guard let handle = try? FileHandle(forWritingTo: file) else { return }
        _ = try? handle.seekToEnd()
        try? handle.write(contentsOf: line)
        try? handle.close()
    }
}
