import Foundation
import Testing

/// Rules that the compiler does not hold by itself, checked on the module's text.
@Suite struct BoundaryTests {
    private func sources() throws -> [(name: String, text: String)] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Sync")
        let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { url in
            (url.lastPathComponent, try String(contentsOf: url, encoding: .utf8))
        }
    }

    @Test func theOriginalIsReadInOnePlaceOnly() throws {
        #expect(try sources().filter { $0.text.contains("withOriginal") }.map(\.name) == ["ItemDriver.swift"])
    }

    @Test func onlyABlobBecomesAFileOnTheWire() throws {
        for (name, text) in try sources() {
            // `library.file(of:)` asks where a picture of the cache is; `.file(` alone is a body on the wire.
            #expect(!text.replacing("library.file(", with: "").contains(".file("), "\(name)")
        }
        #expect(try sources().filter { $0.text.contains(".multipart(") }.map(\.name) == ["WritingCalls.swift"])
    }
}
