import Core
import Foundation
import Synchronization

/// The store as screens and commands use it: it follows the current account, also when another process logs in or
/// out. Opens nothing before somebody is logged in.
public final class LocalStore: Library, Outbox {
    private struct Opened {
        var stamp: UInt64 = .max
        var account: SignedInAccount?
        var store: AccountStore?
        /// Grows with every change of account.
        var switches: UInt64 = 0
        /// What `version()` saw last, and the number that it gave for it.
        var seen: [UInt64] = []
        var version: UInt64 = 0
    }

    public let registry: AccountRegistry
    private let directories: Directories
    private let clock: any WallClock
    private let mediaLimit: Int64
    private let opened = Mutex(Opened())
    /// The account that this store stays with; nil follows the current one.
    private let fixed: SignedInAccount?

    /// - Parameter account: stays with this one, for as long as it is logged in.
    public init(
        _ directories: Directories, clock: any WallClock = SystemClock(),
        mediaLimit: Int64 = AccountStore.defaultMediaLimit, account: SignedInAccount? = nil
    ) {
        fixed = account
        self.directories = directories
        self.clock = clock
        self.mediaLimit = mediaLimit
        registry = AccountRegistry(directories)
    }

    /// The current account's store; nil while nobody is logged in.
    public func current() throws -> AccountStore? {
        try opened.withLock { state in
            let stamp = registry.stamp()
            guard stamp != state.stamp else { return state.store }
            let account = try fixed.map { try registry.known($0) } ?? registry.current()
            if account.map(AccountRegistry.storeID) != state.account.map(AccountRegistry.storeID) {
                state.store = try account.map {
                    try AccountStore.open(directories: directories, account: $0, clock: clock, mediaLimit: mediaLimit)
                }
                state.switches += 1
            }
            state.account = account
            state.stamp = stamp
            return state.store
        }
    }

    // MARK: Library

    public func currentAccount() throws -> SignedInAccount? {
        try current() == nil ? nil : opened.withLock { $0.account }
    }

    public func timeline(_ timeline: Timeline, limit: Int, before: String?) throws -> [LibraryEntry] {
        try current()?.library.timeline(timeline, limit: limit, before: before) ?? []
    }

    public func entry(_ statusID: String) throws -> LibraryEntry? { try current()?.library.entry(statusID) }

    public func account(_ id: String) throws -> Account? { try current()?.library.account(id) }

    public func search(_ query: SearchQuery, limit: Int) throws -> [LibraryEntry] {
        try current()?.library.search(query, limit: limit) ?? []
    }

    public func file(of media: MediaAttachment, _ variant: MediaVariant) -> URL? {
        try? current()?.library.file(of: media, variant)
    }

    public func version() -> UInt64 {
        let store = (try? current()) ?? nil
        return opened.withLock { state in
            let seen = [state.stamp, state.switches] + (store?.versions() ?? [])
            if seen != state.seen {
                state.seen = seen
                state.version += 1
            }
            return state.version
        }
    }

    // MARK: Outbox

    public func items(includingDone: Bool) throws -> [OutboxItem] {
        try current()?.vault.items(includingDone: includingDone) ?? []
    }

    public func item(_ id: ClientID) throws -> OutboxItem? { try current()?.vault.item(id) }
    public func enqueue(file: URL, draft: Draft) throws -> OutboxItem {
        try signedIn().vault.enqueue(file: file, draft: draft)
    }

    public func edit(_ id: ClientID, _ draft: Draft) throws -> OutboxItem { try signedIn().vault.edit(id, draft) }
    public func retry(_ id: ClientID) throws -> OutboxItem { try signedIn().vault.retry(id) }
    public func cancel(_ id: ClientID) throws -> OutboxItem { try signedIn().vault.cancel(id) }
    public func perform(_ operation: PendingOperation) throws { try signedIn().perform(operation) }
    public func operations() throws -> [OperationItem] { try current()?.vault.operations() ?? [] }
    public func retryOperation(_ id: Int64) throws { try signedIn().vault.retryOperation(id) }
    public func dropOperation(_ id: Int64) throws { try signedIn().vault.dropOperation(id) }

    public func resolveConflict(_ id: Int64, with draft: Draft) throws {
        try signedIn().vault.resolveConflict(id, with: draft)
    }

    public func receipt(_ id: ClientID) throws -> Receipt? { try current()?.vault.receipt(id) }
    public func receipts() throws -> [Receipt] { try current()?.vault.receipts() ?? [] }

    private func signedIn() throws -> AccountStore {
        guard let store = try current() else {
            throw UserError("Nobody is logged in here: run `fixative login URL` first.", .attention)
        }
        return store
    }
}
