import Foundation

/// Who may see a status, in Mastodon's words.
public enum Visibility: String, Sendable, Codable, CaseIterable {
    case `public`, unlisted, `private`, direct
}

/// An account of the community as a server tells it. Every string is untrusted: see `Sanitiser`.
public struct Account: Hashable, Sendable, Codable, Identifiable {
    public var id: String
    public var username: String
    /// `name` for the server's own accounts, `name@host` for others.
    public var acct: String
    public var displayName: String
    /// The biography, as plain text.
    public var note: String
    public var url: String
    public var avatarURL: String?
    public var followersCount: Int
    public var followingCount: Int
    public var statusesCount: Int
    public var createdAt: Date

    public init(
        id: String, username: String, acct: String? = nil, displayName: String = "", note: String = "",
        url: String = "", avatarURL: String? = nil, followersCount: Int = 0, followingCount: Int = 0,
        statusesCount: Int = 0, createdAt: Date = Date(timeIntervalSince1970: 0)
    ) {
        self.id = id
        self.username = username
        self.acct = acct ?? username
        self.displayName = displayName
        self.note = note
        self.url = url
        self.avatarURL = avatarURL
        self.followersCount = followersCount
        self.followingCount = followingCount
        self.statusesCount = statusesCount
        self.createdAt = createdAt
    }
}

/// A picture that hangs on a status.
public struct MediaAttachment: Hashable, Sendable, Codable, Identifiable {
    public enum Kind: String, Sendable, Codable { case image, gifv, video, audio, unknown }

    public var id: String
    public var kind: Kind
    public var url: String
    public var previewURL: String?
    /// The alt text.
    public var description: String?
    public var blurhash: String?
    /// Pixels of the original, where the server says.
    public var width: Int?
    public var height: Int?

    public init(
        id: String, kind: Kind = .image, url: String, previewURL: String? = nil, description: String? = nil,
        blurhash: String? = nil, width: Int? = nil, height: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.url = url
        self.previewURL = previewURL
        self.description = description
        self.blurhash = blurhash
        self.width = width
        self.height = height
    }
}

/// What the sync extension adds to a status: absent on servers without it.
public struct StatusProvenance: Hashable, Sendable, Codable {
    public var clientID: ClientID?
    /// The watermark's payload, where the artist registered it.
    public var markID: MarkID?
    /// A licence as an SPDX id or a URL, such as `CC-BY-NC-4.0`; nil means all rights reserved.
    public var license: String?
    public var recipe: String?
    /// Grows by one with every edit; the server's, for conditional writes.
    public var revision: Int?

    public init(
        clientID: ClientID? = nil, markID: MarkID? = nil, license: String? = nil, recipe: String? = nil,
        revision: Int? = nil
    ) {
        self.clientID = clientID
        self.markID = markID
        self.license = license
        self.recipe = recipe
        self.revision = revision
    }
}

/// A piece as the community sees it: Mastodon's status, with its text already plain.
public struct Status: Hashable, Sendable, Codable, Identifiable {
    public var id: String
    public var uri: String
    public var url: String?
    public var createdAt: Date
    public var editedAt: Date?
    public var account: Account
    /// The text without markup, lines kept. Its first line is the title.
    public var text: String
    public var spoilerText: String
    public var sensitive: Bool
    public var visibility: Visibility
    public var language: String?
    public var inReplyToID: String?
    public var media: [MediaAttachment]
    /// Names of the hashtags, without `#`, lower case.
    public var tags: [String]
    public var favouritesCount: Int
    public var reblogsCount: Int
    public var repliesCount: Int
    public var favourited: Bool
    public var reblogged: Bool
    public var bookmarked: Bool
    public var provenance: StatusProvenance?

    public init(
        id: String, uri: String = "", url: String? = nil, createdAt: Date, editedAt: Date? = nil, account: Account,
        text: String, spoilerText: String = "", sensitive: Bool = false, visibility: Visibility = .public,
        language: String? = nil, inReplyToID: String? = nil, media: [MediaAttachment] = [], tags: [String] = [],
        favouritesCount: Int = 0, reblogsCount: Int = 0, repliesCount: Int = 0, favourited: Bool = false,
        reblogged: Bool = false, bookmarked: Bool = false, provenance: StatusProvenance? = nil
    ) {
        self.id = id
        self.uri = uri
        self.url = url
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.account = account
        self.text = text
        self.spoilerText = spoilerText
        self.sensitive = sensitive
        self.visibility = visibility
        self.language = language
        self.inReplyToID = inReplyToID
        self.media = media
        self.tags = tags
        self.favouritesCount = favouritesCount
        self.reblogsCount = reblogsCount
        self.repliesCount = repliesCount
        self.favourited = favourited
        self.reblogged = reblogged
        self.bookmarked = bookmarked
        self.provenance = provenance
    }

    /// The first line of the text.
    public var title: String {
        String(text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? "")
    }

    /// Everything after the title, without the lines that hold only hashtags.
    public var caption: String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        let kept = lines.filter { line in
            let words = line.split(separator: " ")
            return words.isEmpty || !words.allSatisfy { $0.hasPrefix("#") }
        }
        return kept.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
