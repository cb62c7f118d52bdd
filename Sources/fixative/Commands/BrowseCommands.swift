import ArgumentParser
import Core
import Foundation

/// `fixative timeline`
struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "List statuses from the local store, newest first.")

    @Argument(help: "home, local, bookmarks, favourites, tag:NAME or account:NAME.") var name = "home"
    @Option(help: "Most statuses to list.") var limit = 20
    @Option(help: "Begin after this status id.") var before: String?
    @Flag(help: "Print a JSON array.") var json = false

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        guard var timeline = Timeline(name) else {
            throw UserError(
                "There is no timeline '\(name)': choose home, local, bookmarks, favourites, tag:NAME or account:NAME.")
        }
        if case .account(let acct) = timeline { timeline = .account(try workshop.accountID(acct)) }
        let entries = try workshop.store.timeline(timeline, limit: try Arguments.limit(limit), before: before)
        try EntryList.print(entries, workshop, json: json, empty: "Nothing here yet: 'fixative sync' fetches.")
    }
}

/// `fixative search`
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search statuses.",
        discussion: """
            Words, "phrases", prefix*, tag:x, -tag:y, by:account, since:2026-01-31, until:2026-02-28, \
            is:mine|queued|bookmarked|favourited|sensitive, has:alt, license:CC-BY-4.0, OR, parentheses. The local \
            store is searched; without --offline a round of synchronisation is tried first. Exit code 1 when \
            nothing was found.
            """)

    @Argument(help: "The search.") var query: [String]
    @Flag(help: "Do not touch the network.") var offline = false
    @Option(help: "Most statuses to list.") var limit = 20
    @Flag(help: "Print a JSON array.") var json = false

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        let parsed = try SearchParser.parse(query.joined(separator: " "))
        if !offline, case let summary = try workshop.engine().runOnce(), let problem = summary.problem {
            Console.error("Searching what is on this machine: \(problem)")
        }
        let entries = try workshop.store.search(parsed, limit: try Arguments.limit(limit))
        try EntryList.print(entries, workshop, json: json, empty: "Nothing was found.")
        if entries.isEmpty { throw ExitCode(ExitStatus.no.rawValue) }
    }
}

/// `fixative show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one status, or one publication of the queue.")

    @Argument(help: "Id of a status.") var id: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        let entry = try workshop.entry(id)
        if json {
            try Console.json(StatusAnswer(entry, workshop.store))
        } else {
            Console.out(StatusText.whole(entry))
        }
    }
}

/// `fixative fetch`
struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Save the picture of a status as the server has it.")

    @Argument(help: "Id of a status.") var id: String
    @Option(name: [.short, .customLong("output")], help: "Output file; must not exist.") var output: String
    @Option(help: "Which of its pictures, from 1.") var picture = 1

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        let entry = try workshop.entry(id)
        guard entry.status.media.indices.contains(picture - 1) else {
            throw UserError(
                "The status has \(entry.status.media.count) picture(s): --picture \(picture) is none of them.")
        }
        guard !FileManager.default.fileExists(atPath: output) else { throw NewFile.exists(output) }
        let data = try workshop.engine().fetchOriginal(entry.status.media[picture - 1])
        try NewFile.write(data, to: output)
        Console.out("\(output): \(data.count) bytes")
    }
}

/// Statuses one after the other.
enum EntryList {
    static func print(_ entries: [LibraryEntry], _ workshop: Workshop, json: Bool, empty: String) throws {
        if json {
            try Console.json(entries.map { StatusAnswer($0, workshop.store) })
        } else if entries.isEmpty {
            Console.error(empty)
        } else {
            for entry in entries { Console.out(StatusText.lines(entry)) }
        }
    }
}
