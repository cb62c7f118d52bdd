import Foundation

/// The repository as these tests read it: text, not code.
enum SourceTree {
    /// Three levels up from this file.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File {
        /// Relative to the repository.
        var path: String
        var text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        /// The folder under `Sources` or `Tests`.
        var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
    }

    /// Every file below a folder with one of these extensions, sorted by path.
    static func files(in folder: String, _ extensions: Set<String>) throws -> [File] {
        let base = root.appendingPathComponent(folder).resolvingSymlinksInPath()
        let walk = FileManager.default.enumerator(atPath: base.path)
        var found: [File] = []
        while let name = walk?.nextObject() as? String {
            guard extensions.contains((name as NSString).pathExtension) else { continue }
            let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
            found.append(File(path: "\(folder)/\(name)", text: text))
        }
        return found.sorted { $0.path < $1.path }
    }

    static func manifest() throws -> String {
        try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    }

    /// The modules that a file imports, with the attributes before each.
    static func imports(of file: File) -> [(module: String, attributes: String)] {
        file.lines.compactMap { line in
            guard
                let match = line.firstMatch(
                    of:
                        /^\s*((?:@\w+(?:\([^)]*\))?\s+)*)(?:public\s+|package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|var|let)\s+)?(\w+)/
                )
            else { return nil }
            return (String(match.2), String(match.1))
        }
    }

    /// The declarations `module("X", […])` and their like in the manifest: name to dependencies.
    static func declaredDependencies() throws -> [String: Set<String>] {
        let text = try manifest()
        var declared: [String: Set<String>] = [:]
        for match in text.matches(of: /\b(module|program|tests)\(\s*"([\w-]+)",\s*\[([^\]]*)\]/) {
            let names = match.3.split(separator: ",").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " \n\""))
            }
            let suffix = match.1 == "tests" ? "Tests" : ""
            declared[String(match.2) + suffix] = Set(names.filter { !$0.isEmpty }.map { products[$0] ?? $0 })
        }
        return declared
    }

    /// The names that the manifest gives to products of other packages.
    private static let products = [
        "grdb": "GRDB", "grdbSQLite": "GRDBSQLite", "hummingbird": "Hummingbird",
        "hummingbirdTesting": "HummingbirdTesting", "argumentParser": "ArgumentParser", "crypto": "Crypto",
        "cryptoExtras": "CryptoExtras", "logging": "Logging", "toml": "TOMLKit",
    ]
}
