import Foundation
import Glibc

/// The user's own editor, for longer texts (`$VISUAL`, `$EDITOR`, else `vi`).
struct Editor {
    let command: String

    init(environment: [String: String]) {
        let set = ["VISUAL", "EDITOR"].compactMap { environment[$0] }.first { !$0.isEmpty }
        command = set ?? "vi"
    }

    /// The text after editing; nil when the editor failed. The file is private and gone afterwards.
    func edit(_ text: String) -> String? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fixative-\(UUID().uuidString)")
        let file = folder.appendingPathComponent("text.md")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try Data(text.utf8).write(to: file)
        } catch {
            return nil
        }
        // The variable may hold arguments, so a shell reads it; the file's name is an argument of its own.
        let words = ["sh", "-c", command + " \"$1\"", "sh", file.path]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawn(&child, "/bin/sh", nil, nil, arguments, environ) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 { if errno != EINTR { return nil } }
        guard status == 0, let data = try? Data(contentsOf: file), data.count < 1 << 20 else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
