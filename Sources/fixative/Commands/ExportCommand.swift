import ArgumentParser
import Core
import Foundation

/// `fixative export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Copy everything that is yours into a new directory.",
        discussion: """
            The protected files, the receipts and the queue as JSON, and the originals that are still queued. \
            Nothing is taken away.
            """)

    @Argument(help: "Directory; must not exist.") var directory: String

    func run() throws {
        let workshop = try Workshop()
        let account = try workshop.signedIn()
        guard !FileManager.default.fileExists(atPath: directory) else {
            throw UserError("'\(directory)' exists already: name a new directory.")
        }
        guard let store = try workshop.store.current() else { throw CancellationError() }
        let root = URL(fileURLWithPath: directory, isDirectory: true)
        let folders = ["protected", "originals"].map { root.appendingPathComponent($0, isDirectory: true) }
        for folder in folders {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let items = try workshop.store.items(includingDone: true)
        var copied = 0
        for item in items {
            let name = "\(item.id)"
            if let blob = try store.vault.protectedCopy(of: item.id) {
                let path = folders[0].appendingPathComponent("\(name).\(blob.format.fileExtension)").path
                try NewFile.write(blob.data, to: path)
                copied += 1
            }
            if let original = try store.vault.originalCopy(of: item.id) {
                try NewFile.write(original, to: folders[1].appendingPathComponent(name).path)
                copied += 1
            }
        }
        let receipts = try workshop.store.receipts()
        try NewFile.write(
            Data((try JSONText.encode(receipts) + "\n").utf8), to: root.appendingPathComponent("receipts.json").path)
        try NewFile.write(
            Data((try JSONText.encode(items) + "\n").utf8), to: root.appendingPathComponent("queue.json").path)
        Console.out(
            "\(directory): \(copied) files, \(receipts.count) receipts, \(items.count) queue items of \(account.account.acct)"
        )
    }
}
