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
    func start() throws {
        let running = try RunningProgram(
            Programs.server, ["serve", "--data", data.url.path, "--listen", "127.0.0.1:\(port)"],
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
        let answer = try client.send(HTTPRequest(url: url.absoluteURL))
        try #require(answer.status == 200, "\(media.url): \(answer.status)")
        return answer.body
    }
}
