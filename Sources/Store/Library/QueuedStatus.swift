import Core
import Foundation

/// Pieces of the queue as statuses, so that they are seen and found before any server has them.
enum QueuedStatus {
    static let blobScheme = "fixative-blob:"
    static let originalScheme = "fixative-original:"

    static func entry(_ item: OutboxItem, me: Account) -> LibraryEntry {
        let address: String
        if let blob = item.blob {
            address = blobScheme + blob.description
        } else {
            address = originalScheme + item.originalSHA256
        }
        let picture = MediaAttachment(
            id: item.id.description, url: address, description: item.draft.altText, width: item.report?.width,
            height: item.report?.height)
        let status = Status(
            id: item.id.description, createdAt: item.createdAt, account: me, text: item.draft.statusText,
            spoilerText: item.draft.spoilerText, sensitive: item.draft.sensitive, visibility: item.draft.visibility,
            media: [picture], tags: item.draft.tags.map { $0.lowercased() },
            provenance: StatusProvenance(
                clientID: item.id, markID: item.markID, license: item.draft.license, recipe: item.draft.recipe))
        return LibraryEntry(status: status, state: .queued, isMine: true)
    }

    /// Whether a list shows the piece once it is published.
    static func belongs(_ item: OutboxItem, to timeline: Timeline, me: Account) -> Bool {
        switch timeline {
        case .home: true
        case .local: item.draft.visibility == .public
        case .tag(let name): item.draft.tags.contains { $0.lowercased() == name }
        case .account(let id): id == me.id
        case .bookmarks, .favourites: false
        }
    }
}

/// A search over one entry in memory, by the same rules as the index.
struct EntryMatcher {
    let entry: LibraryEntry
    private let fields: [[String]]

    init(_ entry: LibraryEntry) {
        self.entry = entry
        let text = SearchText(entry.status)
        fields = [text.text, text.alt, text.tags].map { TextTokenizer.tokens(of: $0).map(\.text) }
    }

    func matches(_ query: SearchQuery) -> Bool {
        let status = entry.status
        switch query {
        case .everything: return true
        case .word(let text), .phrase(let text): return contains(text, prefix: false)
        case .prefix(let text): return contains(text, prefix: true)
        case .tag(let name): return status.tags.contains { $0.lowercased() == name.lowercased() }
        case .by(let acct): return status.account.acct.lowercased() == acct.lowercased()
        case .since(let date): return status.createdAt >= date
        case .until(let date): return status.createdAt < date.addingTimeInterval(86_400)
        case .flag(let flag): return has(flag)
        case .hasAlt: return status.media.contains { !($0.description ?? "").isEmpty }
        case .license(let license):
            let own = status.provenance?.license?.lowercased() ?? "none"
            return own == license.lowercased()
        case .not(let inner): return !matches(inner)
        case .all(let terms): return terms.allSatisfy(matches)
        case .any(let terms): return terms.contains(where: matches)
        }
    }

    private func has(_ flag: SearchQuery.Flag) -> Bool {
        switch flag {
        case .mine: entry.isMine
        case .queued: entry.state == .queued
        case .bookmarked: entry.status.bookmarked
        case .favourited: entry.status.favourited
        case .sensitive: entry.status.sensitive
        }
    }

    private func contains(_ text: String, prefix: Bool) -> Bool {
        let words = TextTokenizer.tokens(of: text).map(\.text)
        guard let last = words.last else { return false }
        return fields.contains { field in
            guard field.count >= words.count else { return false }
            return (0...(field.count - words.count)).contains { start in
                let slice = field[start..<(start + words.count)]
                return slice.dropLast().elementsEqual(words.dropLast())
                    && (prefix ? slice.last!.hasPrefix(last) : slice.last! == last)
            }
        }
    }
}
