import ArgumentParser
import Core
import Foundation

/// `fixative edit`
struct EditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Edit one of your statuses. It shows at once and is sent when the network allows.")

    @Argument(help: "Id of the status.") var id: String
    @OptionGroup var changes: DraftChanges

    func run() throws {
        let workshop = try Workshop()
        let entry = try workshop.ownEntry(id)
        let status = entry.status
        let draft = Draft(editing: status, recipe: workshop.preferences["recipe"])
        if changes.at != nil { throw UserError("A published piece cannot be scheduled.") }
        if changes.recipe != nil {
            throw UserError("A published picture cannot be protected again: publish it anew with another recipe.")
        }
        try workshop.store.perform(.edit(statusID: status.id, try changes.applied(to: draft)))
        try workshop.send("Edited")
    }
}

/// `fixative delete`
struct DeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete one of your statuses. Its receipt is kept.")

    @Argument(help: "Id of the status.") var id: String

    func run() throws {
        let workshop = try Workshop()
        let entry = try workshop.ownEntry(id)
        try workshop.store.perform(.delete(statusID: entry.status.id))
        try workshop.send("Deleted")
    }
}

/// `fixative favourite`
struct FavouriteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "favourite", abstract: "Favourite a status.")

    @Argument(help: "Id of the status.") var id: String
    @Flag(help: "Take it back.") var undo = false

    func run() throws {
        let workshop = try Workshop()
        let entry = try workshop.entry(id)
        try workshop.store.perform(.favourite(statusID: entry.status.id, !undo))
        try workshop.send(undo ? "No favourite any more" : "Favourited")
    }
}

/// `fixative bookmark`
struct BookmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bookmark", abstract: "Bookmark a status.")

    @Argument(help: "Id of the status.") var id: String
    @Flag(help: "Take it back.") var undo = false

    func run() throws {
        let workshop = try Workshop()
        let entry = try workshop.entry(id)
        try workshop.store.perform(.bookmark(statusID: entry.status.id, !undo))
        try workshop.send(undo ? "No bookmark any more" : "Bookmarked")
    }
}

/// `fixative receipt`
struct ReceiptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "Print the signed receipt of a publication.")

    @Argument(help: "Id of the queue item, or of the status.") var id: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        let known = try workshop.store.receipts()
        guard let receipt = known.first(where: { $0.clientID.description == id.lowercased() || $0.statusID == id })
        else { throw UserError("There is no receipt for '\(id)': only published pieces have one.", .no) }
        if json {
            try Console.json(receipt)
            return
        }
        Console.out(
            """
            publication  \(receipt.clientID)
            published    \(receipt.publishedAt.formatted(Date.ISO8601FormatStyle()))
            status       \(Sanitiser.line(receipt.statusURL ?? receipt.statusID))
            server       \(Sanitiser.line(receipt.server))
            payload      \(receipt.payload?.description ?? "none")
            recipe       \(Sanitiser.line(receipt.recipe))
            original     sha256 \(receipt.originalSHA256)
            protected    sha256 \(receipt.protectedSHA256)
            public key   \(receipt.publicKey)
            signature    \(receipt.signature)
            """)
    }
}
