import Foundation

/// What the artist typed into the publish form.
public struct Draft: Hashable, Sendable, Codable {
    public var title: String
    public var caption: String
    public var altText: String
    /// Without `#`.
    public var tags: [String]
    public var sensitive: Bool
    public var spoilerText: String
    public var visibility: Visibility
    public var license: String?
    public var recipe: String
    /// Not to be published before this time; kept on this machine until then. Nil publishes as soon as possible.
    public var publishAt: Date?

    public init(
        title: String = "", caption: String = "", altText: String = "", tags: [String] = [], sensitive: Bool = false,
        spoilerText: String = "", visibility: Visibility = .public, license: String? = nil, recipe: String = "subtle",
        publishAt: Date? = nil
    ) {
        self.title = title
        self.caption = caption
        self.altText = altText
        self.tags = tags
        self.sensitive = sensitive
        self.spoilerText = spoilerText
        self.visibility = visibility
        self.license = license
        self.recipe = recipe
        self.publishAt = publishAt
    }

    /// A published piece as something to edit. Tags that stand in its sentences are not repeated below them.
    public init(editing status: Status, recipe: String) {
        let words = Set(
            (status.title + "\n" + status.caption).lowercased().split {
                !($0.isLetter || $0.isNumber || "_#".contains($0))
            })
        self.init(
            title: status.title, caption: status.caption, altText: status.media.first?.description ?? "",
            tags: status.tags.filter { !words.contains(Substring("#" + $0.lowercased())) }, sensitive: status.sensitive,
            spoilerText: status.spoilerText, visibility: status.visibility, license: status.provenance?.license,
            recipe: status.provenance?.recipe ?? recipe)
    }

    /// As it comes back from a server: the first line is the title, whatever it was called here.
    public var asPublished: Draft {
        let status = Status(
            id: "", createdAt: .distantPast, account: Account(id: "", username: ""), text: statusText, tags: tags)
        let seen = Draft(editing: status, recipe: recipe)
        var draft = self
        draft.title = seen.title
        draft.caption = seen.caption
        draft.tags = seen.tags
        return draft
    }

    /// The text of the status: title, caption, then the hashtags on a line of their own.
    public var statusText: String {
        let hashtags = tags.map { "#\($0)" }.joined(separator: " ")
        return [title, caption, hashtags].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}

/// Where a publication is on its way; research: the outbox of `docs/ARCHITECTURE.md`.
public enum OutboxState: String, Sendable, Codable, CaseIterable {
    case draft, protecting, protected, uploading, uploaded, publishing, published
    case needsAttention, conflict, cancelled

    /// Nobody moves an item on from here but the artist.
    public var isResting: Bool {
        switch self {
        case .draft, .published, .needsAttention, .conflict, .cancelled: true
        case .protecting, .protected, .uploading, .uploaded, .publishing: false
        }
    }

    /// The states that one durable row change may lead to.
    public var successors: Set<OutboxState> {
        switch self {
        case .draft: [.protecting, .cancelled]
        case .protecting: [.protecting, .protected, .needsAttention, .cancelled]
        // Back to `protecting` where the artist changed the recipe, or the blob was damaged on disk.
        case .protected: [.protecting, .uploading, .needsAttention, .cancelled]
        case .uploading: [.protecting, .uploading, .uploaded, .needsAttention, .cancelled]
        // An upload expires on the server after a day: then it is made again.
        case .uploaded: [.protecting, .uploading, .publishing, .needsAttention, .cancelled]
        // A cancel that finds the outcome unknown is resolved first; `uploading` when the server purged the upload.
        case .publishing: [.publishing, .published, .uploading, .needsAttention, .conflict, .cancelled]
        case .needsAttention, .conflict: [.protecting, .protected, .uploading, .uploaded, .publishing, .cancelled]
        case .published, .cancelled: []
        }
    }
}

/// Why an item waits for the artist. The text is one clear sentence that says what to do.
public struct AttentionReason: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
        case login, refused, tooLarge, unreadableFile, protectionFailed, tooManyAttempts, diskFull, gone, other
    }

    public var kind: Kind
    public var message: String

    public init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }
}

/// One publication in the queue, as the screens and the command line see it.
public struct OutboxItem: Hashable, Sendable, Codable, Identifiable {
    public var id: ClientID
    public var draft: Draft
    /// The name of the file that the artist chose; for showing only.
    public var fileName: String
    public var state: OutboxState
    /// 0…1 within the present state, where it is known.
    public var progress: Double?
    public var attention: AttentionReason?
    /// Failed tries in a row; being offline is not one.
    public var attempts: Int
    /// Not before this time; nil means as soon as possible.
    public var nextAttempt: Date?
    public var cancelRequested: Bool
    public var markID: MarkID
    public var blob: BlobID?
    public var originalSHA256: String
    public var report: ProtectionReport?
    /// Once published.
    public var statusID: String?
    public var createdAt: Date
    public var updatedAt: Date

    public init(
        id: ClientID, draft: Draft, fileName: String, state: OutboxState, progress: Double? = nil,
        attention: AttentionReason? = nil, attempts: Int = 0, nextAttempt: Date? = nil, cancelRequested: Bool = false,
        markID: MarkID, blob: BlobID? = nil, originalSHA256: String, report: ProtectionReport? = nil,
        statusID: String? = nil, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.draft = draft
        self.fileName = fileName
        self.state = state
        self.progress = progress
        self.attention = attention
        self.attempts = attempts
        self.nextAttempt = nextAttempt
        self.cancelRequested = cancelRequested
        self.markID = markID
        self.blob = blob
        self.originalSHA256 = originalSHA256
        self.report = report
        self.statusID = statusID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The proof that a publication is the artist's: kept for ever, exportable for a takedown claim.
public struct Receipt: Hashable, Sendable, Codable {
    public var clientID: ClientID
    public var originalSHA256: String
    public var protectedSHA256: String
    public var payload: MarkID?
    public var recipe: String
    public var publishedAt: Date
    public var server: String
    public var statusID: String
    public var statusURL: String?
    /// The artist's Ed25519 public key (RFC 8032), base64.
    public var publicKey: String
    /// Ed25519 signature over the other fields as sorted-key JSON, base64.
    public var signature: String

    public init(
        clientID: ClientID, originalSHA256: String, protectedSHA256: String, payload: MarkID?, recipe: String,
        publishedAt: Date, server: String, statusID: String, statusURL: String?, publicKey: String, signature: String
    ) {
        self.clientID = clientID
        self.originalSHA256 = originalSHA256
        self.protectedSHA256 = protectedSHA256
        self.payload = payload
        self.recipe = recipe
        self.publishedAt = publishedAt
        self.server = server
        self.statusID = statusID
        self.statusURL = statusURL
        self.publicKey = publicKey
        self.signature = signature
    }
}
