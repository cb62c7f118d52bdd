import Foundation
import TestSupport
import Testing

@Suite("Programs in a terminal")
struct TerminalSessionTests {
    private static let bash = CommandLineTool.find("bash")

    private func shell(_ script: String, rows: Int = 24, columns: Int = 80) throws -> TerminalSession {
        try TerminalSession(try #require(Self.bash), ["-c", script], rows: rows, columns: columns)
    }

    @Test func theScreenShowsTextAtItsPlace() throws {
        let session = try shell(#"printf '\033[3;5Hhere 水彩 e\xcc\x81\033[1;1Htop'; read -r line"#)
        let screen = try #require(session.wait(for: "top"))
        #expect(screen.lines[0] == "top")
        #expect(screen.lines[2] == "    here 水彩 e\u{301}")
        #expect(screen.lines.count == 24)
    }

    @Test func keysReachTheProgramAndTheSizeIsTold() throws {
        let session = try shell(#"stty size; read -r line; echo "got $line""#, rows: 30, columns: 100)
        #expect(session.wait(for: "30 100") != nil)
        session.type("hello\r")
        #expect(session.wait(for: "got hello") != nil)
        #expect(session.waitForEnd()?.exitCode == 0)
    }

    @Test func aNewSizeIsTold() throws {
        let session = try shell(#"trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"#)
        #expect(session.wait(for: "ready") != nil)
        session.resize(rows: 40, columns: 120)
        #expect(session.wait(for: "40 120") != nil)
    }

    @Test func theAlternateScreenAndTheCursorAreSeen() throws {
        let session = try shell(
            #"printf '\033[?1049h\033[?25lin'; read -r a; printf '\033[?1049l\033[?25hout'; read -r b"#)
        #expect(session.wait { $0.isAlternate && !$0.isCursorVisible && $0.text.contains("in") } != nil)
        session.type("\r")
        #expect(session.wait { !$0.isAlternate && $0.isCursorVisible && $0.text.contains("out") } != nil)
    }

    @Test func queriesAreAnsweredAsATerminalDoes() throws {
        let session = try shell(#"stty raw -echo; printf '\033[c'; head -c 4 | od -An -tx1; stty sane"#)
        #expect(session.wait(for: "1b 5b 3f 31") != nil, "\(session.screen)")
    }

    @Test func lineSettingsAreReadAlsoAfterTheEnd() throws {
        let session = try shell("read -r a; stty -echo -icanon")
        #expect(session.lineSettings.echoes)
        session.type("\r")
        #expect(session.waitForEnd() != nil)
        #expect(!session.lineSettings.echoes)
        #expect(!session.lineSettings.isCanonical)
    }
}
