import ArgumentParser
import Core
import Foundation
import Sync

/// `fixative publish`
struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Protect image files and publish them through the queue.",
        discussion: """
            Each file is copied into the queue first: from then on it is published exactly once, whatever happens. \
            Without --wait one try is made at once. Exit code 3 means that something is still queued.
            """)

    @Argument(help: "Image files; each becomes a status.") var files: [String]
    @Option(help: "Title, the first line.") var title: String?
    @Option(help: "Caption.") var caption: String?
    @Option(help: "Alt text: what somebody who cannot see the picture should know.") var alt: String?
    @Option(help: "Hashtag, without #; may be given several times.") var tag: [String] = []
    @Flag(help: "Hide the picture behind a warning.") var sensitive = false
    @Option(help: "Text of the warning.") var warning: String?
    @Option(help: "public, unlisted, private or direct.") var visibility: String?
    @Option(help: "Licence as an SPDX id or URL.") var license: String?
    @Option(help: "Protection recipe.") var recipe: String?
    @Flag(help: "Queue only; the next sync publishes.") var later = false
    @Option(
        help: "Publish not before this time (local), such as 2026-12-24T18:00 or 18:00; kept here until then.")
    var at: String?
    @Flag(help: "Wait until everything is published or needs attention.") var wait = false
    @Flag(help: "Print one JSON object per file.") var json = false

    func run() throws {
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        var draft = try makeDraft(workshop)
        draft.publishAt = try at.map { try PublishTime.parse($0) }
        if draft.publishAt != nil, wait { throw UserError("Choose --at or --wait, not both.") }
        var ids: [ClientID] = []
        // Every file is checked before the first is queued: half a batch is nobody's wish.
        for file in files { _ = try Workshop.read(file) }
        for file in files {
            var own = draft
            if own.title.isEmpty { own.title = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent }
            ids.append(try workshop.store.enqueue(file: URL(fileURLWithPath: file), draft: own).id)
        }
        if !later {
            let summary = try workshop.engine().runOnce(pulling: false)
            if wait { try Patience.untilSettled(ids, workshop, after: summary) }
        }
        let items = try ids.compactMap { try workshop.store.item($0) }
        for item in items { try QueueText.print(item, json: json) }
        let status = QueueText.exitStatus(items)
        if status != .done, !((later || at != nil) && status == .unavailable) { throw ExitCode(status.rawValue) }
    }

    private func makeDraft(_ workshop: Workshop) throws -> Draft {
        let visibility = try Arguments.visibility(visibility ?? workshop.preferences["visibility"])
        let recipe = recipe ?? workshop.preferences["recipe"]
        _ = try workshop.recipes.recipe(recipe)
        return Draft(
            title: title ?? "", caption: caption ?? "", altText: alt ?? "",
            tags: try tag.map(Hashtag.check), sensitive: sensitive || warning != nil, spoilerText: warning ?? "",
            visibility: visibility ?? .public, license: license ?? workshop.preferences.text("license"),
            recipe: recipe)
    }
}

/// Waiting for publications.
enum Patience {
    /// Goes on until every item is published or needs the artist, or the network is gone.
    static func untilSettled(_ ids: [ClientID], _ workshop: Workshop, after first: SyncSummary) throws {
        let engine = workshop.engine()
        var summary = first
        while !summary.offline, !summary.needsLogin {
            let moving = try ids.compactMap { try workshop.store.item($0) }.filter { !$0.state.isResting }
            if moving.isEmpty { return }
            let next = moving.compactMap(\.nextAttempt).min() ?? Date()
            usleep(UInt32(min(max(next.timeIntervalSinceNow, 0.1), 30) * 1_000_000))
            summary = try engine.runOnce(pulling: false)
        }
    }
}

/// Hashtags as the artist types them.
enum Hashtag {
    static func check(_ text: String) throws -> String {
        let name = text.hasPrefix("#") ? String(text.dropFirst()) : text
        let isWord = name.unicodeScalars.allSatisfy { scalar in
            scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
        guard !name.isEmpty, isWord else {
            throw UserError("'\(text)' is no hashtag: use letters, digits and _ only.")
        }
        return name
    }
}
