import API
import Core
import Foundation

/// OAuth 2.0 (RFC 6749) as Mastodon's clients use it: apps, authorisation codes with PKCE (RFC 7636), tokens.
struct OAuthService: Sendable {
    /// The redirect of clients that show the code to be copied.
    static let outOfBand = "urn:ietf:wg:oauth:2.0:oob"
    private static let codeLifetime: TimeInterval = 600

    let community: Community

    func createApp(name: String, redirectURIs: [String], scopes: String?, website: String?) async throws
        -> (app: AppRecord, secret: String)
    {
        guard (1...200).contains(name.count) else { throw APIError.invalid("Application name can't be blank") }
        guard (1...20).contains(redirectURIs.count), redirectURIs.allSatisfy(Self.isRedirect) else {
            throw APIError.invalid("Redirect URI must be an absolute URI")
        }
        guard let scopes = scopes.map({ Scopes($0) }) ?? .read else {
            throw APIError.invalid("Scopes are not known to the server")
        }
        if let website, !website.isEmpty, !website.hasPrefix("http://") && !website.hasPrefix("https://") {
            throw APIError.invalid("Website must be an http or https address")
        }
        let secret = Secret.make()
        let app = AppRecord(
            id: 0, clientID: Secret.make(), secretHash: Secret.hash(secret), name: PlainText.line(name),
            website: website, redirectURIs: redirectURIs, scopes: scopes)
        let now = community.clock.now()
        return (try await community.database.write { db in try db.insertApp(app, at: now) }, secret)
    }

    /// Absolute, without a fragment, and nothing that a browser would run.
    private static func isRedirect(_ uri: String) -> Bool {
        if uri == outOfBand { return true }
        guard uri.utf8.count <= 2_000, uri.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), !uri.contains("#"),
            let scheme = URL(string: uri)?.scheme?.lowercased()
        else { return false }
        return !["javascript", "data", "vbscript", "file", "about", "blob"].contains(scheme)
    }

    /// What a client asks a person to allow.
    struct Authorization: Sendable {
        var app: AppRecord
        var redirectURI: String
        var scopes: Scopes
        var state: String?
        var challenge: String?
    }

    /// Checks a request to the page of consent. Errors are shown, never redirected: the redirect may be a forgery.
    func authorization(_ form: Form) async throws -> Authorization {
        guard form.string("response_type") == "code" else {
            throw APIError(.badRequest, "unsupported_response_type", "The response type must be code.")
        }
        let clientID = form.string("client_id") ?? ""
        guard let app = try await community.database.read({ db in try db.app(clientID: clientID) }) else {
            throw APIError(.unauthorized, "invalid_client", "The application is not known here.")
        }
        guard let uri = form.string("redirect_uri"), app.redirectURIs.contains(uri) || isLoopbackVariant(uri, app)
        else { throw APIError(.badRequest, "invalid_request", "The redirect URI is not one of the application's.") }
        let scopes = form.nonEmpty("scope").map { Scopes($0) } ?? .read
        guard let scopes, app.scopes.cover(scopes) else {
            throw APIError(.badRequest, "invalid_scope", "The application did not register these scopes.")
        }
        let challenge = form.nonEmpty("code_challenge")
        if let challenge {
            guard form.string("code_challenge_method") == "S256", challenge.utf8.count == 43 else {
                throw APIError(.badRequest, "invalid_request", "The code challenge method must be S256.")
            }
        }
        return Authorization(
            app: app, redirectURI: uri, scopes: scopes, state: form.string("state"), challenge: challenge)
    }

    /// A native app listens on whatever loopback port is free (RFC 8252 section 7.3).
    private func isLoopbackVariant(_ uri: String, _ app: AppRecord) -> Bool {
        guard var asked = URLComponents(string: uri), asked.scheme == "http",
            let host = asked.host, ["127.0.0.1", "[::1]", "::1"].contains(host), asked.user == nil
        else { return false }
        asked.port = nil
        return app.redirectURIs.contains { registered in
            guard var known = URLComponents(string: registered) else { return false }
            known.port = nil
            return known == asked
        }
    }

    func grant(_ authorization: Authorization, to account: AccountRecord) async throws -> String {
        let code = Secret.make()
        let grant = GrantRecord(
            codeHash: Secret.hash(code), appID: authorization.app.id, accountID: account.id,
            redirectURI: authorization.redirectURI, scopes: authorization.scopes, challenge: authorization.challenge,
            expiresAt: community.clock.now().addingTimeInterval(Self.codeLifetime))
        try await community.database.write { db in try db.insertGrant(grant) }
        return code
    }

    /// `POST /oauth/token`. `client` holds what came by HTTP Basic, if anything did.
    func token(_ form: Form, client: (id: String, secret: String)?, peer: String) async throws -> TokenEntity {
        let app = try await self.app(form, client: client)
        let asked = form.nonEmpty("scope").map { Scopes($0) }
        switch form.string("grant_type") {
        case "client_credentials":
            return try await issue(app, nil, try covered(asked, by: app))
        case "password":
            guard community.configuration.passwordGrant else {
                throw APIError(.badRequest, "unsupported_grant_type", "Log in through the browser.")
            }
            let account = try await community.accounts.authenticate(
                form.string("username") ?? "", form.string("password") ?? "", peer: peer)
            guard let account else {
                throw APIError(.badRequest, "invalid_grant", "The user name or the password is wrong.")
            }
            return try await issue(app, account.id, try covered(asked, by: app))
        case "authorization_code":
            return try await exchange(form, app)
        default:
            throw APIError(.badRequest, "unsupported_grant_type", "The grant type is not supported.")
        }
    }

    private func app(_ form: Form, client: (id: String, secret: String)?) async throws -> AppRecord {
        let id = client?.id ?? form.string("client_id") ?? ""
        let secret = client?.secret ?? form.string("client_secret") ?? ""
        let app = try await community.database.read { db in try db.app(clientID: id) }
        guard let app, Secret.equal(Secret.hash(secret), app.secretHash) else {
            throw APIError(.unauthorized, "invalid_client", "The application is not known here.")
        }
        return app
    }

    private func covered(_ asked: Scopes??, by app: AppRecord) throws -> Scopes {
        // The outer nil: none were asked for. The inner one: they were not understood.
        guard let asked else { return app.scopes.names.contains("read") ? .read : app.scopes }
        guard let asked, app.scopes.cover(asked) else {
            throw APIError(.badRequest, "invalid_scope", "The application did not register these scopes.")
        }
        return asked
    }

    private func exchange(_ form: Form, _ app: AppRecord) async throws -> TokenEntity {
        let hash = Secret.hash(form.string("code") ?? "")
        let grant = try await community.database.write { db in try db.takeGrant(codeHash: hash) }
        guard let grant, grant.appID == app.id, grant.expiresAt > community.clock.now(),
            grant.redirectURI == form.string("redirect_uri")
        else { throw APIError(.badRequest, "invalid_grant", "The code is not valid or has expired.") }
        let verifier = form.string("code_verifier")
        if let challenge = grant.challenge {
            guard let verifier, (43...128).contains(verifier.utf8.count),
                Secret.equal(Secret.challenge(of: verifier), challenge)
            else { throw APIError(.badRequest, "invalid_grant", "The code verifier does not fit the challenge.") }
        } else if verifier != nil {
            // A client that sends a verifier asked with a challenge: somebody took it away (RFC 9700, 2.1.1).
            throw APIError(.badRequest, "invalid_grant", "The code was asked for without a challenge.")
        }
        return try await issue(app, grant.accountID, grant.scopes)
    }

    func issue(_ app: AppRecord, _ account: RecordID?, _ scopes: Scopes) async throws -> TokenEntity {
        let secret = Secret.make()
        let now = community.clock.now()
        let token = TokenRecord(
            hash: Secret.hash(secret), appID: app.id, accountID: account, scopes: scopes, createdAt: now)
        try await community.database.write { db in try db.insertToken(token) }
        return TokenEntity(
            accessToken: secret, scope: scopes.description, createdAt: Int(now.timeIntervalSince1970))
    }

    /// RFC 7009: a token that is not known is no error; one of another app stays.
    func revoke(_ form: Form, client: (id: String, secret: String)?) async throws {
        let app = try await self.app(form, client: client)
        let hash = Secret.hash(form.string("token") ?? "")
        try await community.database.write { db in try db.deleteToken(hash: hash, appID: app.id) }
    }
}
