import ArgumentParser
import Core
import Foundation

/// `fixative queue`
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "The publishing queue.",
        subcommands: [
            List.self, Show.self, Edit.self, Retry.self, Cancel.self, Changes.self, Resolve.self,
        ], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what waits, newest first.")
        @Flag(help: "Published and cancelled items too.") var all = false
        @Flag(help: "Print a JSON array.") var json = false

        func run() throws {
            let workshop = try Workshop()
            _ = try workshop.signedIn()
            let items = try workshop.store.items(includingDone: all)
            if json {
                try Console.json(items)
            } else if items.isEmpty {
                Console.error("The queue is empty.")
            } else {
                for item in items { try QueueText.print(item, json: false) }
            }
            let waiting = try workshop.store.operations().filter { $0.state != .waiting }.count
            if waiting > 0, !json {
                Console.error("\(waiting) change(s) to published pieces need you: 'fixative queue changes'.")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one item, or one change with all its versions.")
        @Argument(help: "Id of the item, or of a change such as op:12.") var id: String
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let workshop = try Workshop()
            guard ChangeAnswer.number(id) != nil else {
                return try QueueText.print(try QueueText.item(id, workshop), json: json)
            }
            let answer = ChangeAnswer(try ChangeAnswer.find(id, workshop))
            if json { try Console.json(answer) } else { Console.out(answer.whole) }
        }
    }

    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change an item that is not published yet.")
        @Argument(help: "Id of the item.") var id: String
        @OptionGroup var changes: DraftChanges
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let workshop = try Workshop()
            let item = try QueueText.item(id, workshop)
            let draft = try changes.applied(to: item.draft)
            if draft.recipe != item.draft.recipe { _ = try workshop.recipes.recipe(draft.recipe) }
            try QueueText.print(try workshop.store.edit(item.id, draft), json: json)
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try an item or a refused change again now.")
        @Argument(help: "Id of the item, or of a change such as op:12.") var id: String
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let workshop = try Workshop()
            if let number = ChangeAnswer.number(id) {
                _ = try ChangeAnswer.find(id, workshop)
                try workshop.store.retryOperation(number)
                return try workshop.send("Sent again")
            }
            let item = try QueueText.item(id, workshop)
            try QueueText.print(try workshop.store.retry(item.id), json: json)
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel an item. Where it may be published already, that is found out first.")
        @Argument(help: "Id of the item, or of a change such as op:12, which is forgotten.") var id: String
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let workshop = try Workshop()
            if let number = ChangeAnswer.number(id) {
                _ = try ChangeAnswer.find(id, workshop)
                try workshop.store.dropOperation(number)
                return Console.out("Forgotten; what the server has counts.")
            }
            let item = try QueueText.item(id, workshop)
            try QueueText.print(try workshop.store.cancel(item.id), json: json)
        }
    }
}

/// The fields of a draft as options; what is not given stays.
struct DraftChanges: ParsableArguments {
    @Option(help: "Title.") var title: String?
    @Option(help: "Caption.") var caption: String?
    @Option(help: "Alt text.") var alt: String?
    @Option(help: "Hashtags; all that are given replace all that were there.") var tag: [String] = []
    @Flag(inversion: .prefixedNo, help: "Hide the picture behind a warning.") var sensitive: Bool?
    @Option(help: "public, unlisted, private or direct.") var visibility: String?
    @Option(help: "Licence as an SPDX id or URL.") var license: String?
    @Option(help: "Protection recipe; a change protects again.") var recipe: String?
    @Option(help: "Not before this time, such as 2026-12-24T18:00 or 18:00; 'now' as soon as possible.") var at: String?

    /// Whether any was given.
    var isGiven: Bool {
        [title, caption, alt, visibility, license, recipe, at].contains { $0 != nil } || !tag.isEmpty
            || sensitive != nil
    }

    func applied(to draft: Draft) throws -> Draft {
        var draft = draft
        if let title { draft.title = title }
        if let caption { draft.caption = caption }
        if let alt { draft.altText = alt }
        if !tag.isEmpty { draft.tags = try tag.map(Hashtag.check) }
        if let sensitive { draft.sensitive = sensitive }
        if let visibility = try Arguments.visibility(visibility) { draft.visibility = visibility }
        if let license { draft.license = license.isEmpty ? nil : license }
        if let recipe { draft.recipe = recipe }
        if let at { draft.publishAt = at == "now" ? nil : try PublishTime.parse(at) }
        return draft
    }
}

/// Items of the queue for a person to read.
enum QueueText {
    static func item(_ id: String, _ workshop: Workshop) throws -> OutboxItem {
        _ = try workshop.signedIn()
        guard let item = try workshop.store.item(try Arguments.itemID(id)) else {
            throw UserError("There is no item \(id) in the queue: 'fixative queue list --all' shows them.", .no)
        }
        return item
    }

    static func print(_ item: OutboxItem, json: Bool) throws {
        if json {
            try Console.json(item)
            return
        }
        var line = "\(item.id)  \(item.state.rawValue)  \(Sanitiser.line(item.fileName))"
        if !item.draft.title.isEmpty { line += "  “\(Sanitiser.line(item.draft.title))”" }
        if let statusID = item.statusID { line += "  status \(Sanitiser.line(statusID))" }
        if let date = item.draft.publishAt, !item.state.isResting {
            line += "  not before \(date.formatted(Date.ISO8601FormatStyle(timeZone: .current)))"
        }
        if item.cancelRequested, !item.state.isResting { line += "  (cancelling)" }
        if let attention = item.attention { line += "\n  \(Sanitiser.line(attention.message))" }
        Console.out(line)
    }

    /// 0 when all are published, 4 when one needs the artist, 3 when something is still on its way.
    static func exitStatus(_ items: [OutboxItem]) -> ExitStatus {
        if items.contains(where: { $0.state == .needsAttention || $0.state == .conflict }) { return .attention }
        return items.allSatisfy { $0.state == .published } ? .done : .unavailable
    }
}
