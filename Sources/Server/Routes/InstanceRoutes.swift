import API
import Core
import Hummingbird

/// What the server is and what it can do.
struct InstanceRoutes: RouteGroup {
    /// What other software compares: the client API of this version of Mastodon, as far as it exists here.
    static let version = "4.3.0 (compatible; fixative 0.1.0)"

    func add(to routes: Routing) {
        routes.get("/health") { call in
            _ = try await call.community.database.read { db in try db.sequence() }
            return .json(["status": "ok"])
        }
        routes.get("/.well-known/nodeinfo") { call in
            let link = [
                "rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "\(call.community.base)/nodeinfo/2.0",
            ]
            return .json(["links": [link]])
        }
        routes.get("/nodeinfo/2.0") { call in try await nodeInfo(call) }
        routes.get("/.well-known/oauth-authorization-server") { call in .json(OAuthMetadata(call.community)) }
        routes.get("/api/v1/instance") { call in try await InstanceRoutes.old(call) }
        routes.get("/api/v2/instance") { call in try await InstanceRoutes.new(call) }
        routes.get("/api/v1/custom_emojis") { _ in .json([String]()) }
        routes.get("/api/v1/preferences") { call in
            let account = try call.account("read:accounts")
            return .json(Preferences(account))
        }
    }

    private func nodeInfo(_ call: Call) async throws -> Response {
        let now = call.community.clock.now()
        let totals = try await call.community.database.read { db in try db.totals(now: now) }
        return .json(
            NodeInfo(
                openRegistrations: call.community.configuration.openRegistration,
                usage: NodeInfo.Usage(
                    users: NodeInfo.Users(total: totals.accounts, activeMonth: totals.activeMonth),
                    localPosts: totals.statuses)))
    }

    private static func host(_ call: Call) -> String {
        let base = call.community.base
        return base.split(separator: "/").last.map(String.init) ?? base
    }

    private static func configuration(_ call: Call) -> InstanceEntity.Configuration {
        let limits = call.community.configuration
        return InstanceEntity.Configuration(
            statuses: InstanceEntity.Configuration.Statuses(
                maxCharacters: limits.maximumCharacters, maxMediaAttachments: limits.maximumMedia),
            mediaAttachments: InstanceEntity.Configuration.Media(
                supportedMIMETypes: ImageFormat.allCases.map(\.mimeType), imageSizeLimit: limits.maximumMediaBytes,
                imageMatrixLimit: limits.maximumPixels, descriptionLimit: limits.maximumDescription))
    }

    private static func new(_ call: Call) async throws -> Response {
        let settings = call.community.configuration
        let now = call.community.clock.now()
        let totals = try await call.community.database.read { db in try db.totals(now: now) }
        let entity = InstanceEntity(
            domain: host(call), title: settings.title, version: version, description: settings.description,
            configuration: configuration(call),
            apiVersions: settings.hasSyncExtension ? ["mastodon": 4, "fixative-sync": 1] : ["mastodon": 4])
        return .json(
            InstanceAnswer(
                entity: entity, activeMonth: totals.activeMonth, openRegistration: settings.openRegistration,
                base: call.community.base))
    }

    private static func old(_ call: Call) async throws -> Response {
        let settings = call.community.configuration
        let now = call.community.clock.now()
        let totals = try await call.community.database.read { db in try db.totals(now: now) }
        return .json(
            OldInstanceAnswer(
                uri: host(call), title: settings.title, shortDescription: settings.description,
                description: settings.description, version: version,
                stats: OldInstanceAnswer.Stats(
                    userCount: totals.accounts, statusCount: totals.statuses, domainCount: 1),
                registrations: settings.openRegistration, configuration: configuration(call)))
    }
}

/// RFC 8414.
private struct OAuthMetadata: Encodable {
    var issuer: String
    var authorizationEndpoint: String
    var tokenEndpoint: String
    var revocationEndpoint: String
    var appRegistrationEndpoint: String
    var scopesSupported = ["read", "write", "follow", "push", "profile"]
    var responseTypesSupported = ["code"]
    var responseModesSupported = ["query"]
    var grantTypesSupported: [String]
    var tokenEndpointAuthMethodsSupported = ["client_secret_basic", "client_secret_post"]
    var codeChallengeMethodsSupported = ["S256"]

    enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case revocationEndpoint = "revocation_endpoint"
        case appRegistrationEndpoint = "app_registration_endpoint"
        case scopesSupported = "scopes_supported"
        case responseTypesSupported = "response_types_supported"
        case responseModesSupported = "response_modes_supported"
        case grantTypesSupported = "grant_types_supported"
        case tokenEndpointAuthMethodsSupported = "token_endpoint_auth_methods_supported"
        case codeChallengeMethodsSupported = "code_challenge_methods_supported"
    }

    init(_ community: Community) {
        let base = community.base
        issuer = base + "/"
        authorizationEndpoint = base + "/oauth/authorize"
        tokenEndpoint = base + "/oauth/token"
        revocationEndpoint = base + "/oauth/revoke"
        appRegistrationEndpoint = base + "/api/v1/apps"
        grantTypesSupported = ["authorization_code", "client_credentials"]
        if community.configuration.passwordGrant { grantTypesSupported.append("password") }
    }
}

/// NodeInfo 2.0.
private struct NodeInfo: Encodable {
    struct Software: Encodable {
        var name = "fixative"
        var version = "0.1.0"
    }

    struct Services: Encodable {
        var inbound: [String] = []
        var outbound: [String] = []
    }

    struct Users: Encodable {
        var total: Int
        var activeMonth: Int
    }

    struct Usage: Encodable {
        var users: Users
        var localPosts: Int
    }

    var version = "2.0"
    var software = Software()
    var protocols: [String] = []
    var services = Services()
    var openRegistrations: Bool
    var usage: Usage
    var metadata: [String: String] = [:]
}

/// Mastodon's Preferences.
private struct Preferences: Encodable {
    var visibility: String
    var sensitive: Bool
    var language: String?
    var media = "default"
    var spoilers = false

    enum CodingKeys: String, CodingKey {
        case visibility = "posting:default:visibility"
        case sensitive = "posting:default:sensitive"
        case language = "posting:default:language"
        case media = "reading:expand:media"
        case spoilers = "reading:expand:spoilers"
    }

    init(_ account: AccountRecord) {
        visibility = account.defaultVisibility.rawValue
        sensitive = account.defaultSensitive
        language = account.defaultLanguage
    }
}
