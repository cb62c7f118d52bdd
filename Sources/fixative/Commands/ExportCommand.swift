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
        guard let store = try workshop.store.current() else { return }
        let root = URL(fileURLWithPath: directory, isDirectory: true)
        try PrivateFiles.makeDirectory(root)
        let copied = try store.vault.export(to: root)
        let items = try workshop.store.items(includingDone: true)
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
