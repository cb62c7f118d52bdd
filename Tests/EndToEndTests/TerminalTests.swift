import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct TerminalInterface {
        private func open(_ artist: Artist, rows: Int = 24, columns: Int = 80, term: String = "xterm-256color") throws
            -> TerminalSession
        {
            var environment = artist.environment
            environment["TERM"] = term
            return try TerminalSession(
                Programs.fixative, environment: environment, directory: artist.home.url, rows: rows, columns: columns)
        }

        /// An artist of a small community with one piece in it.
        private func member(_ community: Community) throws -> Artist {
            try community.createAccount("mei", password: "correct horse battery staple")
            try community.start()
            let artist = try Artist("mei")
            try artist.succeed(
                ["login", "http://127.0.0.1:\(community.port)", "--username", "mei", "--password-stdin"],
                input: "correct horse battery staple\n")
            return artist
        }

        private func expectRestored(_ session: TerminalSession, _ before: TerminalSession.LineSettings) {
            // The end is known before the last bytes have been read.
            let restored = session.wait { !$0.isAlternate && $0.isCursorVisible }
            #expect(restored != nil, "the alternate screen was not left, or the cursor not given back")
            #expect(session.lineSettings == before, "the line settings were not given back")
        }

        @Test(.timeLimit(.minutes(3)), arguments: ["xterm-256color", "vt100", "xterm"])
        func theFirstRunBeginsWithTheWizard(term: String) throws {
            let artist = try Artist()
            let session = try open(artist, term: term)
            let before = session.lineSettings
            // The three ways to begin, whatever their exact words.
            let screen = session.wait(60) { screen in
                let text = screen.text.lowercased()
                return text.contains("this machine") && text.contains("log in") && text.contains("protect")
            }
            #expect(screen != nil, "\(session.screen)")
            session.press(.controlQ)
            #expect(session.waitForEnd(30)?.exitCode == 0, "\(session.screen)")
            expectRestored(session, before)
        }

        @Test(.timeLimit(.minutes(3)), arguments: [(24, 80), (50, 160)])
        func helpOpensAndQuitGivesTheTerminalBack(rows: Int, columns: Int) throws {
            let community = try Community()
            let artist = try member(community)
            let session = try open(artist, rows: rows, columns: columns)
            let before = session.lineSettings
            let home = session.wait(60) { $0.isAlternate && $0.text.contains("?") }
            try #require(home != nil, "\(session.screen)")
            session.type("?")
            let help = session.wait(20, for: "Leave fixative")
            #expect(help != nil, "\(session.screen)")
            session.press(.escape)
            #expect(session.wait(20) { !$0.text.contains("Leave fixative") } != nil, "\(session.screen)")
            session.resize(rows: rows + 6, columns: columns + 20)
            #expect(session.wait(20) { $0.text.contains("?") } != nil, "\(session.screen)")
            session.type("q")
            let ending = session.waitForEnd(30)
            #expect(ending?.exitCode == 0, "\(session.screen)")
            expectRestored(session, before)
        }

        /// Raw pictures are unknown to ncurses: lines that the terminal itself moved would take them along.
        @Test(.timeLimit(.minutes(3)), arguments: ["xterm-256color", "tmux-256color"])
        func noLineIsMovedByTheTerminal(term: String) throws {
            let community = try Community()
            let artist = try member(community)
            let session = try open(artist, term: term)
            try #require(session.wait(60) { $0.isAlternate && $0.text.contains("?") } != nil, "\(session.screen)")
            session.type("?")
            try #require(session.wait(20, for: "Leave fixative") != nil, "\(session.screen)")
            for _ in 0..<40 { session.press(.down) }
            // The list has moved past its first line.
            try #require(session.wait(20) { !$0.text.contains("Leave fixative") } != nil, "\(session.screen)")
            let sent = String(decoding: session.transcript, as: UTF8.self)
            let moves = sent.matches(of: /\u{1B}(\[[0-9;]*[rSTLM]|M|D)/)
            #expect(moves.isEmpty, "\(moves.prefix(3).map { sent[$0.range].debugDescription })")
        }

        @Test(.timeLimit(.minutes(3)), arguments: [SIGTERM, SIGHUP, SIGSEGV, SIGABRT, SIGINT])
        func aSignalGivesTheTerminalBack(number: Int32) throws {
            let community = try Community()
            let artist = try member(community)
            let session = try open(artist)
            let before = session.lineSettings
            try #require(session.wait(60) { $0.isAlternate && $0.text.contains("?") } != nil, "\(session.screen)")
            session.signal(number)
            #expect(session.waitForEnd(30) != nil, "\(session.screen)")
            expectRestored(session, before)
        }

        @Test(.timeLimit(.minutes(3))) func aPauseGivesTheTerminalBackAndTheScreenReturns() throws {
            let community = try Community()
            let artist = try member(community)
            // A shell with job control takes over at the pause, as it would for a person.
            var environment = artist.environment
            environment["TERM"] = "xterm-256color"
            environment["PS1"] = "ready> "
            let bash = try #require(CommandLineTool.find("bash"))
            let shell = try TerminalSession(
                bash, ["--norc", "--noprofile", "-i"], environment: environment, directory: artist.home.url)
            try #require(shell.wait(20, for: "ready>") != nil)
            shell.type("'\(Programs.fixative.path)'\r")
            try #require(shell.wait(60) { $0.isAlternate && $0.text.contains("?") } != nil, "\(shell.screen)")
            shell.press(.controlZ)
            let paused = shell.wait(20) { !$0.isAlternate && $0.isCursorVisible && $0.text.contains("Stopped") }
            #expect(paused != nil, "\(shell.screen)")
            shell.type("fg\r")
            #expect(shell.wait(20) { $0.isAlternate && $0.text.contains("?") } != nil, "\(shell.screen)")
            shell.type("q")
            // What was on the shell's screen before is still there.
            let left = shell.wait(20) { !$0.isAlternate && $0.isCursorVisible && $0.text.contains("Stopped") }
            #expect(left != nil, "\(shell.screen)")
        }
    }
}
