import Core
import Foundation
import GRDB
import TextIndex

/// What the screens see of one account: the cache with the artist's operations and queue laid over it.
public struct AccountLibrary: Sendable {
    let signedIn: SignedInAccount
    let vault: Vault
    let cache: Cache

    private var me: Account { signedIn.account }

    /// Newest first, from below the entry `before`.
    public func timeline(_ timeline: Timeline, limit: Int, before: String?) throws -> [LibraryEntry] {
        let overlay = Overlay(try vault.queuedOperations())
        let queued = try queuedItems()
        return try page(overlay: overlay, limit: limit, before: before, queued: queued) { item in
            QueuedStatus.belongs(item, to: timeline, me: me)
        } condition: { window in
            switch timeline {
            case .home: "statuses.home = 1"
            case .local: "statuses.local = 1"
            case .tag(let name): CacheSearch(me: me.id, overlay: overlay, window: window).tag(name)
            case .account(let id): "statuses.account_id = \(id)"
            case .bookmarks: overlay.bookmarked
            case .favourites: overlay.favourited
            }
        }
    }

    public func search(_ query: SearchQuery, limit: Int) throws -> [LibraryEntry] {
        let overlay = Overlay(try vault.queuedOperations())
        return try page(overlay: overlay, limit: limit, before: nil, queued: try queuedItems()) { item in
            EntryMatcher(QueuedStatus.entry(item, me: me)).matches(query)
        } condition: { window in
            let schema = CacheSearch(me: me.id, overlay: overlay, window: query.isOneLookup ? window : nil)
            return SearchCompiler(schema).condition(query)
        }
    }

    public func entry(_ id: String) throws -> LibraryEntry? {
        if let found = try cache.read({ try StatusReader.one($0, id) }) {
            return Overlay(try vault.queuedOperations()).show(found.status, me: me.id)
        }
        guard let client = ClientID(id), let item = try vault.item(client) else { return nil }
        if item.state == .published, let statusID = item.statusID { return try entry(statusID) }
        return item.state == .cancelled ? nil : QueuedStatus.entry(item, me: me)
    }

    public func account(_ id: String) throws -> Account? {
        try cache.read { try StatusReader.account($0, id) } ?? (id == me.id ? me : nil)
    }

    /// The local file of an attachment: of the artist's own queue, or fetched from the server.
    public func file(of media: MediaAttachment, _ variant: MediaVariant) -> URL? {
        func own(_ scheme: String, _ store: ContentStore) -> URL? {
            guard media.url.hasPrefix(scheme), let name = BlobID(String(media.url.dropFirst(scheme.count))) else {
                return nil
            }
            return store.contains(name.description) ? store.url(name.description) : nil
        }
        return own(QueuedStatus.blobScheme, vault.blobs) ?? own(QueuedStatus.originalScheme, vault.originals)
            ?? cache.media.file(of: media, variant)
    }

    private func queuedItems() throws -> [OutboxItem] {
        let items = try vault.items(includingDone: false)
        guard !items.isEmpty else { return [] }
        // A piece that the cache has already is shown from there, though its row may not say "published" yet.
        let present = try cache.read { try StatusReader.present($0, clients: items.map(\.id)) }
        return items.filter { !present.contains($0.id.description) }
    }

    private func page(
        overlay: Overlay, limit: Int, before: String?, queued: [OutboxItem], belongs: (OutboxItem) -> Bool,
        condition: (CacheSearch.Window) -> SQL
    ) throws -> [LibraryEntry] {
        guard limit > 0 else { return [] }
        let limit = min(limit, 10_000)
        guard let below = try place(before) else { return [] }
        // As many more as the artist has deleted, so that the page is full without them.
        let window = CacheSearch.Window(below: below, limit: limit + overlay.deleted.count)
        let both: SQL = "(\(condition(window))) AND \(overlay.visible)"
        let found = try cache.read { try StatusReader.list($0, both, below: below, limit: limit, memo: cache.memo) }
        var entries = found.compactMap { piece in
            overlay.show(piece.status, me: me.id).map { (row: piece.row, entry: $0) }
        }
        for item in queued where belongs(item) {
            let row = Self.place(of: item)
            if row < below { entries.append((row, QueuedStatus.entry(item, me: me))) }
        }
        entries.sort { $0.row > $1.row }
        return entries.prefix(limit).map(\.entry)
    }

    /// The place below which a page begins; nil when nobody knows the entry any more.
    private func place(_ id: String?) throws -> Int64? {
        guard let id else { return .max }
        if let row = try cache.read({ try StatusReader.place($0, id) }) { return row }
        guard let client = ClientID(id), let item = try vault.item(client) else { return nil }
        return Self.place(of: item)
    }

    private static func place(of item: OutboxItem) -> Int64 {
        StatusOrder.key(item.createdAt, id: item.id.description)
    }
}
