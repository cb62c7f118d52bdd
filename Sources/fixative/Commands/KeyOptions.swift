import AntiAI
import ArgumentParser
import Core
import Foundation

/// `--key`, `--private` and `--also-public`: whose marks a picture gets.
struct KeyOptions: ParsableArguments {
    @Option(
        help: "Mark with the private watermark key in this file (32 bytes, or 64 hex digits): only who has it can read."
    )
    var key: String?
    @Flag(
        name: .customLong("private"),
        help: "Mark with the private key of your identity on this machine; 'watermark key' exports it.")
    var own = false
    @Flag(
        help: """
            With a private key: put the public community mark in as well, with the same payload. Anybody can read \
            that one; the private one is there for you.
            """)
    var alsoPublic = false

    /// The setting `mark_key` decides where no option does.
    func keys(_ workshop: Workshop) throws -> [WatermarkKey] {
        guard key == nil || !own else { throw UserError("Use either --key or --private, not both.") }
        let chosen = try key.map(KeyFile.read) ?? (own ? try Workshop.privateKey(workshop.directories) : nil)
        guard let chosen else {
            guard !alsoPublic else { throw UserError("--also-public goes with --key FILE or --private.") }
            return try Workshop.watermarkKeys(workshop.preferences["mark_key"], workshop.directories)
        }
        return alsoPublic ? [chosen, .community] : [chosen]
    }
}

/// A private watermark key in a file: 32 bytes, or 64 hex digits.
enum KeyFile {
    static func read(_ path: String) throws -> WatermarkKey {
        let data = try Workshop.read(path)
        if data.count == 32 { return WatermarkKey(bytes: Array(data)) }
        let text = String(decoding: data.prefix(200), as: UTF8.self).filter { !$0.isWhitespace }
        guard let key = key(digits: Array(text)) else {
            throw UserError("'\(path)' is no watermark key: it holds 32 bytes, or 64 hex digits.")
        }
        return key
    }

    static func key(hex: String) throws -> WatermarkKey {
        guard let key = key(digits: Array(hex)) else { throw UserError("A key is 64 hex digits.") }
        return key
    }

    private static func key(digits: [Character]) -> WatermarkKey? {
        guard digits.count == 64, digits.allSatisfy(\.isHexDigit) else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        return WatermarkKey(bytes: bytes)
    }
}
