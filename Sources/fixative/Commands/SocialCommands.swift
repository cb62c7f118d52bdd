import ArgumentParser
import Core
import Foundation

/// `fixative boost`
struct BoostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "boost", abstract: "Boost a status.")

    @Argument(help: "Id of the status.") var id: String
    @Flag(help: "Take it back.") var undo = false

    func run() throws {
        let workshop = try Workshop()
        let entry = try workshop.entry(id)
        try workshop.store.perform(.boost(statusID: entry.status.id, !undo))
        try workshop.send(undo ? "No boost any more" : "Boosted")
    }
}

/// `fixative follow`
struct FollowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "follow", abstract: "Follow an account.")

    @Argument(help: "NAME, NAME@HOST or id of an account that this machine has seen.") var name: String
    @Flag(help: "Take it back.") var undo = false

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        try workshop.store.perform(.follow(accountID: try workshop.accountID(name), !undo))
        try workshop.send(undo ? "Not followed any more" : "Followed")
    }
}

/// `fixative reply`
struct ReplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "reply", abstract: "Reply to a status.")

    @Argument(help: "Id of the status.") var id: String
    @Argument(help: "The text.") var text: String
    @Option(help: "public, unlisted, private or direct; as the status is, without it.") var visibility: String?

    func run() throws {
        let workshop = try Workshop()
        let entry = try workshop.entry(id)
        guard !text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty else {
            throw UserError("A reply needs a text.")
        }
        let visibility = try Arguments.visibility(visibility) ?? entry.status.visibility
        try workshop.store.perform(
            .reply(statusID: entry.status.id, text: text, visibility: visibility, id: ClientID()))
        try workshop.send("Replied")
    }
}
