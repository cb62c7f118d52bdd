import Foundation
import Testing

@Suite("Only the pipeline makes a protected image")
struct ProtectionBoundaryTests {
    @Test func onlyAntiAIAsksForTheInterface() throws {
        var askers: Set<String> = []
        for file in try SourceTree.files(in: "Sources", ["swift"]) {
            for (module, attributes) in SourceTree.imports(of: file) where attributes.contains("_spi(Protection)") {
                #expect(module == "Core", "\(file.path)")
                askers.insert(file.target)
            }
        }
        #expect(askers.isSubset(of: ["AntiAI"]), "\(askers) could publish what was never protected")
    }

    @Test func onlyTheInitialiserIsBehindIt() throws {
        let declaring = try SourceTree.files(in: "Sources", ["swift"]).filter { file in
            file.lines.contains { $0.contains("@_spi(Protection)") && !$0.contains("import") }
        }
        #expect(declaring.map(\.path) == ["Sources/Core/Protection/ProtectedImage.swift"])
        let text = try #require(declaring.first).text
        let declaration = try #require(text.firstMatch(of: /public struct ProtectedImage: (.*) \{/))
        #expect(declaration.1 == "Sendable", "decoding, for one, would be another way to make one")
        #expect(text.matches(of: /\binit\(/).count == 1)
    }
}
