import Core
import Foundation
import Glibc

/// Objects as files: `objects/ab/abcdef…`, written elsewhere first, synced, renamed, and the directory synced.
package struct FileObjectStore: ObjectStore {
    private let objects: URL
    private let temporary: URL

    package init(directory: URL) throws {
        objects = directory.appendingPathComponent("objects", isDirectory: true)
        temporary = directory.appendingPathComponent("incoming", isDirectory: true)
        try PrivateFiles.makeDirectory(objects)
        try PrivateFiles.makeDirectory(temporary)
    }

    package func makeTemporaryFile() throws -> URL {
        let url = temporary.appendingPathComponent(UUID().uuidString)
        let file = open(url.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(url, errno) }
        close(file)
        return url
    }

    package func put(_ data: Data) throws -> String {
        let url = try makeTemporaryFile()
        do {
            try data.write(to: url)
            return try put(fileAt: url)
        } catch {
            unlink(url.path)
            throw error
        }
    }

    package func put(fileAt source: URL) throws -> String {
        try sync(source, flags: O_RDONLY)
        let name = try Digest.sha256(fileAt: source)
        let target = url(of: name)
        let directory = target.deletingLastPathComponent()
        if !FileManager.default.fileExists(atPath: directory.path) {
            try PrivateFiles.makeDirectory(directory)
            try sync(objects, flags: O_RDONLY | O_DIRECTORY)
        }
        guard rename(source.path, target.path) == 0 else { throw Failure(target, errno) }
        try sync(directory, flags: O_RDONLY | O_DIRECTORY)
        return name
    }

    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url(of: name).path) }

    package func url(of name: String) -> URL {
        objects.appendingPathComponent(String(name.prefix(2)), isDirectory: true).appendingPathComponent(name)
    }

    package func delete(_ name: String) throws {
        guard unlink(url(of: name).path) == 0 || errno == ENOENT else { throw Failure(url(of: name), errno) }
    }

    package func allNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: objects.path).flatMap { folder in
            try FileManager.default.contentsOfDirectory(
                atPath: objects.appendingPathComponent(folder, isDirectory: true).path)
        }
    }

    package func removeTemporaryFiles(before date: Date) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: temporary.path) {
            let path = temporary.appendingPathComponent(name).path
            let modified = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            if let modified, modified < date { unlink(path) }
        }
    }

    /// A file operation that failed. Holds the place, for the log.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        init(_ url: URL, _ code: Int32) {
            description = "\(url.lastPathComponent): \(String(cString: strerror(code)))"
        }
    }

    private func sync(_ url: URL, flags: Int32) throws {
        let file = open(url.path, flags | O_CLOEXEC)
        guard file >= 0 else { throw Failure(url, errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw Failure(url, errno) }
    }
}
