import Core
import Foundation
import Logging
import Server
import TestSupport
import Testing

struct DataDirectoryTests {
    private func open(_ directory: TemporaryDirectory) throws -> Server {
        try Server(
            directory: directory.url, configuration: ServerConfiguration(loopback: true), logger: Logger(label: "test"))
    }

    @Test func oneProcessHoldsADirectory() throws {
        let directory = try TemporaryDirectory("server")
        let first = try open(directory)
        #expect(throws: UserError.self) { try open(directory) }
        withExtendedLifetime(first) {}
    }

    @Test func dataSurvivesAndIsPrivate() async throws {
        let directory = try TemporaryDirectory("server")
        try await open(directory).createAccount(name: "mei", email: "m@example.org", password: "long enough")
        let again = try open(directory)
        let account = try await again.community.database.read { db in try db.account(named: "mei") }
        #expect(account?.email == "m@example.org")
        await #expect(throws: UserError.self) {
            try await again.createAccount(name: "mei", email: "x@example.org", password: "long enough")
        }
        for name in ["community.db", "lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.path(name).path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        #expect(try await again.check() == [])
    }

    @Test func seedingTwiceAddsNothing() async throws {
        let directory = try TemporaryDirectory("server")
        let server = try open(directory)
        let first = try await server.seed(accounts: 3, pictures: 2, seed: 1) { _, _ in }
        #expect(first == Server.SeedSummary(accounts: 3, pictures: 2))
        let second = try await server.seed(accounts: 3, pictures: 2, seed: 1) { _, _ in }
        #expect(second == Server.SeedSummary(accounts: 0, pictures: 0))
        let problems = try await server.check()
        #expect(problems == [])
    }

    @Test func configurationIsRead() throws {
        let read = try ServerConfiguration(
            loopback: false, toml: "title = \"Ink\"\nopen_registration = true\nmax_media_bytes = 5")
        #expect(read.title == "Ink" && read.openRegistration && read.maximumMediaBytes == 5)
        #expect(!ServerConfiguration(loopback: false).openRegistration)
        for wrong in ["title = 3", "unknown = 1", "max_media = 0", "= ="] {
            #expect(throws: UserError.self) { try ServerConfiguration(loopback: true, toml: wrong) }
        }
    }

    @Test(arguments: [
        ("127.0.0.1:8420", "127.0.0.1", 8420), ("[::1]:0", "::1", 0), ("localhost:1", "localhost", 1),
    ])
    func addressesAreRead(_ text: String, _ host: String, _ port: Int) {
        let address = Server.Address(text)
        #expect(address?.host == host && address?.port == port && address?.isLoopback == true)
        #expect(Server.Address("8420") == nil && Server.Address("a:99999") == nil)
        #expect(Server.Address("0.0.0.0:80")?.isLoopback == false)
    }
}
