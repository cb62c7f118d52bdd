import API
import Core
import Foundation
import Store

/// OAuth 2.0 (RFC 6749, PKCE RFC 7636) and registration, as Mastodon does them.
extension MastodonClient {
    static let scopes = "read write follow"
    /// The redirect that shows the code to the person, to be pasted.
    static let outOfBand = "urn:ietf:wg:oauth:2.0:oob"

    func registerApplication(redirectURI: String) throws -> AccountRegistry.Application {
        let body = ["client_name": "fixative", "redirect_uris": redirectURI, "scopes": Self.scopes]
        let entity = try value(ApplicationEntity.self, request("POST", "/api/v1/apps", body: Self.json(body)))
        return AccountRegistry.Application(
            clientID: entity.clientID, clientSecret: entity.clientSecret, redirectURI: redirectURI)
    }

    /// How a token is asked for.
    enum Grant {
        case password(username: String, password: String)
        case code(String, verifier: String)
        case client
        case refresh(String)
    }

    func token(_ grant: Grant, _ application: AccountRegistry.Application) throws -> TokenEntity {
        var fields = [
            "client_id": application.clientID, "client_secret": application.clientSecret, "scope": Self.scopes,
            "redirect_uri": application.redirectURI,
        ]
        switch grant {
        case .password(let username, let password):
            fields["grant_type"] = "password"
            fields["username"] = username
            fields["password"] = password
        case .code(let code, let verifier):
            fields["grant_type"] = "authorization_code"
            fields["code"] = code
            fields["code_verifier"] = verifier
        case .client: fields["grant_type"] = "client_credentials"
        case .refresh(let token):
            fields["grant_type"] = "refresh_token"
            fields["refresh_token"] = token
        }
        return try value(TokenEntity.self, request("POST", "/oauth/token", body: Self.json(fields)))
    }

    /// Registers an account with an application's token; the answer is the account's token.
    func register(username: String, email: String, password: String) throws -> TokenEntity {
        struct Body: Encodable {
            var username: String
            var email: String
            var password: String
            var agreement = true
            var locale = "en"
        }
        let body = Body(username: username, email: email, password: password)
        return try value(TokenEntity.self, request("POST", "/api/v1/accounts", body: Self.json(body)))
    }
}
