import API
import Core
import Foundation
import Hummingbird

/// Apps, the page of consent, tokens.
struct OAuthRoutes: RouteGroup {
    func add(to routes: Routing) {
        routes.post("/api/v1/apps") { call in try await createApp(call) }
        routes.get("/api/v1/apps/verify_credentials") { call in try await verifyApp(call) }
        routes.get("/oauth/authorize") { call in try await show(call) }
        routes.post("/oauth/authorize") { call in try await approve(call) }
        routes.post("/oauth/token") { call in
            let token = try await call.community.oauth.token(call.form, client: basic(call), peer: call.context.peer)
            return .json(token, headers: [.cacheControl: "no-store"])
        }
        routes.post("/oauth/revoke") { call in
            try await call.community.oauth.revoke(call.form, client: basic(call))
            return .emptyObject
        }
    }

    private func createApp(_ call: Call) async throws -> Response {
        let uris = (call.form.strings("redirect_uris") ?? []).flatMap { $0.split(whereSeparator: \.isWhitespace) }
        let made = try await call.community.oauth.createApp(
            name: call.form.nonEmpty("client_name") ?? "", redirectURIs: uris.map(String.init),
            scopes: call.form.nonEmpty("scopes"), website: call.form.nonEmpty("website"))
        return .json(
            ApplicationEntity(
                id: String(made.app.id), name: made.app.name, website: made.app.website,
                redirectURI: made.app.redirectURIs.joined(separator: "\n"), clientID: made.app.clientID,
                clientSecret: made.secret, scopes: made.app.scopes.names.sorted()))
    }

    private func verifyApp(_ call: Call) async throws -> Response {
        guard let session = call.context.session else { throw APIError.invalidToken }
        let app = try await call.community.database.read { db in try db.app(session.token.appID) }
        guard let app else { throw APIError.invalidToken }
        return .json(AppAnswer(app))
    }

    /// Without its secrets.
    private struct AppAnswer: Encodable {
        var id: String
        var name: String
        var website: String?
        var scopes: [String]
        var redirectURI: String
        var redirectURIs: [String]

        enum CodingKeys: String, CodingKey {
            case id, name, website, scopes
            case redirectURI = "redirect_uri"
            case redirectURIs = "redirect_uris"
        }

        init(_ app: AppRecord) {
            id = String(app.id)
            name = app.name
            website = app.website
            scopes = app.scopes.names.sorted()
            redirectURI = app.redirectURIs.joined(separator: "\n")
            redirectURIs = app.redirectURIs
        }
    }

    /// Client credentials by HTTP Basic (RFC 6749 section 2.3.1).
    private func basic(_ call: Call) -> (id: String, secret: String)? {
        guard let header = call.request.headers[.authorization], header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: String(header.dropFirst(6))), let text = String(bytes: data, encoding: .utf8)
        else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return (
            String(parts[0]).removingPercentEncoding ?? "", String(parts[1]).removingPercentEncoding ?? ""
        )
    }

    private func show(_ call: Call) async throws -> Response {
        do {
            let request = try await call.community.oauth.authorization(call.form)
            return ConsentPage.ask(request, title: call.community.configuration.title, message: nil)
        } catch let error as APIError {
            return ConsentPage.refuse(error)
        }
    }

    /// Logging in and approving are one step: there is no session that another page could ride on.
    private func approve(_ call: Call) async throws -> Response {
        let oauth = call.community.oauth
        do {
            let request = try await oauth.authorization(call.form)
            let account = try await call.community.accounts.authenticate(
                call.form.string("username") ?? "", call.form.string("password") ?? "", peer: call.context.peer)
            guard let account else {
                return ConsentPage.ask(
                    request, title: call.community.configuration.title,
                    message: "The user name or the password is wrong.")
            }
            let code = try await oauth.grant(request, to: account)
            if request.redirectURI == OAuthService.outOfBand { return ConsentPage.showCode(code) }
            var parameters = "code=" + StatusText.pathSegment(code)
            if let state = request.state { parameters += "&state=" + StatusText.pathSegment(state) }
            let separator = request.redirectURI.contains("?") ? "&" : "?"
            return Response(
                status: .found,
                headers: [.location: request.redirectURI + separator + parameters, .cacheControl: "no-store"])
        } catch let error as APIError {
            return ConsentPage.refuse(error)
        }
    }
}
