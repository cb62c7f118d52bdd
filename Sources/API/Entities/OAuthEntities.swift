/// Mastodon's Application entity, as `POST /api/v1/apps` answers it.
public struct ApplicationEntity: Codable, Sendable {
    public var id: String
    public var name: String
    public var website: String?
    public var redirectURI: String
    public var clientID: String
    public var clientSecret: String
    public var scopes: [String]

    enum CodingKeys: String, CodingKey {
        case id, name, website, scopes
        case redirectURI = "redirect_uri"
        case clientID = "client_id"
        case clientSecret = "client_secret"
    }

    public init(
        id: String, name: String, website: String?, redirectURI: String, clientID: String, clientSecret: String,
        scopes: [String]
    ) {
        self.id = id
        self.name = name
        self.website = website
        self.redirectURI = redirectURI
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scopes = scopes
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = values.lenientID(.id) ?? ""
        name = values.lenient(String.self, .name) ?? ""
        website = values.lenient(String.self, .website)
        redirectURI = values.lenient(String.self, .redirectURI) ?? ""
        clientID = try values.decode(String.self, forKey: .clientID)
        clientSecret = try values.decode(String.self, forKey: .clientSecret)
        scopes = values.lenientArray(String.self, .scopes)
    }
}

/// An OAuth token (RFC 6749 section 5.1) with Mastodon's `created_at`.
public struct TokenEntity: Codable, Sendable {
    public var accessToken: String
    public var tokenType: String
    public var scope: String
    /// Unix seconds.
    public var createdAt: Int
    /// Gets the next token where tokens expire (RFC 6749 section 6).
    public var refreshToken: String?

    enum CodingKeys: String, CodingKey {
        case scope
        case refreshToken = "refresh_token"
        case accessToken = "access_token"
        case tokenType = "token_type"
        case createdAt = "created_at"
    }

    public init(accessToken: String, scope: String, createdAt: Int) {
        self.accessToken = accessToken
        tokenType = "Bearer"
        self.scope = scope
        self.createdAt = createdAt
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        accessToken = try values.decode(String.self, forKey: .accessToken)
        tokenType = values.lenient(String.self, .tokenType) ?? "Bearer"
        scope = values.lenient(String.self, .scope) ?? ""
        createdAt = values.lenient(Int.self, .createdAt) ?? 0
        refreshToken = values.lenient(String.self, .refreshToken)
    }
}

/// What a server says when it refuses. The text is for people: nothing may be decided by it.
public struct ErrorEntity: Codable, Sendable {
    public var error: String
    public var errorDescription: String?

    enum CodingKeys: String, CodingKey {
        case error
        case errorDescription = "error_description"
    }

    public init(error: String, errorDescription: String? = nil) {
        self.error = error
        self.errorDescription = errorDescription
    }
}
