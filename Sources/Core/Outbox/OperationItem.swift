import Foundation

/// Something small that the artist did; shown at once, sent when the network allows.
public enum PendingOperation: Hashable, Sendable, Codable {
    case favourite(statusID: String, Bool)
    case bookmark(statusID: String, Bool)
    case boost(statusID: String, Bool)
    case follow(accountID: String, Bool)
    case delete(statusID: String)
    case edit(statusID: String, Draft)
    /// The client id is fixed when it is written, as with a piece.
    case reply(statusID: String, text: String, visibility: Visibility, id: ClientID)
}

/// An operation that waits, as the screens and the command line see it.
public struct OperationItem: Hashable, Sendable, Codable, Identifiable {
    public enum State: String, Sendable, Codable {
        case waiting
        /// The server refused it for good; `message` says why.
        case refused
        /// The piece was changed elsewhere meanwhile; `conflict` has all versions.
        case conflict
    }

    public var id: Int64
    public var operation: PendingOperation
    public var state: State
    public var message: String?
    public var conflict: EditConflict?
    public var attempts: Int
    public var nextAttempt: Date?
    public var createdAt: Date

    public init(
        id: Int64, operation: PendingOperation, state: State, message: String? = nil, conflict: EditConflict? = nil,
        attempts: Int = 0, nextAttempt: Date? = nil, createdAt: Date
    ) {
        self.id = id
        self.operation = operation
        self.state = state
        self.message = message
        self.conflict = conflict
        self.attempts = attempts
        self.nextAttempt = nextAttempt
        self.createdAt = createdAt
    }
}
