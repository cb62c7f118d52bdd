import Foundation
import TestSupport
import Testing

@Suite("What every source file keeps to")
struct SourceStyleTests {
    @Test func longFilesSayWhy() throws {
        for folder in ["Sources", "Tests"] {
            for file in try SourceTree.files(in: folder, ["swift", "c", "h"]) where file.lines.count > 601 {
                let head = file.lines.prefix(5).joined(separator: "\n")
                #expect(head.contains("600 lines"), "\(file.path) has \(file.lines.count) lines and gives no reason")
            }
        }
    }

    @Test func noPathOfSomebodysMachine() throws {
        for file in try SourceTree.files(in: "Sources", ["swift", "c", "h", "modulemap"]) {
            for (number, line) in file.lines.enumerated() {
                #expect(
                    line.firstMatch(of: /\/(work|home|root|Users|opt|workspace)\/\w/) == nil,
                    "\(file.path):\(number + 1)")
            }
        }
    }

    @Test func everyShimGivesItsReason() throws {
        for file in try SourceTree.files(in: "Sources/System", ["h"]) {
            #expect(file.text.contains("//"), "\(file.path) does not say why Swift cannot do it")
        }
    }

    @Test func ourOwnTargetsAreStrict() throws {
        let manifest = try SourceTree.manifest()
        #expect(manifest.contains("swiftLanguageMode(.v6), .treatAllWarnings(as: .error)"))
        for declaration in [".target(", ".executableTarget(", ".testTarget("] {
            // One each in the manifest's helpers (and one more for the shims), so that no target escapes them.
            #expect(manifest.components(separatedBy: declaration).count - 1 <= 2, "\(declaration)")
        }
    }

    @Test(.enabled(if: CommandLineTool.find("swift") != nil, "swift is not in the path"))
    func everyFileIsFormatted() throws {
        let swift = try #require(CommandLineTool.find("swift"))
        let result = try CommandLineTool.run(
            swift, ["format", "lint", "--strict", "--recursive", "--parallel", "Sources", "Tests", "Package.swift"],
            directory: SourceTree.root, timeout: 600)
        #expect(result.succeeded, "\(result.errors.prefix(4000))")
    }
}
