import Core
import Foundation
import Glibc

/// Files that are either wholly there or not at all, also after a power cut: temporary file, fsync, rename, fsync of
/// the directory. Mode 0600.
public enum DurableFile {
    /// Puts the bytes in place of whatever is at `url`.
    public static func write(_ data: Data, to url: URL) throws {
        let temporary = temporaryName(for: url)
        let descriptor = try create(temporary)
        do {
            try data.withUnsafeBytes { try write($0, to: descriptor, temporary) }
            try sync(descriptor, temporary)
        } catch {
            discard(descriptor, temporary)
            throw error
        }
        close(descriptor)
        try move(temporary, to: url)
    }

    /// Copies a file into `directory` in pieces, hashing as it goes, and names the copy by its SHA-256.
    ///
    /// - Returns: the digest (64 hex digits) and the number of bytes.
    /// - Throws: `UserError` when the source cannot be read, is not a plain file, or is larger than `limit` bytes.
    static func adopt(_ source: URL, into directory: URL, limit: Int64) throws -> (sha256: String, bytes: Int64) {
        let input = open(source.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard input >= 0 else { throw UserError("Cannot read \(source.path): \(reason(errno)).") }
        defer { close(input) }
        var facts = stat()
        guard fstat(input, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw UserError("\(source.path) is not a file.")
        }
        let temporary = temporaryName(for: directory.appendingPathComponent("original"))
        let output = try create(temporary)
        var hasher = StreamHasher()
        var total: Int64 = 0
        do {
            var piece = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = Glibc.read(input, &piece, piece.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw UserError("Cannot read \(source.path): \(reason(errno)).")
                }
                if count == 0 { break }
                total += Int64(count)
                guard total <= limit else {
                    throw UserError("\(source.lastPathComponent) is larger than \(limit >> 20) MiB.")
                }
                try piece.withUnsafeBytes { bytes in
                    let part = UnsafeRawBufferPointer(rebasing: bytes[0..<count])
                    hasher.update(part)
                    try write(part, to: output, temporary)
                }
            }
            try sync(output, temporary)
        } catch {
            discard(output, temporary)
            throw error
        }
        close(output)
        let name = hasher.hex()
        try move(temporary, to: directory.appendingPathComponent(name))
        return (name, total)
    }

    /// Makes a rename or an unlink in a directory last.
    static func syncDirectory(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", url) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", url) }
    }

    /// Removes what a crash left between creating and renaming, once it is an hour old.
    static func removeLeftovers(in directory: URL, now: Date) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        for name in names where name.hasPrefix(".new-") {
            let url = directory.appendingPathComponent(name)
            let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
            if let date = attributes?[.modificationDate] as? Date, now.timeIntervalSince(date) > 3600 {
                try? FileManager.default.removeItem(at: url)
            }
        }
    }

    private static func temporaryName(for url: URL) -> URL {
        url.deletingLastPathComponent().appendingPathComponent(".new-\(UUID().uuidString.lowercased())")
    }

    private static func create(_ url: URL) throws -> Int32 {
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", url) }
        return descriptor
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ url: URL) throws {
        var offset = 0
        while offset < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write", url)
            }
            offset += count
        }
    }

    private static func sync(_ descriptor: Int32, _ url: URL) throws {
        guard fsync(descriptor) == 0 else { throw failure("sync", url) }
    }

    private static func discard(_ descriptor: Int32, _ url: URL) {
        close(descriptor)
        unlink(url.path)
    }

    private static func move(_ temporary: URL, to url: URL) throws {
        guard rename(temporary.path, url.path) == 0 else {
            let error = failure("rename", url)
            unlink(temporary.path)
            throw error
        }
        try syncDirectory(url.deletingLastPathComponent())
    }

    private static func failure(_ verb: String, _ url: URL) -> UserError {
        let folder = url.deletingLastPathComponent().path
        return switch errno {
        case ENOSPC, EDQUOT: UserError("The disk is full: make room under \(folder) and try again.", .unavailable)
        default: UserError("Cannot \(verb) a file under \(folder): \(reason(errno)).", .internal)
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
