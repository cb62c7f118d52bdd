import Foundation

/// Which list of statuses a screen shows.
public enum Timeline: Hashable, Sendable {
    case home, local
    case tag(String)
    /// By account id.
    case account(String)
    case bookmarks, favourites

    /// Reads the command line's form: `home`, `local`, `bookmarks`, `favourites`, `tag:NAME`, `account:ID`.
    public init?(_ text: String) {
        switch text {
        case "home": self = .home
        case "local": self = .local
        case "bookmarks": self = .bookmarks
        case "favourites": self = .favourites
        default:
            if text.hasPrefix("tag:"), text.count > 4 {
                self = .tag(String(text.dropFirst(4)).lowercased())
            } else if text.hasPrefix("account:"), text.count > 8 {
                self = .account(String(text.dropFirst(8)))
            } else {
                return nil
            }
        }
    }
}

/// A status as it is shown: what the server said plus what the artist did since.
public struct LibraryEntry: Hashable, Sendable, Identifiable {
    /// How the local side of a status stands.
    public enum LocalState: String, Sendable, Codable {
        /// Nothing waits.
        case synced
        /// An operation of the artist's waits to be sent.
        case pending
        /// The status exists only in the queue so far.
        case queued
    }

    public var status: Status
    public var state: LocalState
    public var isMine: Bool
    public var id: String { status.id }

    public init(status: Status, state: LocalState, isMine: Bool) {
        self.status = status
        self.state = state
        self.isMine = isMine
    }
}

/// Which file of a media attachment is meant.
public enum MediaVariant: String, Sendable, Codable { case preview, original }

/// What screens read. Every call answers from the local store at once; none waits for the network.
public protocol Library: Sendable {
    /// The account that is logged in here; nil before the first login.
    func currentAccount() throws -> SignedInAccount?
    /// Newest first; `before` is the id of the last entry already shown.
    func timeline(_ timeline: Timeline, limit: Int, before: String?) throws -> [LibraryEntry]
    func entry(_ statusID: String) throws -> LibraryEntry?
    func account(_ id: String) throws -> Account?
    func search(_ query: SearchQuery, limit: Int) throws -> [LibraryEntry]
    /// The local file of a media attachment; nil while it is not here.
    func file(of media: MediaAttachment, _ variant: MediaVariant) -> URL?
    /// Grows whenever anything in the store changed, also by another process; cheap enough to ask every 200 ms.
    func version() -> UInt64
}

/// Who is logged in at which server. Holds no token.
public struct SignedInAccount: Hashable, Sendable, Codable {
    public var server: URL
    public var account: Account

    public init(server: URL, account: Account) {
        self.server = server
        self.account = account
    }
}

/// The publishing queue, as screens and commands use it.
public protocol Outbox: Sendable {
    /// Newest first; published and cancelled items only where asked.
    func items(includingDone: Bool) throws -> [OutboxItem]
    func item(_ id: ClientID) throws -> OutboxItem?
    /// Takes a copy of the file into the vault before it returns: from then on nothing is lost.
    func enqueue(file: URL, draft: Draft) throws -> OutboxItem
    /// Only before the item is published; a changed recipe protects again.
    func edit(_ id: ClientID, _ draft: Draft) throws -> OutboxItem
    func retry(_ id: ClientID) throws -> OutboxItem
    func cancel(_ id: ClientID) throws -> OutboxItem
    func perform(_ operation: PendingOperation) throws
    /// Operations that the server has not taken, newest first.
    func operations() throws -> [OperationItem]
    /// Sends a refused one again.
    func retryOperation(_ id: Int64) throws
    /// Forgets one: what the server has counts.
    func dropOperation(_ id: Int64) throws
    /// Ends a conflict with the artist's decision, which is sent as an edit of what the server has.
    func resolveConflict(_ id: Int64, with draft: Draft) throws
    func receipt(_ id: ClientID) throws -> Receipt?
    func receipts() throws -> [Receipt]
}

/// What protection is asked to do with one file.
public struct ProtectionRequest: Sendable {
    public var recipe: String
    /// Overrides the recipe's methods.
    public var methods: Set<ProtectionMethod>?
    public var payload: MarkID
    public var rights: RightsStatement
    /// Nil keeps the original's format.
    public var format: ImageFormat?
    /// 1…100 for JPEG and lossy WebP; nil is the pipeline's own choice.
    public var quality: Int?

    public init(
        recipe: String, methods: Set<ProtectionMethod>? = nil, payload: MarkID, rights: RightsStatement,
        format: ImageFormat? = nil, quality: Int? = nil
    ) {
        self.recipe = recipe
        self.methods = methods
        self.payload = payload
        self.rights = rights
        self.format = format
        self.quality = quality
    }
}

/// The protection pipeline as the outbox and the publish form use it. Calls block: make them off the main thread.
public protocol Protection: Sendable {
    /// The built-in recipes and the artist's own, weakest first.
    func recipes() -> [Recipe]
    /// Progress runs 0…1; returning false from it cancels and throws `CancellationError`.
    func protect(
        _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
    ) throws -> ProtectedImage
}

/// Whether the network is there and what is under way.
public struct SyncState: Hashable, Sendable {
    public enum Phase: String, Sendable { case idle, pulling, publishing, offline, needsLogin, signedOut }

    public var phase: Phase
    public var lastSync: Date?
    /// Items and operations that wait to be sent.
    public var waiting: Int
    /// One sentence, for the details key.
    public var lastError: String?
    /// Statuses that came in so far, while the first synchronisation is under way.
    public var fetched: Int?
    /// What runs on the other side; nil until it was asked.
    public var server: ServerDescription?

    public init(
        phase: Phase, lastSync: Date? = nil, waiting: Int = 0, lastError: String? = nil, fetched: Int? = nil,
        server: ServerDescription? = nil
    ) {
        self.phase = phase
        self.lastSync = lastSync
        self.waiting = waiting
        self.lastError = lastError
        self.fetched = fetched
        self.server = server
    }
}

/// The sync engine as screens see it: they read its state and poke it, and never wait for it.
public protocol SyncStatus: Sendable {
    func state() -> SyncState
    /// Asks for a round soon; returns at once.
    func requestSync()
    /// Asks for media that is on the screen to be fetched first; returns at once.
    func wantMedia(_ media: [MediaAttachment], _ variant: MediaVariant)
    /// Asks for a list that is on the screen, from below an entry: servers without a feed of changes tell only what
    /// they are asked for. Returns at once.
    func wantTimeline(_ timeline: Timeline, before statusID: String?)
}

extension SyncStatus {
    public func wantTimeline(_ timeline: Timeline, before statusID: String?) {}
}

/// What a server is and what it cannot tell, as far as screens say so.
public struct ServerDescription: Hashable, Sendable, Codable {
    /// As it calls itself: `mastodon`, `gotosocial`; empty where it does not say.
    public var software: String
    public var version: String
    /// It tells of every edit and deletion. Others are asked again, so that those are noticed late.
    public var tellsChanges: Bool

    public init(software: String, version: String, tellsChanges: Bool) {
        self.software = software
        self.version = version
        self.tellsChanges = tellsChanges
    }
}

/// Logging in, as the first-run wizard uses it. Calls block for the network.
public protocol SignIn: Sendable {
    /// Password grant; throws `UserError`.
    func signIn(server: URL, username: String, password: String) throws -> SignedInAccount
    /// Starts (or finds) the community on this machine, registers or reuses the account there, and logs in.
    func joinLocalCommunity(username: String) throws -> SignedInAccount
}
