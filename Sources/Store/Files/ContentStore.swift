import Core
import Foundation

/// A folder of files that are named by the SHA-256 of their bytes.
struct ContentStore: Sendable {
    let directory: URL

    init(directory: URL) throws {
        self.directory = directory
        try PrivateFiles.makeDirectory(directory)
    }

    func url(_ sha256: String) -> URL { directory.appendingPathComponent(sha256) }

    func contains(_ sha256: String) -> Bool { FileManager.default.fileExists(atPath: url(sha256).path) }

    /// Durable when it returns.
    func store(_ data: Data) throws -> String {
        let name = Digest.sha256(data)
        try DurableFile.write(data, to: url(name))
        return name
    }

    /// Copies a file in; durable when it returns.
    func adopt(_ file: URL, limit: Int64) throws -> (sha256: String, bytes: Int64) {
        try DurableFile.adopt(file, into: directory, limit: limit)
    }

    /// The bytes, checked against their name.
    func read(_ sha256: String) throws -> Data {
        let data = try Data(contentsOf: url(sha256))
        guard Digest.sha256(data) == sha256 else { throw StoreFault.damagedFile(sha256) }
        return data
    }
}

/// What can be wrong with the store itself.
public enum StoreFault: Error, Hashable, Sendable {
    /// The bytes of a file are no longer those that its name promises.
    case damagedFile(String)
    /// Another worker took the item over, or the artist changed it: this worker's work on it is void.
    case staleClaim(ClientID)
    /// The outbox does not lead from the one state to the other.
    case illegalTransition(from: OutboxState, to: OutboxState)
    /// There is no such item.
    case noSuchItem(ClientID)
}
