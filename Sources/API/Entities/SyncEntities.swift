/// One page of the changes feed (`GET /api/v1/fixative/changes`), in the manner of JMAP (RFC 8620 section 5.2).
public struct ChangesEntity: Codable, Sendable {
    public var created: [StatusEntity]
    public var updated: [StatusEntity]
    /// Ids of statuses that are gone.
    public var destroyed: [String]
    /// Opaque; goes into the next request's `since`.
    public var state: String
    public var hasMore: Bool

    enum CodingKeys: String, CodingKey {
        case created, updated, destroyed, state
        case hasMore = "has_more"
    }

    public init(
        created: [StatusEntity], updated: [StatusEntity], destroyed: [String], state: String, hasMore: Bool
    ) {
        self.created = created
        self.updated = updated
        self.destroyed = destroyed
        self.state = state
        self.hasMore = hasMore
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        created = values.lenientArray(StatusEntity.self, .created)
        updated = values.lenientArray(StatusEntity.self, .updated)
        destroyed = values.lenientArray(String.self, .destroyed)
        state = try values.decode(String.self, forKey: .state)
        hasMore = values.lenient(Bool.self, .hasMore) ?? false
    }
}

/// Whose mark it is (`GET /api/v1/fixative/marks/ID`).
public struct MarkEntity: Codable, Sendable {
    public var markID: String
    public var account: AccountEntity
    public var status: StatusEntity

    enum CodingKeys: String, CodingKey {
        case account, status
        case markID = "mark_id"
    }

    public init(markID: String, account: AccountEntity, status: StatusEntity) {
        self.markID = markID
        self.account = account
        self.status = status
    }
}

/// What `GET /api/v2/search` answers.
public struct SearchEntity: Codable, Sendable {
    public var accounts: [AccountEntity]
    public var statuses: [StatusEntity]
    public var hashtags: [StatusEntity.Tag]

    public init(accounts: [AccountEntity], statuses: [StatusEntity], hashtags: [StatusEntity.Tag]) {
        self.accounts = accounts
        self.statuses = statuses
        self.hashtags = hashtags
    }

    enum CodingKeys: String, CodingKey { case accounts, statuses, hashtags }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        accounts = values.lenientArray(AccountEntity.self, .accounts)
        statuses = values.lenientArray(StatusEntity.self, .statuses)
        hashtags = values.lenientArray(StatusEntity.Tag.self, .hashtags)
    }
}
