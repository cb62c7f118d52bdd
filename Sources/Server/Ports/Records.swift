import Core
import Foundation

/// The number of a row; time-ordered, shown to clients as a decimal string.
package typealias RecordID = Int64

/// An account as the database keeps it.
package struct AccountRecord: Hashable, Sendable {
    package var id: RecordID
    package var username: String
    package var email: String
    /// As `PasswordHash` writes it.
    package var passwordHash: String
    package var displayName: String = ""
    package var note: String = ""
    package var locked = false
    package var bot = false
    package var discoverable = true
    package var defaultVisibility: Visibility = .public
    package var defaultSensitive = false
    package var defaultLanguage: String?
    package var fields: [ProfileField] = []
    /// Object names of the pictures that were uploaded for the profile.
    package var avatar: ProfilePicture?
    package var header: ProfilePicture?
    package var createdAt: Date
}

/// A line of a profile's table.
package struct ProfileField: Hashable, Sendable, Codable {
    package var name: String
    package var value: String
}

/// A picture of a profile: its object and the name under which it is served.
package struct ProfilePicture: Hashable, Sendable, Codable {
    package var key: String
    package var object: String
    package var format: String
}

/// How many there are, for profile pages.
package struct AccountCounts: Hashable, Sendable {
    package var followers = 0
    package var following = 0
    package var statuses = 0
    package var lastStatusAt: Date?
}

/// A registered client program (OAuth 2.0, RFC 6749 section 2).
package struct AppRecord: Hashable, Sendable {
    package var id: RecordID
    package var clientID: String
    package var secretHash: String
    package var name: String
    package var website: String?
    package var redirectURIs: [String]
    package var scopes: Scopes
}

/// An access token: the database knows its SHA-256 only.
package struct TokenRecord: Hashable, Sendable {
    package var hash: String
    package var appID: RecordID
    package var accountID: RecordID?
    package var scopes: Scopes
    package var createdAt: Date
}

/// An authorisation code that waits to be exchanged.
package struct GrantRecord: Hashable, Sendable {
    package var codeHash: String
    package var appID: RecordID
    package var accountID: RecordID
    package var redirectURI: String
    package var scopes: Scopes
    /// The PKCE challenge of method S256 (RFC 7636).
    package var challenge: String?
    package var expiresAt: Date
}

/// A post.
package struct StatusRecord: Hashable, Sendable {
    package var id: RecordID
    package var accountID: RecordID
    package var text: String
    package var spoilerText: String = ""
    package var sensitive = false
    package var visibility: Visibility = .public
    package var language: String?
    package var inReplyToID: RecordID?
    package var inReplyToAccountID: RecordID?
    package var reblogOfID: RecordID?
    package var clientID: String?
    package var markID: String?
    package var license: String?
    package var recipe: String?
    package var revision = 1
    package var favouritesCount = 0
    package var reblogsCount = 0
    package var repliesCount = 0
    package var createdAt: Date
    package var editedAt: Date?
    package var appName: String?
    package var appWebsite: String?
    /// Where the post stands in the sequence of changes: when it came, and when it last changed.
    package var createdSequence: Int64 = 0
    package var changedSequence: Int64 = 0
}

/// An earlier version of a post.
package struct StatusVersion: Hashable, Sendable {
    package var statusID: RecordID
    package var revision: Int
    package var text: String
    package var spoilerText: String
    package var sensitive: Bool
    package var createdAt: Date
}

/// A picture that was uploaded.
package struct MediaRecord: Hashable, Sendable {
    package var id: RecordID
    package var accountID: RecordID
    package var statusID: RecordID?
    /// Random name under which the files are served: knowing the bytes does not tell it.
    package var key: String
    /// Object name of the file exactly as it was uploaded.
    package var object: String
    package var format: ImageFormat
    package var bytes: Int
    package var width: Int
    package var height: Int
    package var previewObject: String
    package var previewFormat: ImageFormat
    package var previewWidth: Int
    package var previewHeight: Int
    package var blurhash: String?
    package var description: String?
    package var focusX = 0.0
    package var focusY = 0.0
    package var createdAt: Date
}

/// What remains of a deleted post.
package struct Tombstone: Hashable, Sendable {
    package var statusID: RecordID
    package var deletedAt: Date
}

/// What one account did to, or with, another.
package struct NotificationRecord: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable { case favourite, follow, reblog, mention }

    package var id: RecordID
    package var accountID: RecordID
    package var kind: Kind
    package var fromID: RecordID
    package var statusID: RecordID?
    package var createdAt: Date
}

/// How one account stands to another.
package struct RelationRecord: Hashable, Sendable {
    package var following = false
    package var showsReblogs = true
    package var notifies = false
    package var followedBy = false
}
