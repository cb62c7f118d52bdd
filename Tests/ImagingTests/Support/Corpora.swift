import Foundation

/// The collections of pictures that `scripts/fetch-corpora.sh` fetches.
enum Corpora {
    /// From the environment, or `.build-corpora` beside the manifest.
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["FIXATIVE_CORPORA"] { return URL(fileURLWithPath: path) }
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent(".build-corpora")
    }()

    /// Every file of one collection; empty when it is missing.
    static func files(_ collection: String) -> [URL] {
        let keys: [URLResourceKey] = [.isRegularFileKey]
        let walk = FileManager.default.enumerator(
            at: folder.appendingPathComponent(collection), includingPropertiesForKeys: keys)
        let files = (walk?.allObjects as? [URL] ?? []).filter { url in
            (try? url.resourceValues(forKeys: Set(keys)).isRegularFile) == true
        }
        return files.sorted { $0.path < $1.path }
    }

    static func exists(_ collection: String) -> Bool { !files(collection).isEmpty }
}
