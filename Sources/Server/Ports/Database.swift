import Foundation

/// Reading, in one snapshot.
package typealias ReadTransaction = AccountReading & OAuthReading & StatusReading & TimelineReading & MediaReading
    & ChangeReading & NotificationReading & UploadReading

/// Reading and writing, in one transaction: durable when it returns, nothing of it when it throws.
package typealias WriteTransaction = ReadTransaction & AccountWriting & OAuthWriting & StatusWriting & MediaWriting
    & ChangeWriting & NotificationWriting & UploadWriting

/// Where the community's rows live.
///
/// Writes happen one after the other; everything that a write reads is as it was left by the write before. The
/// sequence of changes relies on that: a number is taken inside the write transaction, so that no reader ever sees a
/// later number before an earlier one.
package protocol Database: Sendable {
    func read<T: Sendable>(_ work: @escaping @Sendable (any ReadTransaction) throws -> T) async throws -> T
    func write<T: Sendable>(_ work: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T
    /// Complaints of the integrity check; empty when all is well.
    func integrityProblems() async throws -> [String]
}

/// Which slice of a list, in Mastodon's words: ids, newest first.
package struct Page: Hashable, Sendable {
    /// Only ids below.
    package var maxID: RecordID?
    /// Only ids above, the newest of them.
    package var sinceID: RecordID?
    /// Only ids above, the ones just above.
    package var minID: RecordID?
    package var limit: Int
    package var offset: Int

    package init(
        maxID: RecordID? = nil, sinceID: RecordID? = nil, minID: RecordID? = nil, limit: Int = 20, offset: Int = 0
    ) {
        self.maxID = maxID
        self.sinceID = sinceID
        self.minID = minID
        self.limit = limit
        self.offset = offset
    }
}

/// One element of a list that is paged by something other than its own id, such as bookmarks.
package struct Positioned<Element: Sendable>: Sendable {
    package var position: RecordID
    package var element: Element
}

package protocol AccountReading {
    func account(_ id: RecordID) throws -> AccountRecord?
    func account(named name: String) throws -> AccountRecord?
    func account(email: String) throws -> AccountRecord?
    func accounts(_ ids: Set<RecordID>) throws -> [RecordID: AccountRecord]
    func accountCounts(_ ids: Set<RecordID>) throws -> [RecordID: AccountCounts]
    /// By the beginning of the user name, or by a piece of either name.
    func accounts(matching text: String, page: Page) throws -> [AccountRecord]
    func relations(of viewer: RecordID, to ids: [RecordID]) throws -> [RecordID: RelationRecord]
    func followers(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>]
    func following(of id: RecordID, page: Page) throws -> [Positioned<AccountRecord>]
    func totals(now: Date) throws -> (accounts: Int, statuses: Int, activeMonth: Int)
}

package protocol AccountWriting {
    /// Nil when the name or the address is taken.
    func insertAccount(_ account: AccountRecord) throws -> AccountRecord?
    func updateAccount(_ account: AccountRecord) throws
    func follow(_ target: RecordID, by account: RecordID, reblogs: Bool, notify: Bool, at date: Date) throws -> Bool
    func unfollow(_ target: RecordID, by account: RecordID) throws -> Bool
}

package protocol OAuthReading {
    func app(clientID: String) throws -> AppRecord?
    func app(_ id: RecordID) throws -> AppRecord?
    func token(hash: String) throws -> TokenRecord?
}

package protocol OAuthWriting {
    func insertApp(_ app: AppRecord, at date: Date) throws -> AppRecord
    func insertToken(_ token: TokenRecord) throws
    func deleteToken(hash: String, appID: RecordID) throws
    func insertGrant(_ grant: GrantRecord) throws
    /// Takes the code away: it works once.
    func takeGrant(codeHash: String) throws -> GrantRecord?
    func deleteExpiredGrants(now: Date) throws
}

package protocol MediaReading {
    func media(_ id: RecordID) throws -> MediaRecord?
    func media(key: String) throws -> MediaRecord?
    /// In the order in which they hang on each post.
    func media(ofStatuses ids: [RecordID]) throws -> [RecordID: [MediaRecord]]
    func profilePicture(key: String) throws -> ProfilePicture?
    /// Every object name that some row needs.
    func referencedObjects() throws -> Set<String>
    func isReferenced(object: String) throws -> Bool
}

package protocol MediaWriting {
    func insertMedia(_ media: MediaRecord, looseSince: Date) throws -> MediaRecord
    func updateMedia(_ media: MediaRecord) throws
    func deleteMedia(_ id: RecordID) throws
    /// Media that hang on nothing and were uploaded before that date.
    func unattachedMedia(before date: Date) throws -> [MediaRecord]
}

package protocol NotificationReading {
    func notifications(of account: RecordID, kinds: Set<NotificationRecord.Kind>, page: Page) throws
        -> [NotificationRecord]
}

package protocol NotificationWriting {
    /// At most one for the same account, kind, origin and post.
    func insertNotification(_ notification: NotificationRecord) throws
    func deleteNotifications(of account: RecordID, id: RecordID?) throws
}
