import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Servers without our extension: our own with it switched off, and one that others wrote.
    @Suite struct PlainServers {
        private static let password = "correct horse battery staple"

        /// Pictures that the server's program draws.
        private func drawings(_ artist: Artist, _ count: Int) throws -> [URL] {
            let folder = artist.home.path("drawn")
            let result = try CommandLineTool.run(
                Programs.server, ["draw", "--output", folder.path, "--pictures", "\(count)"],
                environment: artist.environment)
            try #require(result.succeeded, "\(result.errors)")
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .sorted { $0.path < $1.path }
        }

        private struct Shown: Decodable {
            var id: String
            var content: String
            var bookmarked: Bool
            var favourited: Bool
            var reblogged: Bool
        }

        private func timeline(_ artist: Artist, _ name: String) throws -> [Shown] {
            let result = try artist.succeed(["timeline", name, "--limit", "50", "--json"])
            return try JSONDecoder().decode([Shown].self, from: result.outputData)
        }

        @Test(.timeLimit(.minutes(10)))
        func everythingThatScreensNeedWorksWithoutTheExtension() throws {
            let community = try Community()
            for name in ["mei", "hero"] { try community.createAccount(name, password: Self.password) }
            try community.start(["--plain"])
            let base = "http://127.0.0.1:\(community.port)"
            let hero = try WebUser(base: base, name: "hero", password: Self.password)
            let status = try hero.object("POST", "/api/v1/statuses", ["status": "Harbour at night\n\n#ink"])
            let id = try #require(status["id"] as? String)
            let gone = try #require(
                try hero.object("POST", "/api/v1/statuses", ["status": "A sketch"])["id"] as? String)

            let artist = try Artist("mei")
            try artist.succeed(
                ["login", base, "--username", "mei", "--password-stdin"], input: Self.password + "\n")
            let picture = try #require(try drawings(artist, 1).first)
            try artist.succeed(["publish", picture.path, "--title", "Mine", "--recipe", "mark", "--wait"])
            let heroID = try #require((status["account"] as? [String: Any])?["id"] as? String)
            // Nothing of hero's is on this machine before hero is followed: the list of the community shows pictures.
            let me = try WebUser(base: base, name: "mei", password: Self.password)
            try me.call("POST", "/api/v1/accounts/\(heroID)/follow")
            try artist.succeed(["sync", "--once"])
            #expect(try Set(timeline(artist, "home").map(\.id)).isSuperset(of: [id, gone]))
            #expect(try timeline(artist, "local").contains { $0.content.contains("Mine") })

            for command in ["favourite", "bookmark", "boost"] { try artist.succeed([command, id]) }
            try artist.succeed(["reply", id, "Which paper is it?"])
            let seen = try me.object("GET", "/api/v1/statuses/\(id)")
            #expect(seen["favourited"] as? Bool == true && seen["bookmarked"] as? Bool == true)
            #expect(seen["reblogged"] as? Bool == true && seen["replies_count"] as? Int == 1)
            #expect(try timeline(artist, "bookmarks").map(\.id) == [id])

            // What others do elsewhere is noticed by looking again.
            try hero.call("PUT", "/api/v1/statuses/\(id)", ["status": "Harbour at dawn\n\n#ink"])
            try hero.call("DELETE", "/api/v1/statuses/\(gone)")
            try me.call("POST", "/api/v1/statuses/\(id)/unbookmark")
            try artist.succeed(["sync", "--once"])
            let after = try timeline(artist, "home")
            #expect(after.first { $0.id == id }?.content.contains("dawn") == true)
            #expect(!after.contains { $0.id == gone })
            #expect(try timeline(artist, "bookmarks").isEmpty)

            // An edit of ours over somebody's: different fields fit together.
            let own = try #require(try timeline(artist, "home").first { $0.content.contains("Mine") }?.id)
            try me.call("PUT", "/api/v1/statuses/\(own)", ["status": "Mine\n\nOn rough paper.", "sensitive": true])
            try artist.succeed(["edit", own, "--title", "Mine, at last"])
            let merged = try me.object("GET", "/api/v1/statuses/\(own)")
            let text = merged["content"] as? String ?? ""
            #expect(text.contains("Mine, at last") && text.contains("rough paper"), "\(text)")
            #expect(merged["sensitive"] as? Bool == true)
            // The same field is a conflict, with both versions kept.
            try artist.succeed(["sync", "--once"])
            try me.call("PUT", "/api/v1/statuses/\(own)", ["status": "Ours\n\nOn rough paper."])
            #expect(try artist.run(["edit", own, "--title", "Theirs"]).exitCode == 4)
            let listed = try artist.succeed(["queue", "changes"]).output
            #expect(listed.contains("conflict") && listed.contains("title"), "\(listed)")
            let number = try #require(listed.split(separator: " ").first.map(String.init))
            let versions = try artist.succeed(["queue", "show", number]).output
            #expect(versions.contains("Ours") && versions.contains("Theirs") && versions.contains("Mine, at last"))
            try artist.succeed(["queue", "resolve", number, "--mine"])
            let decided = try me.object("GET", "/api/v1/statuses/\(own)")["content"] as? String ?? ""
            #expect(decided.contains("Theirs") && decided.contains("rough paper"), "\(decided)")
            try artist.succeed(["delete", own])
            #expect(try community.statuses(of: try artist.accountID()).allSatisfy { !$0.content.contains("Theirs") })
            try community.stop()
        }

        /// Three moments of a publication at a server that knows no client ids; each is killed.
        @Test(.timeLimit(.minutes(10)))
        func aPieceIsPublishedOnceAlthoughTheAnswerIsLost() throws {
            let community = try Community()
            try community.createAccount("mei", password: Self.password)
            try community.start(["--plain"])
            let proxy = try FaultProxy(upstream: UInt16(community.port))
            let artist = try Artist("mei")
            try artist.succeed(
                ["login", "http://127.0.0.1:\(proxy.port)", "--username", "mei", "--password-stdin"],
                input: Self.password + "\n")
            let pictures = try drawings(artist, 3)
            let moments: [(FaultProxy.Fault, String)] = [
                (.stall(.up, after: 2_000), "POST /api/v2/media"), (.stall(.down, after: 0), "POST /api/v2/media"),
                (.stall(.down, after: 0), "POST /api/v1/statuses"),
            ]
            for ((fault, trigger), picture) in zip(moments, pictures) {
                proxy.setFault(fault, trigger: trigger)
                let publishing = try artist.start(["publish", picture.path, "--recipe", "mark"])
                if case .stall(.up, _) = fault {
                    #expect(proxy.waitForFault(120))
                } else {
                    #expect(proxy.waitForHeldBytes(120))
                }
                publishing.kill()
                _ = publishing.waitForEnd(30)
                proxy.setFault(.pass)
                proxy.dropConnections()
            }
            #expect(try artist.drain(within: 300))
            #expect(try community.statuses(of: try artist.accountID()).count == 3)
            #expect(try artist.queue(all: true).filter { $0.state == "published" }.count == 3)
            try community.stop()
        }

        @Test(
            .enabled(if: MastodonMock.program != nil, "mastodon_mock is not installed (scripts/fetch-mock.sh)"),
            .timeLimit(.minutes(10)))
        func aServerThatOthersWroteIsServedAlthoughItFails() throws {
            let artist = try Artist("ada")
            let mock = try MastodonMock(folder: artist.home)
            try artist.succeed(["login", mock.base], input: mock.code(for: "ada") + "\n")
            try artist.succeed(["sync", "--once"])
            #expect(try timeline(artist, "home").count > 3)
            let doctor = try artist.succeed(["doctor"]).output
            #expect(doctor.contains("mastodon 4.6.0"), "\(doctor)")

            let pictures = try drawings(artist, 4)
            let faults: [(String, String, Int)] = [
                ("malformed", "/api/v1/statuses", 200), ("status", "/api/v1/statuses", 503),
                ("status", "/api/v2/media", 502), ("malformed", "/api/v2/media", 200),
            ]
            for (number, (fault, picture)) in zip(faults, pictures).enumerated() {
                try mock.fail("POST", fault.1, type: fault.0, status: fault.2)
                try artist.run(["publish", picture.path, "--title", "Piece \(number)", "--recipe", "mark"])
            }
            #expect(try artist.drain(within: 120))
            let account = try artist.accountID()
            let own = try mock.ada.list("/api/v1/accounts/\(account)/statuses?limit=40")
            for number in 0..<4 {
                let found = own.filter { ($0["content"] as? String ?? "").contains("Piece \(number)") }
                #expect(found.count == 1, "Piece \(number) is there \(found.count) times")
                #expect((found.first?["media_attachments"] as? [Any])?.count == 1)
            }
            // Too many requests: the lane waits, nothing fails.
            let id = try #require(own.first?["id"] as? String)
            try mock.fail("POST", "/api/v1/statuses/\(id)/favourite", type: "ratelimit", status: 429)
            try artist.run(["favourite", id])
            #expect(try artist.succeed(["queue", "changes"]).output.contains("waiting"))
            // A deletion elsewhere is noticed.
            try mock.ada.call("DELETE", "/api/v1/statuses/\(id)")
            try artist.run(["sync", "--once"])
            #expect(try !timeline(artist, "home").contains { $0.id == id })
        }
    }
}
