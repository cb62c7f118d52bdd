import Foundation
import TestSupport
import Testing

/// A person with a home of their own on this machine, who types commands.
final class Artist {
    let home: TemporaryDirectory

    init(_ name: String = "artist") throws { home = try TemporaryDirectory(name) }

    var environment: [String: String] {
        var environment = CommandLineTool.environment
        environment["HOME"] = home.url.path
        environment["XDG_DATA_HOME"] = home.path("data").path
        environment["XDG_CONFIG_HOME"] = home.path("config").path
        environment["XDG_CACHE_HOME"] = home.path("cache").path
        environment["XDG_STATE_HOME"] = home.path("state").path
        return environment
    }

    /// Runs a command to its end.
    @discardableResult
    func run(_ arguments: [String], input: String = "", directory: URL? = nil, timeout: TimeInterval = 300) throws
        -> CommandLineTool.Result
    {
        try CommandLineTool.run(
            Programs.fixative, arguments, environment: environment, directory: directory ?? home.url,
            input: Data(input.utf8), timeout: timeout)
    }

    /// Runs a command that must end with 0.
    @discardableResult
    func succeed(_ arguments: [String], input: String = "", timeout: TimeInterval = 300) throws
        -> CommandLineTool.Result
    {
        let result = try run(arguments, input: input, timeout: timeout)
        try #require(
            result.succeeded, "fixative \(arguments.joined(separator: " ")): \(result.ending) \(result.errors)")
        return result
    }

    /// Starts a command and leaves it running.
    func start(_ arguments: [String]) throws -> RunningProgram {
        try RunningProgram(Programs.fixative, arguments, environment: environment, directory: home.url)
    }

    /// Everything that the programs wrote about themselves.
    var logs: Data {
        home.everyFile().filter { $0.hasPrefix("state/") }
            .reduce(into: Data()) { $0 += (try? Data(contentsOf: home.path($1))) ?? Data() }
    }

    // MARK: What the tests ask for again and again

    struct Item: Decodable {
        var id: String
        var state: String
        var markID: String
        var statusID: String?
        var blob: String?
    }

    struct Receipt: Decodable {
        var payload: String?
        var protectedSHA256: String
        var originalSHA256: String
        var statusID: String
    }

    func queue(all: Bool) throws -> [Item] {
        let result = try succeed(["queue", "list", "--json"] + (all ? ["--all"] : []))
        return try JSONDecoder().decode([Item].self, from: result.outputData)
    }

    func receipt(_ id: String) throws -> Receipt {
        try JSONDecoder().decode(Receipt.self, from: try succeed(["receipt", id, "--json"]).outputData)
    }

    func accountID() throws -> String {
        struct Me: Decodable { var id: String }
        return try JSONDecoder().decode(Me.self, from: try succeed(["whoami", "--json"]).outputData).id
    }

    struct Verification: Decodable {
        var found: Bool
        var payload: String?
    }

    func verify(_ file: URL) throws -> Verification {
        let result = try run(["verify", file.path, "--json"])
        return try JSONDecoder().decode(Verification.self, from: result.outputData)
    }

    /// Syncs until nothing waits any more; false after the deadline.
    func drain(within seconds: TimeInterval) throws -> Bool {
        try eventually(within: seconds, every: 0.3) {
            try run(["sync", "--once"])
            return try queue(all: false).isEmpty ? true : nil
        } ?? false
    }
}
