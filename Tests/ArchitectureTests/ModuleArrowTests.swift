import Foundation
import Testing

@Suite("Arrows between modules point down only")
struct ModuleArrowTests {
    /// What each module may use, besides the system: `docs/ARCHITECTURE.md`.
    private static let allowed: [String: Set<String>] = [
        "Core": ["Crypto", "TOMLKit"],
        "Imaging": ["Core", "CPNG", "CJPEG", "CWebP", "CLCMS"],
        "AntiAI": ["Core", "Imaging", "CCloakKernels", "Crypto"],
        "TextIndex": ["Core", "GRDB", "GRDBSQLite"],
        "Store": ["Core", "TextIndex", "GRDB", "Crypto"],
        "API": ["Core"],
        "Transport": ["Core", "CCurl"],
        "Sync": ["Core", "API", "Store"],
        "Terminal": ["Core", "Imaging", "CNcurses", "CChafa"],
        "TUI": ["Core", "Terminal"],
        "Server": [
            "Core", "API", "Imaging", "AntiAI", "TextIndex", "Hummingbird", "GRDB", "Crypto", "CryptoExtras", "Logging",
            "TOMLKit",
        ],
        "TestSupport": ["Core", "Imaging", "CTestSupport"],
        "fixative": [
            "Core", "Imaging", "AntiAI", "Store", "API", "Transport", "Sync", "Terminal", "TUI", "ArgumentParser",
            "Logging",
        ],
        "fixative-server": ["Core", "Server", "ArgumentParser", "Logging"],
    ]
    /// What comes with Swift.
    private static let system: Set = [
        "Foundation", "Glibc", "Synchronization", "Dispatch", "RegexBuilder", "Observation",
    ]
    /// Modules of Hummingbird's own dependencies, whose types are in its interface.
    private static let withHummingbird: Set = [
        "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTPTypes", "ServiceLifecycle",
    ]

    @Test func everyTargetIsKnownHere() throws {
        let declared = try SourceTree.declaredDependencies().keys.filter { !$0.hasSuffix("Tests") }
        #expect(Set(declared) == Set(Self.allowed.keys))
    }

    @Test func theManifestDeclaresNothingElse() throws {
        for (target, dependencies) in try SourceTree.declaredDependencies() where !target.hasSuffix("Tests") {
            let allowed = Self.allowed[target] ?? []
            #expect(
                dependencies.isSubset(of: allowed), "\(target) must not depend on \(dependencies.subtracting(allowed))")
        }
    }

    @Test func filesImportOnlyWhatTheirTargetDeclares() throws {
        let declared = try SourceTree.declaredDependencies()
        let files = try SourceTree.files(in: "Sources", ["swift"])
        #expect(files.count > 20)
        for file in files {
            let dependencies = declared[file.target] ?? []
            for (module, _) in SourceTree.imports(of: file) where !Self.system.contains(module) {
                let isHummingbirds = dependencies.contains("Hummingbird") && Self.withHummingbird.contains(module)
                #expect(
                    dependencies.contains(module) || isHummingbirds, "\(file.path) imports \(module)")
            }
        }
    }

    @Test func nothingThatShipsUsesTestSupport() throws {
        for (target, dependencies) in try SourceTree.declaredDependencies() where !target.hasSuffix("Tests") {
            #expect(!dependencies.contains("TestSupport"), "\(target)")
        }
    }

    /// Screens read the store and write intents through Core's protocols; that they cannot do more is by imports.
    @Test func screensDoNotKnowTheStoreTheNetworkOrTheProtection() throws {
        let forbidden: Set = ["Store", "Sync", "Transport", "AntiAI", "API", "GRDB", "Server"]
        for file in try SourceTree.files(in: "Sources/TUI", ["swift"]) {
            for (module, _) in SourceTree.imports(of: file) {
                #expect(!forbidden.contains(module), "\(file.path) imports \(module)")
            }
        }
    }
}
