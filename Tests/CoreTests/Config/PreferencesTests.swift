import Core
import Foundation
import Testing

@Suite struct PreferencesTests {
    private func withFile(_ text: String?, _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appendingPathComponent("config.toml")
        if let text { try Data(text.utf8).write(to: url) }
        try body(url)
    }

    @Test func everyDefaultIsAValueThatTheSettingAllows() throws {
        var preferences = Preferences()
        for setting in Preferences.settings { try preferences.set(setting.key, setting.fallback) }
    }

    @Test func aMissingFileMeansDefaults() throws {
        try withFile(nil) { url in
            let preferences = try Preferences(contentsOf: url)
            #expect(preferences["recipe"] == "subtle")
            #expect(preferences.rights == RightsStatement())
        }
    }

    @Test(arguments: [
        ("recipee = 'mark'", "recipee"), ("mouse = 3", "mouse"), ("cache_limit_mb = 1", "cache_limit_mb"),
        ("visibility = 'all'", "visibility"), ("creator = [1]", "creator"), ("not toml at all", "not valid TOML"),
    ])
    func aMistakeIsNamed(text: String, word: String) throws {
        try withFile(text) { url in
            let error = #expect(throws: UserError.self) { try Preferences(contentsOf: url) }
            #expect(error?.message.contains(word) == true)
            #expect(error?.message.contains("config.toml") == true)
        }
    }

    @Test func writingKeepsEveryOtherLine() throws {
        try withFile("# mine\nrecipe = 'mark' \n\n[ignored]\n".replacingOccurrences(of: "\n[ignored]", with: "")) {
            url in
            try Preferences.write("recipe", "strong", to: url)
            try Preferences.write("creator", "Mei \"Ink\" Lin\\\u{1}", to: url)
            try Preferences.write("mouse", "false", to: url)
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(text.hasPrefix("# mine\nrecipe = \"strong\"\n"))
            let preferences = try Preferences(contentsOf: url)
            #expect(preferences["recipe"] == "strong")
            #expect(preferences["creator"] == "Mei \"Ink\" Lin\\\u{1}")
            #expect(!preferences.flag("mouse"))
            let mode = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }

    @Test func aWrongValueIsNotWritten() throws {
        try withFile("mouse = true\n") { url in
            #expect(throws: UserError.self) { try Preferences.write("mouse", "perhaps", to: url) }
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(text == "mouse = true\n")
        }
    }
}
