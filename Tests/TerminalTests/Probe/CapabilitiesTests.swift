import Terminal
import Testing

@Suite struct CapabilitiesTests {
    private func capabilities(
        _ environment: [String: String], colors: Int = 256, _ reports: [TerminalReport] = []
    ) -> Capabilities {
        var result = Capabilities(environment: environment, colors: colors)
        for report in reports { _ = result.absorb(report) }
        return result
    }

    @Test(arguments: [
        (["TERM": "xterm-256color", "COLORTERM": "truecolor"], 256, PictureMode.Depth.trueColor),
        (["TERM": "xterm-256color"], 256, .colors256), (["TERM": "xterm"], 8, .colors8),
        (["TERM": "xterm-16color"], 16, .colors16), (["TERM": "vt100"], 0, .mono),
        (["TERM": "xterm-kitty"], 256, .trueColor),
        (["TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"], 256, .mono),
        (["TERM": "xterm-256color", "NO_COLOR": ""], 256, .colors256),
        (["TERM": "screen-256color", "TMUX": "/tmp/x"], 256, .colors256),
    ])
    func depthFollowsTheEnvironment(_ environment: [String: String], _ colors: Int, _ depth: PictureMode.Depth) {
        #expect(capabilities(environment, colors: colors).pictures.depth == depth)
    }

    @Test(arguments: [
        ("kitty(0.26.5)", PictureMode.GraphicsProtocol.kittyDirect), ("kitty(0.28.0)", .kittyPlaceholders),
        ("kitty(0.35.2)", .kittyPlaceholders), ("kitty(1.0.0)", .kittyPlaceholders),
        ("ghostty 1.0", .kittyPlaceholders),
        ("other 3", .kittyDirect),
    ])
    func kittyPlaceholdersNeedAVersionThatHasThem(_ version: String, _ expected: PictureMode.GraphicsProtocol) {
        let reports: [TerminalReport] = [.version(version), .kittyGraphics("i=31;OK"), .primaryAttributes([62])]
        #expect(capabilities(["TERM": "xterm-256color"], reports).pictures.graphics == expected)
    }

    @Test func sixelIsTakenFromDA1() {
        #expect(capabilities(["TERM": "xterm-256color"], [.primaryAttributes([62, 4])]).pictures.graphics == .sixel)
        // The first number is the kind of terminal, not a feature.
        #expect(capabilities(["TERM": "xterm-256color"], [.primaryAttributes([4])]).pictures.graphics == nil)
    }

    @Test func nothingButCharactersInsideTmuxOrWithoutColor() {
        let answers: [TerminalReport] = [.kittyGraphics("i=31;OK"), .primaryAttributes([62, 4])]
        #expect(capabilities(["TERM": "tmux-256color", "TMUX": "x"], answers).pictures.graphics == nil)
        #expect(capabilities(["TERM": "xterm-256color", "NO_COLOR": "1"], answers).pictures.graphics == nil)
        #expect(capabilities(["TERM": "vt100"], colors: 0, answers).pictures.graphics == nil)
    }

    @Test func questionsEndWithDA1AndAreNotPutToTerminalsThatWouldPrintThem() {
        let all = String(decoding: Capabilities.questions(environment: ["TERM": "xterm-256color"]), as: UTF8.self)
        #expect(all.hasSuffix("\u{1B}[c") && all.contains("_G"))
        #expect(Capabilities.questions(environment: ["TERM": "vt100"]) == Array("\u{1B}[c".utf8))
        #expect(Capabilities.questions(environment: ["TERM": "dumb"]).isEmpty)
    }

    @Test func nonsenseAnswersChangeNothing() {
        var subject = capabilities(["TERM": "xterm-256color"])
        let before = subject.pictures
        for report: TerminalReport in [
            .window([6, 0, 0]), .window([6, 99_999]), .mode(2026, 0), .version(""), .other,
        ] {
            let changed = subject.absorb(report)
            #expect(!changed, "\(report)")
        }
        #expect(subject.pictures == before && !subject.synchronizedOutput)
        _ = subject.absorb(.window([6, 99_999, 99_999]))
        #expect(subject.pictures.cellHeight <= 128)
    }
}
