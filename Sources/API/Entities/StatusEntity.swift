import Core
import Foundation

/// Mastodon's Status entity with the sync extension's `fixative` object beside it.
public struct StatusEntity: Codable, Sendable, Hashable {
    public struct Tag: Codable, Sendable, Hashable {
        public var name: String
        public var url: String

        public init(name: String, url: String) {
            self.name = name
            self.url = url
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            url = values.lenient(String.self, .url) ?? ""
        }
    }

    /// What the sync extension adds.
    public struct Extension: Codable, Sendable, Hashable {
        public var clientID: String?
        public var markID: String?
        public var license: String?
        public var recipe: String?
        public var revision: Int?

        enum CodingKeys: String, CodingKey {
            case license, recipe, revision
            case clientID = "client_id"
            case markID = "mark_id"
        }

        public init(clientID: String?, markID: String?, license: String?, recipe: String?, revision: Int?) {
            self.clientID = clientID
            self.markID = markID
            self.license = license
            self.recipe = recipe
            self.revision = revision
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            clientID = values.lenient(String.self, .clientID)
            markID = values.lenient(String.self, .markID)
            license = values.lenient(String.self, .license)
            recipe = values.lenient(String.self, .recipe)
            revision = values.lenient(Int.self, .revision)
        }
    }

    public var id: String
    public var uri: String
    public var url: String?
    public var createdAt: String
    public var editedAt: String?
    public var account: AccountEntity
    /// HTML.
    public var content: String
    public var visibility: String
    public var sensitive: Bool
    public var spoilerText: String
    public var language: String?
    public var inReplyToID: String?
    public var inReplyToAccountID: String?
    public var mediaAttachments: [MediaEntity]
    public var tags: [Tag]
    public var repliesCount: Int
    public var reblogsCount: Int
    public var favouritesCount: Int
    public var favourited: Bool
    public var reblogged: Bool
    public var bookmarked: Bool
    public var muted: Bool
    public var pinned: Bool
    public var fixative: Extension?
    /// The text as it was typed: only in the answer to DELETE and from `source`.
    public var text: String?

    enum CodingKeys: String, CodingKey {
        case id, uri, url, account, content, visibility, sensitive, language, tags, favourited, reblogged, bookmarked
        case muted, pinned, fixative, text, mentions, emojis, card, poll, reblog, application
        case createdAt = "created_at"
        case editedAt = "edited_at"
        case spoilerText = "spoiler_text"
        case inReplyToID = "in_reply_to_id"
        case inReplyToAccountID = "in_reply_to_account_id"
        case mediaAttachments = "media_attachments"
        case repliesCount = "replies_count"
        case reblogsCount = "reblogs_count"
        case favouritesCount = "favourites_count"
    }

    public init(
        id: String, uri: String, url: String?, createdAt: Date, editedAt: Date?, account: AccountEntity,
        content: String, visibility: String, sensitive: Bool, spoilerText: String, language: String?,
        inReplyToID: String?, inReplyToAccountID: String?, mediaAttachments: [MediaEntity], tags: [Tag],
        repliesCount: Int, reblogsCount: Int, favouritesCount: Int, favourited: Bool, reblogged: Bool,
        bookmarked: Bool, fixative: Extension?, text: String? = nil
    ) {
        self.id = id
        self.uri = uri
        self.url = url
        self.createdAt = WireDate.string(createdAt)
        self.editedAt = editedAt.map(WireDate.string)
        self.account = account
        self.content = content
        self.visibility = visibility
        self.sensitive = sensitive
        self.spoilerText = spoilerText
        self.language = language
        self.inReplyToID = inReplyToID
        self.inReplyToAccountID = inReplyToAccountID
        self.mediaAttachments = mediaAttachments
        self.tags = tags
        self.repliesCount = repliesCount
        self.reblogsCount = reblogsCount
        self.favouritesCount = favouritesCount
        self.favourited = favourited
        self.reblogged = reblogged
        self.bookmarked = bookmarked
        muted = false
        pinned = false
        self.fixative = fixative
        self.text = text
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard let id = values.lenientID(.id), let account = values.lenient(AccountEntity.self, .account) else {
            throw DecodingError.dataCorruptedError(
                forKey: .id, in: values, debugDescription: "status without id or account")
        }
        self.id = id
        self.account = account
        uri = values.lenient(String.self, .uri) ?? ""
        url = values.lenient(String.self, .url)
        createdAt = values.lenient(String.self, .createdAt) ?? ""
        editedAt = values.lenient(String.self, .editedAt)
        content = values.lenient(String.self, .content) ?? ""
        visibility = values.lenient(String.self, .visibility) ?? "public"
        sensitive = values.lenient(Bool.self, .sensitive) ?? false
        spoilerText = values.lenient(String.self, .spoilerText) ?? ""
        language = values.lenient(String.self, .language)
        inReplyToID = values.lenientID(.inReplyToID)
        inReplyToAccountID = values.lenientID(.inReplyToAccountID)
        mediaAttachments = values.lenientArray(MediaEntity.self, .mediaAttachments)
        tags = values.lenientArray(Tag.self, .tags)
        repliesCount = values.lenient(Int.self, .repliesCount) ?? 0
        reblogsCount = values.lenient(Int.self, .reblogsCount) ?? 0
        favouritesCount = values.lenient(Int.self, .favouritesCount) ?? 0
        favourited = values.lenient(Bool.self, .favourited) ?? false
        reblogged = values.lenient(Bool.self, .reblogged) ?? false
        bookmarked = values.lenient(Bool.self, .bookmarked) ?? false
        muted = values.lenient(Bool.self, .muted) ?? false
        pinned = values.lenient(Bool.self, .pinned) ?? false
        fixative = values.lenient(Extension.self, .fixative)
        text = values.lenient(String.self, .text)
    }

    /// Clients rely on keys that are null or empty here: they are written all the same.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(uri, forKey: .uri)
        try values.encode(url, forKey: .url)
        try values.encode(createdAt, forKey: .createdAt)
        try values.encode(editedAt, forKey: .editedAt)
        try values.encode(account, forKey: .account)
        try values.encode(content, forKey: .content)
        try values.encode(visibility, forKey: .visibility)
        try values.encode(sensitive, forKey: .sensitive)
        try values.encode(spoilerText, forKey: .spoilerText)
        try values.encode(language, forKey: .language)
        try values.encode(inReplyToID, forKey: .inReplyToID)
        try values.encode(inReplyToAccountID, forKey: .inReplyToAccountID)
        try values.encode(mediaAttachments, forKey: .mediaAttachments)
        try values.encode(tags, forKey: .tags)
        try values.encode(repliesCount, forKey: .repliesCount)
        try values.encode(reblogsCount, forKey: .reblogsCount)
        try values.encode(favouritesCount, forKey: .favouritesCount)
        try values.encode(favourited, forKey: .favourited)
        try values.encode(reblogged, forKey: .reblogged)
        try values.encode(bookmarked, forKey: .bookmarked)
        try values.encode(muted, forKey: .muted)
        try values.encode(pinned, forKey: .pinned)
        try values.encodeIfPresent(fixative, forKey: .fixative)
        try values.encodeIfPresent(text, forKey: .text)
        try values.encode([String](), forKey: .mentions)
        try values.encode([String](), forKey: .emojis)
        try values.encodeNil(forKey: .card)
        try values.encodeNil(forKey: .poll)
        try values.encodeNil(forKey: .reblog)
        try values.encodeNil(forKey: .application)
    }

    /// As the rest of the program knows it: text plain, unknown visibilities taken for the narrowest.
    public var status: Status {
        Status(
            id: id, uri: uri, url: url, createdAt: WireDate.parse(createdAt) ?? Date(timeIntervalSince1970: 0),
            editedAt: editedAt.flatMap(WireDate.parse), account: account.account, text: HTMLText.plain(content),
            spoilerText: spoilerText, sensitive: sensitive, visibility: Visibility(rawValue: visibility) ?? .direct,
            language: language, inReplyToID: inReplyToID, media: mediaAttachments.map(\.attachment),
            tags: tags.map { $0.name.lowercased() }, favouritesCount: favouritesCount, reblogsCount: reblogsCount,
            repliesCount: repliesCount, favourited: favourited, reblogged: reblogged, bookmarked: bookmarked,
            provenance: fixative.map { piece in
                StatusProvenance(
                    clientID: piece.clientID.flatMap { ClientID($0) }, markID: piece.markID.flatMap { MarkID($0) },
                    license: piece.license, recipe: piece.recipe, revision: piece.revision)
            })
    }
}
