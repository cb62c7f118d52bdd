import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `sync --watch` as a service runs it.
    @Suite struct Watch {
        /// Two accounts at two servers, one of them plain; the queue of each goes out while the other is the current
        /// one, and a second process works on the same stores.
        @Test(.timeLimit(.minutes(10)))
        func everyAccountIsServedUntilTheServiceIsStopped() throws {
            let servers = [try Community(), try Community()]
            let artist = try Artist("mei")
            for (number, server) in servers.enumerated() {
                try server.createAccount("mei\(number)", password: "correct horse battery staple")
                try server.start(number == 1 ? ["--plain"] : [])
                try artist.succeed(
                    [
                        "login", "http://127.0.0.1:\(server.port)", "--username", "mei\(number)", "--password-stdin",
                    ], input: "correct horse battery staple\n")
            }
            let folder = artist.home.path("drawn")
            let drawn = try CommandLineTool.run(
                Programs.server, ["draw", "--output", folder.path, "--pictures", "3"],
                environment: artist.environment)
            try #require(drawn.succeeded)
            let pictures = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .map(\.path).sorted()
            // One round ends with its summary.
            struct Round: Decodable {
                struct Summary: Decodable { var waiting: Int }
                var event: String
                var summary: Summary
            }
            let said = try artist.succeed(["sync", "--once", "--json"]).output.split(separator: "\n")
            let round = try JSONDecoder().decode(Round.self, from: Data(try #require(said.last).utf8))
            #expect(round.event == "round" && round.summary.waiting == 0)
            let watch = try artist.start(["sync", "--watch", "--json"])
            for number in [0, 1] {
                try artist.succeed(["accounts", "--use", "mei\(number)"])
                try artist.succeed(["publish", pictures[number], "--recipe", "mark", "--later"])
            }
            // Not before tomorrow: protected, and kept here.
            try artist.succeed(["publish", pictures[2], "--recipe", "mark", "--at", "2999-01-01", "--later"])
            struct Event: Decodable {
                var event: String
                var account: String
            }
            let published = watch.wait(180) { output -> Set<String>? in
                let events = output.split(separator: "\n").compactMap {
                    try? JSONDecoder().decode(Event.self, from: Data($0.utf8))
                }
                let names = Set(events.filter { $0.event == "published" }.map(\.account))
                return names.count == 2 ? names : nil
            }
            #expect(published == ["mei0@127.0.0.1", "mei1@127.0.0.1"], "\(watch.output) \(watch.errors)")
            let scheduled = try #require(try artist.queue(all: false).first)
            let isProtected = eventually(within: 60) { () -> Bool? in
                (try? artist.queue(all: false).first?.state == "protected") == true ? true : nil
            }
            #expect(isProtected == true)
            watch.signal(SIGTERM)
            #expect(watch.waitForEnd(60)?.exitCode == 0)

            // Its time comes: the next round publishes it, once.
            try artist.succeed(["queue", "edit", scheduled.id, "--at", "now"])
            #expect(try artist.drain(within: 120))
            #expect(try servers[1].statuses(of: try artist.accountID()).count == 2)
            for server in servers { try server.stop() }
        }
    }
}
