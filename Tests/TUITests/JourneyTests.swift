import Core
import Foundation
import TUI
import Terminal
import Testing

/// What the keys do, through the whole interface.
@MainActor @Suite struct JourneyTests {
    private func journey(
        joined: Bool = true, size: Size = Size(columns: 100, rows: 30),
        _ body: (HeadlessTUI, FakeServices, URL) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            let fake = try FakeServices(folder: folder)
            fake.world.withLock { $0.joined = joined }
            let tui = HeadlessTUI(services: fake.services, options: fake.options(.english), size: size)
            try body(tui, fake, folder)
        }
    }

    @Test func wizardJoinsTheLocalCommunityAndShowsItsTimeline() throws {
        try journey(joined: false) { tui, _, _ in
            tui.press(Key(.enter), Key(.enter))
            #expect(tui.settle())
            #expect(tui.screen.contains("Logged in as @mei."))
            tui.press(Key(.enter))
            #expect(tui.screen.contains("Altai at dusk"))
        }
    }

    @Test func escapeStaysOnTheFirstScreenAndTheLetterLeaves() throws {
        try journey { tui, _, _ in
            tui.press(Key(.enter), Key(.escape), Key(.escape))
            #expect(tui.exitStatus == nil)
            #expect(tui.screen.contains("this is the first screen"))
            tui.type("q")
            #expect(tui.exitStatus == 0)
        }
    }

    @Test func aListWithRoomForMoreThanTheGridIsFilled() throws {
        try withTemporaryFolder { folder in
            let fake = try FakeServices(folder: folder, titles: (0..<60).map { "Piece \($0)" })
            fake.world.withLock { $0.joined = true }
            let tui = HeadlessTUI(
                services: fake.services, options: fake.options(.english), size: Size(columns: 160, rows: 50))
            #expect(!tui.screen.contains("Piece 40"))
            tui.press(Key(.tab))
            #expect(tui.screen.contains("Piece 40"))
        }
    }

    @Test func wizardStaysAfterAFailedLogin() throws {
        try journey(joined: false) { tui, _, _ in
            tui.press(Key(.down), Key(.enter))
            tui.type("nowhere.example")
            tui.press(Key(.enter), Key(.enter), Key(.enter))
            #expect(tui.settle())
            #expect(tui.screen.contains("Cannot reach nowhere.example"))
            #expect(tui.exitStatus == nil)
        }
    }

    @Test func protectingAFileWithoutAnAccountNeverOverwrites() throws {
        try journey(joined: false) { tui, _, folder in
            let original = folder.appendingPathComponent("p3.png")
            let taken = folder.appendingPathComponent("p3.protected.png")
            try Data("mine".utf8).write(to: taken)
            let before = try Data(contentsOf: original)
            tui.press(Key(.down), Key(.down), Key(.enter))
            tui.type("p3.png")
            tui.press(.control("s"))
            #expect(tui.settle())
            #expect(try Data(contentsOf: original) == before)
            #expect(try Data(contentsOf: taken) == Data("mine".utf8))
            #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("p3.protected-2.png").path))
        }
    }

    @Test func aConflictIsDecidedFieldByField() throws {
        try journey { tui, fake, _ in
            fake.addChanges()
            tui.type("uc")
            #expect(tui.screen.contains("2 need you"))
            tui.press(Key(.enter))
            #expect(tui.screen.contains("Heron 苍鹭") && tui.screen.contains("Grey heron"))
            // The title stays ours, the description becomes theirs; the caption had no conflict.
            tui.press(Key(.down))
            tui.type("o")
            tui.press(.control("s"))
            let sent = try #require(fake.world.withLock { $0.enqueued.first })
            #expect(sent.title == "Grey heron")
            #expect(sent.altText == "A heron stands in shallow water.")
            #expect(sent.caption == "On the moor.\nEarly in March.")
            #expect(tui.screen.contains("1 need you"))
        }
    }

    @Test func publishingWithoutADescriptionAsksFirst() throws {
        try journey { tui, fake, _ in
            tui.type("pp1.png")
            tui.press(Key(.enter))
            tui.type("Heron")
            tui.press(.control("s"))
            #expect(tui.screen.contains("There is no description"))
            #expect(fake.world.withLock(\.enqueued).isEmpty)
            tui.type("y")
            #expect(tui.settle())
            let drafts = fake.world.withLock(\.enqueued)
            #expect(drafts.map(\.title) == ["Heron"])
            #expect(drafts.first?.recipe == "subtle")
        }
    }

    @Test func publishingWithoutProtectionIsAnExplicitChoice() throws {
        try journey { tui, fake, _ in
            tui.type("pp1.png")
            tui.press(Key(.down), Key(.down), Key(.down), Key(.down), Key(.down))
            tui.press(Key(.left), Key(.left), .control("s"))
            #expect(tui.screen.contains("This recipe protects nothing"))
            tui.type("n")
            #expect(fake.world.withLock(\.enqueued).isEmpty)
        }
    }

    @Test func droppedFileOpensThePublishForm() throws {
        try journey { tui, _, folder in
            tui.send(.paste("'\(folder.path)/p2.png' "))
            #expect(tui.screen.contains("p2.png"))
            #expect(tui.screen.contains("Recipe"))
        }
    }

    @Test func flipShowsThePictureBeforeAndAfter() throws {
        try journey { tui, _, _ in
            tui.type("pp1.png")
            #expect(tui.settle())
            #expect(tui.screen.contains(" after"))
            tui.press(.control("f"))
            #expect(tui.screen.contains(" before"))
            tui.press(.control("d"))
            #expect(tui.screen.contains("difference"))
        }
    }

    @Test func disabledCommandSaysWhy() throws {
        try journey { tui, _, _ in
            tui.type("ur")
            #expect(tui.screen.contains("nothing to retry"))
        }
    }

    @Test func helpRunsTheCommandThatIsChosen() throws {
        try journey { tui, _, _ in
            tui.type("?publishing queue")
            tui.press(Key(.enter))
            #expect(tui.screen.contains("Lighthouse"))
        }
    }

    @Test func commandLineRunsByName() throws {
        try journey { tui, _, _ in
            tui.type(":search lake")
            tui.press(Key(.enter))
            #expect(tui.screen.contains("5 found"))
            tui.type(":nonsense")
            tui.press(Key(.enter))
            #expect(tui.screen.contains("No command"))
        }
    }

    @Test func searchMistakeHasACaretUnderThePlace() throws {
        try journey { tui, _, _ in
            tui.type("/水 tag:")
            tui.press(Key(.enter))
            let lines = tui.screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let line = try #require(lines.firstIndex { $0.hasPrefix(" Search: 水 tag:") })
            let width = CharacterWidth()
            let caret = try #require(lines[line + 1].firstIndex(of: "^"))
            // The place is the end of the query: after "Search: 水 tag:" and the margin.
            #expect(width.columns(String(lines[line + 1][..<caret])) == 1 + width.columns("Search: 水 tag:"))
        }
    }

    @Test func queueCancelAsksAndCancels() throws {
        try journey { tui, fake, _ in
            tui.type("uxy")
            #expect(fake.world.withLock { $0.items[0].state } == .cancelled)
        }
    }

    @Test func favouriteIsAnIntent() throws {
        try journey { tui, fake, _ in
            tui.type("f")
            #expect(fake.world.withLock(\.operations) == [.favourite(statusID: "100", true)])
        }
    }

    @Test func escapeKeepsWhatWasTypedUntilItIsConfirmed() throws {
        try journey { tui, _, _ in
            tui.type("pabc")
            tui.press(Key(.escape))
            #expect(tui.screen.contains("Throw away"))
            tui.type("n")
            #expect(tui.screen.contains("abc"))
            tui.press(Key(.escape))
            tui.type("y")
            #expect(tui.screen.contains("Altai"))
        }
    }

    @Test func everySizeIsDrawnWithoutBreakingRows() throws {
        try journey { tui, _, _ in
            for size in [(1, 1), (39, 11), (40, 12), (53, 17), (80, 24), (121, 33), (300, 90)] {
                tui.resize(Size(columns: size.0, rows: size.1))
                for keys in ["", "\t", "\n", "q", "p", "\u{1B}", "u", "q", "?", "?"] {
                    for key in keys {
                        tui.press(
                            key == "\t"
                                ? Key(.tab)
                                : key == "\n" ? Key(.enter) : key == "\u{1B}" ? Key(.escape) : .character(key))
                    }
                    #expect(tui.screen.split(separator: "\n", omittingEmptySubsequences: false).count == size.1)
                }
            }
        }
    }

    @Test func wheelAndClickMoveTheSelection() throws {
        try journey { tui, _, _ in
            tui.press(Key(.tab))
            tui.send(.mouse(MouseEvent(.wheelDown, at: Point(x: 5, y: 5))))
            tui.send(.mouse(MouseEvent(.press, at: Point(x: 5, y: 3))))
            tui.send(.mouse(MouseEvent(.press, at: Point(x: 5, y: 3))))
            #expect(tui.screen.contains("2/24"))
        }
    }

    @Test func quitLeaves() throws {
        try journey { tui, _, _ in
            tui.type("Q")
            #expect(tui.exitStatus == 0)
        }
    }
}
