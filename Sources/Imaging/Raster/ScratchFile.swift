import Core
import Foundation
import Glibc
import Synchronization

/// Room on the disk that only this process can reach: a file that has lost its name before anything is written to it,
/// so that nothing of a picture stays behind, whatever happens to the process.
///
/// Its pages are the kernel's to take back whenever memory is short; `release` gives them back at once.
/// Sendable because the mapping never changes; who writes where is up to the owner.
final class ScratchFile: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - size: in bytes, at least 1. The room is taken now, so that a full disk is an error and not a signal later.
    ///   - directory: made if it is missing, readable by its owner only.
    /// - Throws: `UserError` when there is no room.
    convenience init(size: Int, in directory: URL) throws {
        let descriptor = try Self.open(in: directory)
        defer { close(descriptor) }
        try self.init(descriptor, size: size)
    }

    /// Maps a file that is open for reading and writing, after giving it that size.
    private init(_ descriptor: Int32, size: Int) throws {
        let status = posix_fallocate(descriptor, 0, off_t(size))
        guard status == 0 else { throw Self.noRoom(status) }
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.noRoom(errno) }
        bytes = UnsafeMutableRawBufferPointer(start: address, count: size)
        Self.mapped.withLock { _ = $0.insert(UInt(bitPattern: address)) }
    }

    deinit {
        Self.mapped.withLock { _ = $0.remove(UInt(bitPattern: bytes.baseAddress)) }
        munmap(bytes.baseAddress, bytes.count)
    }

    /// Where the scratch files of this process begin.
    private static let mapped = Mutex<Set<UInt>>([])

    /// Gives the memory of the pages back; their content stays in the file.
    func release() { madvise(bytes.baseAddress, bytes.count, MADV_DONTNEED) }

    /// The same for bytes that came from `data(of:)`; nothing happens to others.
    static func release(_ data: Data) {
        data.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            mapped.withLock { mapped in
                guard mapped.contains(UInt(bitPattern: start)) else { return }
                madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
            }
        }
    }

    /// What was written through a descriptor of `open(in:)`, as bytes that live on the disk.
    static func data(of descriptor: Int32) throws -> Data {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0 else { return Data() }
        let file = try ScratchFile(descriptor, size: size)
        file.release()
        return Data(
            bytesNoCopy: file.bytes.baseAddress!, count: size,
            deallocator: .custom { _, _ in withExtendedLifetime(file) {} })
    }

    /// A new file without a name, open for reading and writing, for its owner only. The caller closes it.
    static func open(in directory: URL) throws -> Int32 {
        makeDirectory(directory)
        let name = directory.appendingPathComponent(".scratch-\(UUID().uuidString)").path
        let descriptor = Glibc.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError(
                "Room for a very large picture cannot be made in \(directory.path): \(String(cString: strerror(errno)))."
            )
        }
        unlink(name)
        return descriptor
    }

    /// With those above it that are missing, for their owner only. What fails shows when a file is made there.
    private static func makeDirectory(_ directory: URL) {
        guard directory.path != "/", !FileManager.default.fileExists(atPath: directory.path) else { return }
        makeDirectory(directory.deletingLastPathComponent())
        mkdir(directory.path, 0o700)
    }

    /// Writes at the end of a file of `open(in:)`.
    static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
        var written = 0
        while written < bytes.count {
            let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw noRoom(errno) }
            written += count
        }
    }

    private static func noRoom(_ code: Int32) -> UserError {
        UserError(
            """
            There is no room on the disk to work on a picture of this size \
            (\(String(cString: strerror(code)))): free some, or make the picture smaller.
            """)
    }
}
