import Core
import Foundation
import Testing
import Transport

/// Somebody who uses a server from another program: plain calls with a token.
struct WebUser {
    let base: String
    let token: String?
    private let client = CurlClient()

    init(base: String, token: String?) {
        self.base = base
        self.token = token
    }

    /// Logs in at our own server with a password.
    init(base: String, name: String, password: String) throws {
        let redirect = "urn:ietf:wg:oauth:2.0:oob"
        let scopes = "read write follow"
        let stranger = WebUser(base: base, token: nil)
        let app = try stranger.object(
            "POST", "/api/v1/apps", ["client_name": "t", "redirect_uris": redirect, "scopes": scopes])
        let answer = try stranger.object(
            "POST", "/oauth/token",
            [
                "grant_type": "password", "client_id": app["client_id"] as? String ?? "", "username": name,
                "client_secret": app["client_secret"] as? String ?? "", "password": password, "scope": scopes,
                "redirect_uri": redirect,
            ])
        self.init(base: base, token: try #require(answer["access_token"] as? String))
    }

    @discardableResult
    func call(_ method: String, _ path: String, _ fields: [String: Any]? = nil) throws -> Data {
        let url = try #require(URL(string: base + path))
        var request = HTTPRequest(method: method, url: url, bearerToken: token)
        if let fields {
            request.headers = [("Content-Type", "application/json")]
            request.body = .data(try JSONSerialization.data(withJSONObject: fields))
        }
        let answer = try client.send(request)
        try #require(
            (200..<300).contains(answer.status),
            "\(method) \(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        return answer.body
    }

    func object(_ method: String, _ path: String, _ fields: [String: Any]? = nil) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: call(method, path, fields)) as? [String: Any])
    }

    func list(_ path: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: call("GET", path)) as? [[String: Any]])
    }
}
