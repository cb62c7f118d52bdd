import Foundation
import TestSupport
import Testing

/// The built programs: beside the test program, or where `FIXATIVE_BIN_DIR` says.
enum Programs {
    static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["FIXATIVE_BIN_DIR"] {
            return URL(fileURLWithPath: named, isDirectory: true)
        }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        return URL(fileURLWithPath: own).deletingLastPathComponent()
    }()

    static var fixative: URL { folder.appendingPathComponent("fixative") }
    static var server: URL { folder.appendingPathComponent("fixative-server") }
}

/// All tests with the real programs: one after the other, because each of them wants every core.
@Suite(.serialized) enum EndToEnd {}

extension Trait where Self == ConditionTrait {
    /// Skips the test with a message while one of the tools is missing.
    static func needs(_ tools: [(name: String, package: String)]) -> Self {
        let missing = tools.first { CommandLineTool.find($0.name) == nil }
        return .disabled(if: missing != nil, "\(missing?.name ?? "") is not installed (apt: \(missing?.package ?? ""))")
    }
}

enum Tools {
    static let exiftool = (name: "exiftool", package: "libimage-exiftool-perl")
    static let convert = (name: "convert", package: "imagemagick")
    static let identify = (name: "identify", package: "imagemagick")

    /// Runs a tool that must succeed; returns what it printed.
    @discardableResult
    static func run(_ name: String, _ arguments: [String], directory: URL? = nil) throws -> CommandLineTool.Result {
        let tool = try #require(CommandLineTool.find(name))
        let result = try CommandLineTool.run(tool, arguments, directory: directory, timeout: 300)
        try #require(result.succeeded, "\(name): \(result.errors)")
        return result
    }
}
