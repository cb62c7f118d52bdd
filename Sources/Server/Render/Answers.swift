import API
import Foundation

/// A key that is not one of the shared entities'.
private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

/// The Account entity with the keys that other clients ask for beside ours.
struct AccountAnswer: Encodable, Sendable {
    var entity: AccountEntity
    var lastStatusAt: Date?

    func encode(to encoder: any Encoder) throws {
        try entity.encode(to: encoder)
        var values = encoder.container(keyedBy: Key.self)
        let day = lastStatusAt?.formatted(Date.ISO8601FormatStyle().year().month().day())
        try values.encode(day, forKey: Key("last_status_at"))
        try values.encode([String](), forKey: Key("emojis"))
        try values.encode([String](), forKey: Key("roles"))
        try values.encode(false, forKey: Key("noindex"))
    }
}

/// The Status entity with what the shared one leaves empty.
struct StatusAnswer: Encodable, Sendable {
    struct Mention: Encodable, Sendable {
        var id: String
        var username: String
        var acct: String
        var url: String
    }

    struct Application: Encodable, Sendable {
        var name: String
        var website: String?
    }

    var entity: StatusEntity
    var account: AccountAnswer
    var media: [MediaAnswer]
    var mentions: [Mention]
    var application: Application?
    /// The post that this one passes on; at most one.
    var reblog: [StatusAnswer] = []

    func encode(to encoder: any Encoder) throws {
        try entity.encode(to: encoder)
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(account, forKey: Key("account"))
        try values.encode(media, forKey: Key("media_attachments"))
        try values.encode(mentions, forKey: Key("mentions"))
        try values.encode(application, forKey: Key("application"))
        try values.encode(reblog.first, forKey: Key("reblog"))
        try values.encode([String](), forKey: Key("filtered"))
    }
}

/// The MediaAttachment entity with its focal point.
struct MediaAnswer: Encodable, Sendable {
    struct Focus: Encodable, Sendable {
        var x: Double
        var y: Double
    }

    struct Meta: Encodable, Sendable {
        var original: MediaEntity.Size?
        var small: MediaEntity.Size?
        var focus: Focus
    }

    var entity: MediaEntity
    var focus: Focus

    func encode(to encoder: any Encoder) throws {
        try entity.encode(to: encoder)
        var values = encoder.container(keyedBy: Key.self)
        let meta = Meta(original: entity.meta?.original, small: entity.meta?.small, focus: focus)
        try values.encode(meta, forKey: Key("meta"))
        try values.encodeNil(forKey: Key("text_url"))
    }
}

/// What `GET /api/v1/fixative/changes` answers: `ChangesEntity` with full posts.
struct ChangesAnswer: Encodable, Sendable {
    var created: [StatusAnswer]
    var updated: [StatusAnswer]
    var destroyed: [String]
    var state: String
    var hasMore: Bool

    enum CodingKeys: String, CodingKey {
        case created, updated, destroyed, state
        case hasMore = "has_more"
    }
}

/// What `GET /api/v1/fixative/marks/ID` answers.
struct MarkAnswer: Encodable, Sendable {
    var markID: String
    var account: AccountAnswer
    var status: StatusAnswer

    enum CodingKeys: String, CodingKey {
        case account, status
        case markID = "mark_id"
    }
}

/// Mastodon's Relationship entity.
struct RelationshipAnswer: Encodable, Sendable {
    var id: String
    var following: Bool
    var showingReblogs: Bool
    var notifying: Bool
    var followedBy: Bool

    init(id: RecordID, _ relation: RelationRecord) {
        self.id = String(id)
        following = relation.following
        showingReblogs = relation.following && relation.showsReblogs
        notifying = relation.notifies
        followedBy = relation.followedBy
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(id, forKey: Key("id"))
        try values.encode(following, forKey: Key("following"))
        try values.encode(showingReblogs, forKey: Key("showing_reblogs"))
        try values.encode(notifying, forKey: Key("notifying"))
        try values.encode(followedBy, forKey: Key("followed_by"))
        for name in [
            "blocking", "blocked_by", "muting", "muting_notifications", "requested", "requested_by",
            "domain_blocking", "endorsed",
        ] {
            try values.encode(false, forKey: Key(name))
        }
        try values.encode("", forKey: Key("note"))
        try values.encode([String](), forKey: Key("languages"))
    }
}
