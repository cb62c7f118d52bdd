import Core
import Foundation
import TUI
import Terminal
import Testing

/// Captions and names that try to reach the terminal.
@MainActor @Suite struct HostileTextTests {
    nonisolated static let hostile = [
        "\u{1B}[31mred\u{1B}[2J\u{1B}]0;title\u{7}", "\u{1B}]52;c;cm0gLXJm\u{7}clip",
        "\u{9B}31m8-bit \u{9D}52;c;x\u{9C}",
        "\u{202E}gnp.exe\u{202C} \u{2066}bidi\u{2069}", "a" + String(repeating: "\u{301}", count: 10_000),
        "\u{10EEEE}\u{305}\u{305}", "line\r\nbreak\u{0B}\u{85}\u{2028}x", "\u{1B}_Ga=T;AAAA\u{1B}\\",
        "e\u{200D}\u{FE0F}🏳️‍🌈👩‍👩‍👧",
        "\u{1B}P1$r\u{1B}\\", "\u{0}\u{8}\u{7F}", "",
    ]

    @Test(arguments: hostile) func hostileTitleIsHarmlessOnEveryScreen(_ text: String) throws {
        try withTemporaryFolder { folder in
            let fake = try FakeServices(folder: folder, titles: [text])
            fake.world.withLock { state in
                for index in state.statuses.indices {
                    state.statuses[index].account.displayName = text
                    state.statuses[index].account.acct = text
                    state.statuses[index].account.note = text
                    state.statuses[index].tags = [text]
                    state.statuses[index].media[0].description = text
                    state.statuses[index].spoilerText = text
                    state.statuses[index].provenance?.license = text
                }
                for index in state.items.indices {
                    state.items[index].draft.title = text
                    state.items[index].fileName = text
                    state.items[index].attention?.message = text
                }
            }
            let tui = HeadlessTUI(
                services: fake.services, options: fake.options(.english), size: Size(columns: 80, rows: 24))
            try expectHarmless(tui)
            for keys in ["\t", "l\n", "a", "q", "u", "\n", "q", "q", "A"] {
                for key in keys {
                    tui.press(key == "\t" ? Key(.tab) : key == "\n" ? Key(.enter) : .character(key))
                    try expectHarmless(tui)
                }
            }
        }
    }

    private func expectHarmless(_ tui: HeadlessTUI) throws {
        for y in 0..<tui.grid.size.rows {
            var columns = 0
            for x in 0..<tui.grid.size.columns {
                let cell = tui.grid[x, y]
                if cell.kind == .continuation { continue }
                columns += cell.glyph.columns
                let scalars = cell.glyph.scalars
                #expect(scalars.count <= 3)
                for scalar in scalars {
                    let value = scalar.value
                    let isControl = value < 0x20 || (0x7F...0x9F).contains(value)
                    let isBidi = (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
                    try #require(
                        !isControl && !isBidi && value < 0xF0000, "U+\(String(value, radix: 16)) on the screen")
                }
            }
            #expect(columns == tui.grid.size.columns, "row \(y) is \(columns) columns wide")
        }
    }
}
