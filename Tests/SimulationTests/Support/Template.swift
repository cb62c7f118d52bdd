import API
import Core
import Foundation
import Store
import Synchronization
import TestSupport

/// Somebody with an account.
struct SimulatedPerson: Hashable, Sendable {
    var name: String
    var token: String
    var account: Account

    var signedIn: SignedInAccount { SignedInAccount(server: SimulatedServer.address, account: account) }
}

/// A server with three people and the empty store of each, made once and copied for every simulation: making the tables
/// costs more than a whole schedule.
final class Template: Sendable {
    let server: URL
    let people: [SimulatedPerson]
    /// When the worlds begin.
    let date: Date
    private let folder: URL

    private static let made = Mutex<Template?>(nil)

    static func shared() throws -> Template {
        try made.withLock { template in
            if let template { return template }
            let fresh = try Template()
            template = fresh
            return fresh
        }
    }

    func machine(of person: SimulatedPerson) -> URL { folder.appendingPathComponent(person.name) }

    private init() throws {
        folder = SimulatedDisk.root.appendingPathComponent("template")
        let disk = SimulatedDisk("template/server")
        let clock = FakeClock()
        try FileManager.default.createDirectory(at: disk.folder, withIntermediateDirectories: true)
        server = disk.folder
        var people: [SimulatedPerson] = []
        do {
            let community = try SimulatedServer(disk: disk, clock: clock, executor: InlineExecutor())
            let names = ["ada", "bo", "cem"]
            for name in names { people.append(try Self.join(name, community)) }
            // Two follow each other, the third follows nobody.
            for (follower, followed) in [(0, 1), (1, 0)] {
                _ = try Self.ask(
                    "POST", "/api/v1/accounts/\(people[followed].account.id)/follow", [:], people[follower].token,
                    community)
            }
        }
        self.people = people
        clock.advance(by: 60)
        date = clock.now()
        for person in people {
            let directories = Directories(under: folder.appendingPathComponent(person.name))
            let store = LocalStore(directories, clock: clock)
            try store.registry.add(person.signedIn, token: person.token)
            _ = try store.current()
        }
    }

    private static func join(_ name: String, _ server: SimulatedServer) throws -> SimulatedPerson {
        _ = try server.run { community in
            try await community.accounts.register(
                username: name, email: "\(name)@example.org", password: "correct horse \(name)")
        }
        let app = try Wire.decode(
            ApplicationEntity.self,
            from: ask(
                "POST", "/api/v1/apps",
                [
                    "client_name": "simulation", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
                    "scopes": "read write follow",
                ], nil, server))
        let token = try Wire.decode(
            TokenEntity.self,
            from: ask(
                "POST", "/oauth/token",
                [
                    "grant_type": "password", "client_id": app.clientID, "client_secret": app.clientSecret,
                    "username": name, "password": "correct horse \(name)", "scope": "read write follow",
                ], nil, server)
        ).accessToken
        let account = try Wire.decode(
            AccountEntity.self, from: ask("GET", "/api/v1/accounts/verify_credentials", [:], token, server)
        ).account
        return SimulatedPerson(name: name, token: token, account: account)
    }

    private static func ask(
        _ method: String, _ path: String, _ fields: [String: String], _ token: String?, _ server: SimulatedServer
    ) throws -> Data {
        let body = try JSONEncoder().encode(fields)
        let response = try server.handle(
            HTTPRequest(
                method: method, url: SimulatedServer.address.appendingPathComponent(path),
                headers: [("Content-Type", "application/json")], body: method == "GET" ? .none : .data(body),
                bearerToken: token))
        guard response.status == 200 else {
            throw UserError("\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))", .internal)
        }
        return response.body
    }
}
