import Core
import Foundation
import Glibc
import Synchronization

/// The files of uploads that are not complete. They lie on this machine whatever keeps the objects: what is
/// acknowledged must be on a disk.
package final class PartialFiles: Sendable {
    private let directory: URL
    private let open = Mutex<[String: PartialFile]>([:])

    package init(directory: URL) throws {
        self.directory = directory
        try PrivateFiles.makeDirectory(directory)
    }

    package func url(_ id: String) -> URL { directory.appendingPathComponent(id) }

    /// The one object for an upload's file; opened at the offset that was acknowledged last.
    func file(_ record: UploadRecord) throws -> PartialFile {
        try open.withLock { files in
            if let known = files[record.id] { return known }
            let made = try PartialFile(url(record.id), acknowledged: record.offset)
            files[record.id] = made
            return made
        }
    }

    /// Takes the file away.
    func remove(_ id: String) {
        open.withLock { $0[id] = nil }
        unlink(url(id).path)
    }

    package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path) }
}

/// One file that grows. Whoever asked last may write: a client that comes again after its connection broke must not
/// wait until the server has noticed that the old one is dead.
actor PartialFile {
    private let descriptor: Int32
    private let url: URL
    private var end: Int64
    private var synced: Int64
    private var turn: UInt64 = 0

    /// What lies beyond the acknowledged offset was not synced: a crash may have left anything there.
    init(_ url: URL, acknowledged: Int64) throws {
        descriptor = Glibc.open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileObjectStore.Failure(url, errno) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_size >= acknowledged,
            ftruncate(descriptor, off_t(acknowledged)) == 0
        else {
            close(descriptor)
            throw APIError.notFound
        }
        self.url = url
        end = acknowledged
        synced = acknowledged
    }

    deinit { close(descriptor) }

    /// Ends everybody else's turn, and makes what they wrote durable.
    ///
    /// - Returns: the number of this turn, and the offset at which it begins.
    func take() throws -> (turn: UInt64, offset: Int64) {
        turn += 1
        return (turn, try sync())
    }

    /// Takes the turn back to where it began: its bytes did not have their checksum.
    func rewind(to offset: Int64, _ turn: UInt64) throws {
        try check(turn)
        guard ftruncate(descriptor, off_t(offset)) == 0 else { throw FileObjectStore.Failure(url, errno) }
        end = offset
        synced = min(synced, offset)
    }

    func append(_ bytes: [UInt8], _ turn: UInt64) throws {
        try check(turn)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(end) + off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileObjectStore.Failure(url, count == 0 ? EIO : errno) }
            done += count
        }
        end += Int64(done)
    }

    /// Makes durable what the turn wrote. Returns the offset.
    func settle(_ turn: UInt64) throws -> Int64 {
        try check(turn)
        return try sync()
    }

    private func check(_ turn: UInt64) throws {
        guard turn == self.turn else {
            throw APIError(.init(code: 423), "Another request goes on with this upload")
        }
    }

    private func sync() throws -> Int64 {
        guard end != synced else { return end }
        guard fsync(descriptor) == 0 else {
            // After a failed fsync nobody knows what is on the disk: only what was acknowledged counts.
            let code = errno
            _ = ftruncate(descriptor, off_t(synced))
            end = synced
            throw FileObjectStore.Failure(url, code)
        }
        synced = end
        return end
    }
}
