import Core
import Foundation

/// Which posts a list holds.
package enum TimelineKind: Hashable, Sendable {
    case home(RecordID)
    case `public`
    case tag(String)
    case account(RecordID, excludeReplies: Bool, excludeReblogs: Bool)
}

/// What the viewer did to posts.
package struct ViewerMarks: Hashable, Sendable {
    package var favourited: Set<RecordID> = []
    package var bookmarked: Set<RecordID> = []
    package var reblogged: Set<RecordID> = []
}

/// What an account once published under a client's own id; it outlives the post.
package struct Publication: Hashable, Sendable {
    package var fingerprint: String
    package var statusID: RecordID
    /// When the post was deleted.
    package var deletedAt: Date?
}

/// How a retry of a post is recognised.
package enum PublicationKey: Hashable, Sendable {
    /// The id of the sync extension: unique for the account, for ever.
    case client(String)
    /// The header `Idempotency-Key`: kept for a day.
    case header(String)
}

package protocol StatusReading {
    /// The post, if the viewer may see it.
    func status(_ id: RecordID, viewer: RecordID?) throws -> StatusRecord?
    /// Those of the posts that the viewer may see.
    func statuses(_ ids: [RecordID], viewer: RecordID?) throws -> [StatusRecord]
    func tags(ofStatuses ids: [RecordID]) throws -> [RecordID: [String]]
    func mentions(ofStatuses ids: [RecordID]) throws -> [RecordID: [RecordID]]
    func marks(of viewer: RecordID, on ids: [RecordID]) throws -> ViewerMarks
    func ancestors(of status: StatusRecord, viewer: RecordID?, limit: Int) throws -> [StatusRecord]
    func descendants(of status: StatusRecord, viewer: RecordID?, limit: Int) throws -> [StatusRecord]
    func versions(of id: RecordID) throws -> [StatusVersion]
    func publication(_ key: PublicationKey, account: RecordID) throws -> Publication?
    func status(mark: String) throws -> StatusRecord?
    func reblog(of id: RecordID, by account: RecordID) throws -> StatusRecord?
    func favouriters(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>]
    func rebloggers(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>]
    func tags(matching text: String, limit: Int, offset: Int) throws -> [(name: String, uses: Int)]
}

package protocol TimelineReading {
    func timeline(_ kind: TimelineKind, viewer: RecordID?, onlyMedia: Bool, page: Page) throws -> [StatusRecord]
    func favourites(of account: RecordID, page: Page) throws -> [Positioned<StatusRecord>]
    func bookmarks(of account: RecordID, page: Page) throws -> [Positioned<StatusRecord>]
}

package protocol StatusWriting {
    /// Gives the record its id and its place in the sequence of changes.
    func insertStatus(
        _ status: StatusRecord, tags: [String], mentions: [RecordID], mediaIDs: [RecordID]
    ) throws -> StatusRecord
    func insertPublication(
        _ key: PublicationKey, account: RecordID, fingerprint: String, statusID: RecordID, at date: Date) throws
    /// Uses a client id up before anything was published under it.
    func reservePublication(_ clientID: String, account: RecordID, deletedAt date: Date) throws
    /// Keeps the present version in the history, then writes the new one with the next revision.
    func updateStatus(
        _ status: StatusRecord, tags: [String], mentions: [RecordID], mediaIDs: [RecordID]?
    ) throws -> StatusRecord
    /// Leaves a tombstone.
    func deleteStatus(_ status: StatusRecord, at date: Date) throws
    func setFavourite(_ on: Bool, status: RecordID, account: RecordID, at date: Date) throws -> Bool
    func setBookmark(_ on: Bool, status: RecordID, account: RecordID, at date: Date) throws -> Bool
    func deleteExpiredKeys(before date: Date) throws
}

/// One step of the feed.
package struct ChangePage: Hashable, Sendable {
    package var created: [RecordID]
    package var updated: [RecordID]
    package var destroyed: [RecordID]
    package var sequence: Int64
    package var hasMore: Bool
}

package protocol ChangeReading {
    /// Names this database, so that a state of another one is recognised.
    func epoch() throws -> String
    /// The last number that was given out.
    func sequence() throws -> Int64
    /// States below can no longer be continued: their tombstones are gone.
    func oldestSequence() throws -> Int64
    func changes(after sequence: Int64, viewer: RecordID, limit: Int) throws -> ChangePage
}

package protocol ChangeWriting {
    /// Everything that shows this account changed: its name or picture did.
    func touchStatuses(ofAccount id: RecordID) throws
    func touchStatus(_ id: RecordID) throws
    func deleteTombstones(before date: Date) throws
}
