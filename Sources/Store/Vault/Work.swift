import Core
import Foundation

/// A worker's hold on one item. The number grows with every hold and every change by the artist: writing with an old
/// one is refused.
public struct Claim: Hashable, Sendable {
    public let id: ClientID
    let fence: Int64
    let worker: String
}

/// What the worker needs to know about an item and the screens do not.
public struct WorkFacts: Hashable, Sendable {
    /// The server's id for the uploaded file.
    public var mediaID: String?
    public var mediaUploadedAt: Date?
    /// A publishing request was sent and its answer is not known: ask the server before anything else.
    public var outcomeUnknown: Bool
    public var statusURL: String?
    /// The server's name for an upload that is under way, to go on with.
    public var uploadID: String?
    /// The alt text that went with the file.
    public var uploadedAlt: String?
    /// On servers without client ids: the newest status of the account before the first request to publish. What that
    /// request made, if anything, is above it.
    public var baseline: String?

    public init(
        mediaID: String? = nil, mediaUploadedAt: Date? = nil, outcomeUnknown: Bool = false, statusURL: String? = nil,
        uploadID: String? = nil, uploadedAlt: String? = nil, baseline: String? = nil
    ) {
        self.mediaID = mediaID
        self.mediaUploadedAt = mediaUploadedAt
        self.outcomeUnknown = outcomeUnknown
        self.statusURL = statusURL
        self.uploadID = uploadID
        self.uploadedAlt = uploadedAlt
        self.baseline = baseline
    }

    /// The file has to be sent anew.
    public mutating func forgetUpload() {
        mediaID = nil
        mediaUploadedAt = nil
        uploadID = nil
        uploadedAlt = nil
        outcomeUnknown = false
    }
}

/// An item in the hands of a worker.
public struct Work: Hashable, Sendable {
    public var claim: Claim
    public var item: OutboxItem
    public var facts: WorkFacts

    init(_ record: ItemRecord, worker: String) {
        claim = Claim(id: record.item.id, fence: record.fence, worker: worker)
        item = record.item
        facts = record.facts
    }
}

/// What a step changes beside the state.
public struct WorkChange: Sendable {
    public var facts: WorkFacts
    public var attention: AttentionReason?
    public var attempts: Int
    public var nextAttempt: Date?

    init(_ record: ItemRecord) {
        facts = record.facts
        attention = record.item.attention
        attempts = record.item.attempts
        nextAttempt = record.item.nextAttempt
    }

    func apply(to record: inout ItemRecord) {
        record.facts = facts
        record.item.attention = attention
        record.item.attempts = attempts
        record.item.nextAttempt = nextAttempt
    }
}
