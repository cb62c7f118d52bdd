import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct HostileText {
        private static let escapes =
            "\u{1B}]52;c;aGFjaw==\u{07}\u{1B}[2J\u{1B}P$q\u{1B}\\\u{9B}31m\u{9D}0;x\u{9C}\u{1B}]8;;http://evil/\u{07}"
        private static let bidi = "\u{202E}\u{2066}\u{200F}\u{061C}\u{202D}"
        private static let tower = "e" + String(repeating: "\u{0301}", count: 10_000)

        /// Captions and names that would take a terminal over are shown without their teeth, to their author and to
        /// a second artist, on the command line, in JSON and in the logs.
        @Test(.timeLimit(.minutes(10)))
        func hostileCaptionsAndNamesAreHarmless() throws {
            let community = try Community()
            try community.createAccount("eve", password: "correct horse battery staple")
            try community.createAccount("mei", password: "correct horse battery staple")
            try community.start()
            let (eve, mei) = (try Artist("eve"), try Artist("mei"))
            for (artist, name) in [(eve, "eve"), (mei, "mei")] {
                try artist.succeed(
                    ["login", "http://127.0.0.1:\(community.port)", "--username", name, "--password-stdin"],
                    input: "correct horse battery staple\n")
            }
            try community.rename(
                "eve", password: "correct horse battery staple", to: "Eve \u{1B}[31m\u{9B}2J\u{202E}")
            let picture = DrawnPicture.landscape(width: 480, height: 360)
            let plain = try eve.home.file("plain.ppm", picture.portablePixmap)
            let hostileName = "na\u{1B}[31mme\u{202E}\u{07}.png"
            let file = eve.home.path(hostileName)
            if CommandLineTool.find("convert") != nil {
                try Tools.run("convert", ["ppm:\(plain.path)", "png:\(file.path)"])
            } else {
                try Data("not a picture".utf8).write(to: file)
            }

            var shown: [(String, CommandLineTool.Result)] = []
            func show(_ artist: Artist, _ arguments: [String]) throws -> CommandLineTool.Result {
                let result = try artist.run(arguments)
                shown.append((arguments.prefix(3).joined(separator: " "), result))
                return result
            }
            let texts = ["Hostile \(Self.escapes) title", "Caption \(Self.bidi) text", "Towers \(Self.tower) here"]
            for text in texts {
                let result = try show(
                    eve,
                    [
                        "publish", file.path, "--title", text, "--caption", "caption \(text)", "--alt", "alt \(text)",
                        "--tag", "tagged", "--recipe", "mark", "--wait",
                    ])
                // Refusing it in one clear sentence would be as good; the sentence is checked like everything else.
                #expect([0, 2].contains(result.exitCode), "\(result.errors)")
            }
            _ = try show(eve, ["publish", file.path, "--title", "t", "--tag", "a\u{1B}[31m"])
            _ = try show(eve, ["queue", "list", "--all"])
            _ = try show(eve, ["queue", "list", "--all", "--json"])
            for artist in [eve, mei] {
                _ = try show(artist, ["sync", "--once"])
                let local = try show(artist, ["timeline", "local", "--json"])
                _ = try show(artist, ["timeline", "local"])
                #expect(local.output.contains("title"), "nothing hostile arrived, so that nothing was tested")
                _ = try show(artist, ["search", "--offline", "here OR text OR title"])
                _ = try show(artist, ["search", "--offline", "title", "--json"])
                _ = try show(artist, ["search", "\u{1B}[31m\u{202E}(", "--offline"])
                struct Identified: Decodable { var id: String }
                for status in try JSONDecoder().decode([Identified].self, from: local.outputData) {
                    _ = try show(artist, ["show", status.id])
                    _ = try show(artist, ["show", status.id, "--json"])
                }
                _ = try show(artist, ["show", "no\u{1B}[31msuch\u{202E}"])
                _ = try show(artist, ["timeline", "tag:\u{1B}[31m"])
                _ = try show(artist, ["protect", "none\u{1B}[31m\u{9B}.png"])
                _ = try show(artist, ["verify", hostileName])
            }
            for (command, result) in shown {
                #expect(Harmless.offences(in: result.outputData) == [], "output of \(command)")
                #expect(Harmless.offences(in: result.errorData) == [], "errors of \(command)")
            }
            #expect(Harmless.offences(in: eve.logs + mei.logs) == [], "the client's logs")
            try community.stop()
            #expect(Harmless.offences(in: Data(community.everythingLogged.utf8)) == [], "the server's log")
        }

        /// A server that is an enemy itself: whatever it answers, its words come out without teeth.
        @Test(.timeLimit(.minutes(3)), arguments: [200, 302, 401, 422, 500])
        func whatAHostileServerSaysIsHarmless(status: Int) throws {
            let words = "bad \(Self.escapes) \(Self.bidi) \(Self.tower)"
            let escaped = try String(decoding: JSONEncoder().encode(words), as: UTF8.self)
            let fields = ["error", "error_description", "title", "version", "access_token", "client_id", "username"]
            let json = "{" + fields.map { "\"\($0)\":\(escaped)" }.joined(separator: ",") + "}"
            for body in [json, words, "<html>\(words)</html>"] {
                let server = try ScriptedServer { _ in
                    .respond(
                        status: status, headers: [("Location", "http://127.0.0.1:1/\u{1B}[31m"), ("Server", words)],
                        body: Data(body.utf8))
                }
                let artist = try Artist()
                let result = try artist.run(
                    ["login", server.url("").absoluteString, "--username", "u", "--password-stdin"], input: "word\n")
                #expect(result.exitCode != 0 && result.exitCode != nil, "\(result.ending)")
                #expect(!result.errorData.isEmpty)
                #expect(Harmless.offences(in: result.outputData + result.errorData + artist.logs) == [])
            }
        }
    }
}
