import Foundation

/// A folder of its own for one test, removed with everything in it when the object goes.
public final class TemporaryDirectory: Sendable {
    public let url: URL

    /// Throws what the file system says.
    public init(_ purpose: String = "test") throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("fixative-\(purpose)-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A place in it; nothing is made.
    public func path(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Writes a file in it, with the folders on the way.
    @discardableResult
    public func file(_ name: String, _ data: Data) throws -> URL {
        let file = path(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
        return file
    }

    /// Every regular file below it, as paths relative to it, sorted.
    public func everyFile() -> [String] {
        let walk = FileManager.default.enumerator(atPath: url.path)
        var found: [String] = []
        while let name = walk?.nextObject() as? String {
            if walk?.fileAttributes?[.type] as? FileAttributeType == .typeRegular { found.append(name) }
        }
        return found.sorted()
    }
}
