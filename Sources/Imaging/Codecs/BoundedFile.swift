import Core
import Foundation
import Glibc

/// Reads a file that a person named, whatever stands behind the name.
enum BoundedFile {
    /// Larger files are not read into memory where there is room on the disk for them.
    private static let memory = 16 << 20

    /// The bytes of a regular file, at most as many as the limits allow, even when it grows meanwhile.
    ///
    /// - Parameter scratch: where a large file is copied to, instead of into memory; nil for always into memory.
    static func read(_ url: URL, limits: DecodeLimits, scratch: URL? = nil) throws -> Data {
        // Not blocking, so that opening a pipe returns; read into memory instead of mapped, because a mapped file
        // that another program cuts short ends the process.
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw UserError("The file cannot be opened: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw UserError("This is not a file but a folder or a device; name a picture.")
        }
        let size = Int(information.st_size)
        try limits.check(bytes: size)
        if let scratch, size > memory { return try copy(descriptor, size, to: scratch) }
        var data = Data(count: size)
        let read = try data.withUnsafeMutableBytes { try fill($0, from: descriptor) }
        return read == size ? data : data.prefix(read)
    }

    /// A copy that no other program can cut short while it is mapped.
    private static func copy(_ source: Int32, _ size: Int, to scratch: URL) throws -> Data {
        let target = try ScratchFile.open(in: scratch)
        defer { close(target) }
        var left = size
        try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 16) { buffer in
            while left > 0 {
                let count = try fill(
                    UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(left, buffer.count)]), from: source)
                if count == 0 { break }
                try ScratchFile.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target)
                left -= count
            }
        }
        return try ScratchFile.data(of: target)
    }

    /// The number of bytes read before the file or the buffer ended.
    private static func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw UserError("The file cannot be read: \(String(cString: strerror(errno))).")
            }
            filled += count
        }
        return filled
    }
}
