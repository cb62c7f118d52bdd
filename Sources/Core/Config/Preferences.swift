import Foundation
import TOMLKit

/// What the artist set in `config.toml`. Every key has a default; an unknown key or a wrong value is an error that
/// names it, because a misspelt setting that is silently ignored is worse than none.
public struct Preferences: Hashable, Sendable {
    /// One setting: what it is called, what it may hold, and what it is for.
    public struct Setting: Sendable {
        public enum Kind: Sendable {
            case text
            case switched
            case number(ClosedRange<Int>)
            case choice([String])
        }

        public let key: String
        public let kind: Kind
        public let fallback: String
        public let help: String
    }

    /// All settings, in the order in which they are shown.
    public static let settings: [Setting] = [
        Setting(
            key: "language", kind: .choice(["auto", "en", "zh-Hans"]), fallback: "auto",
            help: "Language of the screens; auto takes it from LC_ALL, LC_MESSAGES or LANG."),
        Setting(
            key: "recipe", kind: .text, fallback: "subtle",
            help: "Protection recipe that forms and commands begin with."),
        Setting(
            key: "creator", kind: .text, fallback: "", help: "Your name, written into every picture as its creator."),
        Setting(key: "notice", kind: .text, fallback: "", help: "Copyright notice written into every picture."),
        Setting(
            key: "license", kind: .text, fallback: "",
            help: "SPDX id or URL of a licence; empty for all rights reserved."),
        Setting(
            key: "prohibit_training", kind: .switched, fallback: "true",
            help: "Write the PLUS and TDM reservations against machine learning into every picture."),
        Setting(
            key: "mark_key", kind: .choice(["public", "private", "both"]), fallback: "public",
            help: "Whose watermark your pictures get: the community's, which anybody can read, your own, or both."),
        Setting(
            key: "visibility", kind: .choice(Visibility.allCases.map(\.rawValue)), fallback: "public",
            help: "Who may see what you publish."),
        Setting(
            key: "colors", kind: .choice(["auto", "truecolor", "256", "16", "mono"]), fallback: "auto",
            help: "Colours of the terminal; auto asks it. NO_COLOR is honoured."),
        Setting(
            key: "graphics", kind: .choice(["auto", "cells"]), fallback: "auto",
            help: "How pictures are drawn: auto asks the terminal for its own graphics, cells uses characters only."),
        Setting(
            key: "ambiguous_width", kind: .choice(["auto", "1", "2"]), fallback: "auto",
            help: "Cells that East Asian ambiguous characters take."),
        Setting(key: "mouse", kind: .switched, fallback: "true", help: "Click and wheel."),
        Setting(
            key: "cache_limit_mb", kind: .number(16...1_000_000), fallback: "2048",
            help: "Most megabytes of other people's pictures kept on this machine."),
        Setting(
            key: "sync_interval_seconds", kind: .number(5...86_400), fallback: "30",
            help: "Seconds between rounds of synchronisation."),
        Setting(
            key: "local_community", kind: .text, fallback: "http://127.0.0.1:8420",
            help: "Address of the community on this machine."),
    ]

    private var values: [String: String]

    public init() { values = [:] }

    /// Reads the file; a missing one means every default. Throws `UserError`.
    public init(contentsOf url: URL) throws {
        values = [:]
        guard let data = try? Data(contentsOf: url) else { return }
        guard data.count <= 1 << 20 else {
            throw UserError("\(url.lastPathComponent) is larger than 1 MiB: it is not a configuration file of ours.")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: String(decoding: data, as: UTF8.self))
        } catch {
            throw UserError("\(url.path) is not valid TOML: \(Sanitiser.line(String(describing: error)))")
        }
        for key in table.keys.sorted() {
            guard let value = table[key] else { continue }
            let text: String
            if let string = value.string {
                text = string
            } else if let number = value.int {
                text = String(number)
            } else if let flag = value.bool {
                text = String(flag)
            } else {
                throw UserError("\(url.path): \(Sanitiser.line(key)) must be a text, a number or true/false.")
            }
            do { try set(key, text) } catch let error as UserError {
                throw UserError("\(url.path): \(error.message)")
            }
        }
    }

    /// The setting's text form. An unknown key is a mistake in the program.
    public subscript(key: String) -> String {
        guard let setting = Self.settings.first(where: { $0.key == key }) else {
            preconditionFailure("no setting \(key)")
        }
        return values[key] ?? setting.fallback
    }

    /// The text, or nil when it is empty.
    public func text(_ key: String) -> String? { self[key].isEmpty ? nil : self[key] }
    public func flag(_ key: String) -> Bool { self[key] == "true" }
    public func number(_ key: String) -> Int { Int(self[key]) ?? 0 }

    /// The rights that go into every picture unless a command says otherwise.
    public var rights: RightsStatement {
        RightsStatement(
            creator: text("creator"), notice: text("notice"), license: text("license"),
            prohibitsTraining: flag("prohibit_training"))
    }

    /// Checks and sets one value. Throws `UserError` that names the key and what it may hold.
    public mutating func set(_ key: String, _ value: String) throws {
        guard let setting = Self.settings.first(where: { $0.key == key }) else {
            let known = Self.settings.map(\.key).joined(separator: ", ")
            throw UserError("There is no setting '\(Sanitiser.line(key, limit: 60))'; there are \(known).")
        }
        switch setting.kind {
        case .text:
            guard value.utf8.count <= 4_096 else { throw UserError("'\(key)' is longer than 4096 bytes: shorten it.") }
        case .switched:
            guard ["true", "false"].contains(value) else { throw UserError("'\(key)' is true or false.") }
        case .number(let range):
            guard let number = Int(value), range.contains(number) else {
                throw UserError("'\(key)' is a number from \(range.lowerBound) to \(range.upperBound).")
            }
        case .choice(let choices):
            guard choices.contains(value) else {
                throw UserError("'\(key)' is one of \(choices.joined(separator: ", ")).")
            }
        }
        values[key] = value
    }

    /// Changes one line of the file, or adds it; every other line, comments too, stays as the artist wrote it.
    public static func write(_ key: String, _ value: String, to url: URL) throws {
        var preferences = try Preferences(contentsOf: url)
        try preferences.set(key, value)
        let setting = settings.first { $0.key == key }
        let literal: String
        switch setting?.kind {
        case .switched, .number: literal = value
        default: literal = quoted(value)
        }
        let present = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        var lines = present.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        let line = "\(key) = \(literal)"
        let place = lines.firstIndex { text in
            let trimmed = text.drop { $0 == " " || $0 == "\t" }
            return trimmed.hasPrefix(key) && trimmed.dropFirst(key.count).drop { $0 == " " }.first == "="
        }
        if let place { lines[place] = line } else { lines.append(line) }
        try PrivateFiles.makeDirectory(url.deletingLastPathComponent())
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url, options: .atomic)
        try PrivateFiles.tighten(url)
    }

    /// A TOML basic string (TOML 1.0, section "String").
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    result += String(format: "\\u%04X", scalar.value)
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
