import Core
import Foundation

/// Mastodon's Account entity, the part that we read and write.
public struct AccountEntity: Codable, Sendable, Hashable {
    public struct Field: Codable, Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var id: String
    public var username: String
    public var acct: String
    public var displayName: String
    public var locked: Bool
    public var bot: Bool
    public var discoverable: Bool
    public var group: Bool
    public var createdAt: String
    /// HTML.
    public var note: String
    public var url: String
    public var uri: String
    public var avatar: String
    public var avatarStatic: String
    public var header: String
    public var headerStatic: String
    public var followersCount: Int
    public var followingCount: Int
    public var statusesCount: Int
    public var fields: [Field]
    /// Only for the account itself (`verify_credentials`).
    public var source: Source?

    /// What only the owner sees: the biography as it was typed, and the defaults of the publish form.
    public struct Source: Codable, Sendable, Hashable {
        public var note: String
        public var fields: [Field]
        public var privacy: String
        public var sensitive: Bool
        public var language: String?
        public var followRequestsCount: Int

        enum CodingKeys: String, CodingKey {
            case note, fields, privacy, sensitive, language
            case followRequestsCount = "follow_requests_count"
        }

        public init(note: String, privacy: String = "public", sensitive: Bool = false, language: String? = nil) {
            self.note = note
            fields = []
            self.privacy = privacy
            self.sensitive = sensitive
            self.language = language
            followRequestsCount = 0
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            note = values.lenient(String.self, .note) ?? ""
            fields = values.lenientArray(Field.self, .fields)
            privacy = values.lenient(String.self, .privacy) ?? "public"
            sensitive = values.lenient(Bool.self, .sensitive) ?? false
            language = values.lenient(String.self, .language)
            followRequestsCount = values.lenient(Int.self, .followRequestsCount) ?? 0
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, username, acct, locked, bot, discoverable, group, note, url, uri, avatar, header, fields, source
        case displayName = "display_name"
        case createdAt = "created_at"
        case avatarStatic = "avatar_static"
        case headerStatic = "header_static"
        case followersCount = "followers_count"
        case followingCount = "following_count"
        case statusesCount = "statuses_count"
    }

    public init(
        id: String, username: String, acct: String, displayName: String, createdAt: Date, note: String, url: String,
        avatar: String, followersCount: Int, followingCount: Int, statusesCount: Int, source: Source? = nil
    ) {
        self.id = id
        self.username = username
        self.acct = acct
        self.displayName = displayName
        locked = false
        bot = false
        discoverable = true
        group = false
        self.createdAt = WireDate.string(createdAt)
        self.note = note
        self.url = url
        uri = url
        self.avatar = avatar
        avatarStatic = avatar
        header = avatar
        headerStatic = avatar
        self.followersCount = followersCount
        self.followingCount = followingCount
        self.statusesCount = statusesCount
        fields = []
        self.source = source
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard let id = values.lenientID(.id) else {
            throw DecodingError.dataCorruptedError(forKey: .id, in: values, debugDescription: "account without id")
        }
        self.id = id
        username = values.lenient(String.self, .username) ?? ""
        acct = values.lenient(String.self, .acct) ?? username
        displayName = values.lenient(String.self, .displayName) ?? ""
        locked = values.lenient(Bool.self, .locked) ?? false
        bot = values.lenient(Bool.self, .bot) ?? false
        discoverable = values.lenient(Bool.self, .discoverable) ?? false
        group = values.lenient(Bool.self, .group) ?? false
        createdAt = values.lenient(String.self, .createdAt) ?? ""
        note = values.lenient(String.self, .note) ?? ""
        url = values.lenient(String.self, .url) ?? ""
        uri = values.lenient(String.self, .uri) ?? url
        avatar = values.lenient(String.self, .avatar) ?? ""
        avatarStatic = values.lenient(String.self, .avatarStatic) ?? avatar
        header = values.lenient(String.self, .header) ?? ""
        headerStatic = values.lenient(String.self, .headerStatic) ?? header
        followersCount = values.lenient(Int.self, .followersCount) ?? 0
        followingCount = values.lenient(Int.self, .followingCount) ?? 0
        statusesCount = values.lenient(Int.self, .statusesCount) ?? 0
        fields = values.lenientArray(Field.self, .fields)
        source = values.lenient(Source.self, .source)
    }

    /// As the rest of the program knows it.
    public var account: Account {
        Account(
            id: id, username: username, acct: acct, displayName: displayName, note: HTMLText.plain(note), url: url,
            avatarURL: avatar.isEmpty ? nil : avatar, followersCount: followersCount, followingCount: followingCount,
            statusesCount: statusesCount, createdAt: WireDate.parse(createdAt) ?? Date(timeIntervalSince1970: 0))
    }
}
