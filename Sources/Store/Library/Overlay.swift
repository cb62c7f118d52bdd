import Core
import Foundation
import GRDB

/// The artist's operations that the cache does not show yet: what is shown = cache ⊕ overlay.
struct Overlay {
    private var favourites: [String: Bool] = [:]
    private var bookmarks: [String: Bool] = [:]
    private var boosts: [String: Bool] = [:]
    private var edits: [String: Draft] = [:]
    private(set) var deleted: Set<String> = []
    private var waiting: Set<String> = []

    init(_ operations: [QueuedOperation]) {
        for queued in operations where queued.attention == nil {
            switch queued.operation {
            case .favourite(let id, let value): favourites[id] = value
            case .bookmark(let id, let value): bookmarks[id] = value
            case .boost(let id, let value): boosts[id] = value
            case .edit(let id, let draft): edits[id] = draft
            case .delete(let id): deleted.insert(id)
            case .follow, .reply: continue
            }
            if !queued.acknowledged { waiting.insert(queued.operation.subject) }
        }
    }

    /// The status as the artist left it; nil when deleted.
    func show(_ status: Status, me: String) -> LibraryEntry? {
        guard !deleted.contains(status.id) else { return nil }
        var shown = status
        if let value = favourites[status.id], value != status.favourited {
            shown.favourited = value
            shown.favouritesCount = max(0, status.favouritesCount + (value ? 1 : -1))
        }
        if let value = bookmarks[status.id] { shown.bookmarked = value }
        if let value = boosts[status.id], value != status.reblogged {
            shown.reblogged = value
            shown.reblogsCount = max(0, status.reblogsCount + (value ? 1 : -1))
        }
        if let draft = edits[status.id] { Self.apply(draft, to: &shown) }
        return LibraryEntry(
            status: shown, state: waiting.contains(status.id) ? .pending : .synced, isMine: status.account.id == me)
    }

    static func apply(_ draft: Draft, to status: inout Status) {
        status.text = draft.statusText
        status.tags = draft.tags.map { $0.lowercased() }
        status.sensitive = draft.sensitive
        status.spoilerText = draft.spoilerText
        if !status.media.isEmpty { status.media[0].description = draft.altText }
        if let license = draft.license, status.provenance != nil { status.provenance?.license = license }
    }

    /// SQL conditions over `statuses`, with the operations in.
    var visible: SQL { deleted.isEmpty ? "1" : "statuses.id NOT IN \(deleted.sorted())" }
    var bookmarked: SQL { flagged("statuses.bookmarked = 1", bookmarks) }
    var favourited: SQL { flagged("statuses.favourited = 1", favourites) }

    private func flagged(_ stored: SQL, _ changes: [String: Bool]) -> SQL {
        if changes.isEmpty { return stored }
        let on = changes.filter(\.value).keys.sorted()
        let off = changes.filter { !$0.value }.keys.sorted()
        return "((\(stored) AND statuses.id NOT IN \(off)) OR statuses.id IN \(on))"
    }
}
