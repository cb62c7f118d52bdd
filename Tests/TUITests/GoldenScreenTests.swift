import Core
import Foundation
import TUI
import Terminal
import Testing

/// Every main screen, at two sizes and in both languages, compared with files. `FIXATIVE_RECORD=1` writes them anew.
@MainActor @Suite struct GoldenScreenTests {
    enum Scene: String, CaseIterable, Sendable {
        case wizard, wizardName, wizardServer, grid, list, viewer, sensitive, found, mistake, artist, publish, protect
        case queue, report, changes, conflict, jobs, errors, help, question, about, tooSmall
    }

    nonisolated static let sizes = [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)]

    @Test(arguments: Scene.allCases, Language.allCases)
    func screenLooksAsRecorded(_ scene: Scene, _ language: Language) throws {
        for size in Self.sizes {
            let screen = try show(scene, language, size)
            try compare(screen, "\(scene.rawValue).\(size.columns)x\(size.rows).\(language.rawValue).txt")
        }
    }

    private func show(_ scene: Scene, _ language: Language, _ size: Size) throws -> String {
        try withTemporaryFolder { folder in
            let fake = try FakeServices(folder: folder)
            if [.wizard, .wizardName, .wizardServer].contains(scene) { fake.world.withLock { $0.joined = false } }
            let tui = HeadlessTUI(services: fake.services, options: fake.options(language), size: size)
            switch scene {
            case .wizard, .grid: break
            case .wizardName: tui.press(Key(.enter))
            case .wizardServer:
                tui.press(Key(.down), Key(.enter))
                tui.type("nowhere.example")
                tui.press(Key(.enter), Key(.enter), Key(.enter))
                #expect(tui.settle())
            case .list: tui.press(Key(.tab), Key(.down))
            case .viewer: tui.press(Key(.enter))
            case .sensitive: tui.press(Key(.right), Key(.right), Key(.right), Key(.right), Key(.enter))
            case .found:
                tui.type("/lake tag:ink")
                tui.press(Key(.enter))
            case .mistake:
                tui.type("/lake tag:")
                tui.press(Key(.enter))
            case .artist: tui.type("a")
            case .publish:
                tui.type("pp1.png")
                tui.press(Key(.enter))
                tui.type("Heron 苍鹭")
                #expect(tui.settle())
            case .protect:
                tui.type("Pp1.png")
                #expect(tui.settle())
            case .queue: tui.type("ujj")
            case .report:
                tui.type("uG")
                tui.press(Key(.enter))
            case .changes:
                fake.addChanges()
                tui.type("uc")
            case .conflict:
                fake.addChanges()
                tui.type("uc")
                tui.press(Key(.enter), Key(.down))
                tui.type("o")
            case .jobs: tui.type("J")
            case .errors: tui.type("e")
            case .help: tui.type("?pub")
            case .question:
                tui.type("ux")
            case .about: tui.type("A")
            case .tooSmall: tui.resize(Size(columns: 38, rows: 10))
            }
            return tui.screen.replacing(folder.path, with: "/folder")
        }
    }

    private func compare(_ screen: String, _ name: String) throws {
        if ProcessInfo.processInfo.environment["FIXATIVE_RECORD"] == "1" {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
            try Data((screen + "\n").utf8).write(to: folder.appendingPathComponent(name))
            return
        }
        let url = try #require(
            Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil), "no golden screen \(name)")
        let golden = try String(contentsOf: url, encoding: .utf8)
        #expect(screen + "\n" == golden, "\(name) differs; FIXATIVE_RECORD=1 records it anew")
    }
}
