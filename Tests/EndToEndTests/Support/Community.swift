import Core
import Foundation
import TestSupport
import Testing
import Transport

/// A community's server with a data folder of its own.
final class Community {
    let data: TemporaryDirectory
    private(set) var port: Int = 0
    private var program: RunningProgram?
    private(set) var log = ""
    private let client = CurlClient()

    init() throws { data = try TemporaryDirectory("community") }

    private var environment: [String: String] {
        var environment = CommandLineTool.environment
        environment["HOME"] = data.url.path
        return environment
    }

    /// Starts it: on any free port the first time, on the same one afterwards.
    func start(_ options: [String] = []) throws {
        let running = try RunningProgram(
            Programs.server, ["serve", "--data", data.url.path, "--listen", "127.0.0.1:\(port)"] + options,
            environment: environment)
        let found = running.wait(60) { output -> Int? in
            guard let range = output.range(of: "listening on http://127.0.0.1:") else { return nil }
            let digits = output[range.upperBound...].prefix { $0.isNumber }
            let rest = output[range.upperBound...].dropFirst(digits.count)
            return rest.isEmpty ? nil : Int(digits)
        }
        port = try #require(found, "the server does not listen: \(running.output) \(running.errors)")
        program = running
    }

    /// Ends it as an administrator would.
    func stop() throws {
        guard let running = program else { return }
        running.signal(SIGTERM)
        let ending = running.waitForEnd(60)
        log += running.output + running.errors
        program = nil
        _ = try #require(ending, "the server does not end")
    }

    func createAccount(_ name: String, password: String) throws {
        let result = try CommandLineTool.run(
            Programs.server,
            ["account", "create", name, "--email", "\(name)@example.org", "--password-stdin", "--data", data.url.path],
            environment: environment, input: Data("\(password)\n".utf8))
        try #require(result.succeeded, "account create: \(result.errors)")
    }

    /// Gives an account a name that its client would never send.
    func rename(_ account: String, password: String, to name: String) throws {
        func post(_ method: String, _ path: String, _ fields: [String: String], token: String?) throws -> [String:
            String]
        {
            let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
            let answer = try client.send(
                HTTPRequest(
                    method: method, url: url, headers: [("Content-Type", "application/json")],
                    body: .data(try JSONEncoder().encode(fields)), bearerToken: token))
            try #require(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
            let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            return (object ?? [:]).compactMapValues { $0 as? String }
        }
        let redirect = "urn:ietf:wg:oauth:2.0:oob"
        let app = try post(
            "POST", "/api/v1/apps", ["client_name": "t", "redirect_uris": redirect, "scopes": "read write"], token: nil)
        let token = try post(
            "POST", "/oauth/token",
            [
                "grant_type": "password", "client_id": app["client_id"] ?? "", "username": account,
                "client_secret": app["client_secret"] ?? "", "password": password, "scope": "read write",
                "redirect_uri": redirect,
            ], token: nil)
        let me = try post(
            "PATCH", "/api/v1/accounts/update_credentials", ["display_name": name, "note": name],
            token: token["access_token"])
        try #require(me["display_name"]?.isEmpty == false)
    }

    var everythingLogged: String { log + (program.map { $0.output + $0.errors } ?? "") }

    struct Status: Decodable {
        struct Media: Decodable {
            var id: String
            var url: String
        }

        var id: String
        var content: String
        var media: [Media]

        enum CodingKeys: String, CodingKey {
            case id, content
            case media = "media_attachments"
        }
    }

    /// What anybody on the network can read of an account.
    func statuses(of account: String) throws -> [Status] {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/api/v1/accounts/\(account)/statuses?limit=40"))
        let answer = try client.send(HTTPRequest(url: url))
        try #require(answer.status == 200, "\(String(decoding: answer.body.prefix(500), as: UTF8.self))")
        return try JSONDecoder().decode([Status].self, from: answer.body)
    }

    /// A file as the server gives it to anybody.
    func file(_ media: Status.Media) throws -> Data {
        let url = try #require(URL(string: media.url, relativeTo: URL(string: "http://127.0.0.1:\(port)/")))
        let answer = try client.send(HTTPRequest(url: url.absoluteURL, maximumResponseBytes: 128 << 20))
        try #require(answer.status == 200, "\(media.url): \(answer.status)")
        return answer.body
    }
}
