import CCurl
import Core
import Foundation

/// The bytes of a request's body, read as libcurl asks for them.
final class Upload {
    enum Source {
        case data(Data)
        case file(URL, offset: Int64, length: Int64)
    }

    /// What went wrong while reading; nil while all is well.
    private(set) var problem: String?
    let length: Int64

    private let data: Data
    private let descriptor: Int32
    private let start: Int64
    private var position: Int64 = 0

    /// Opens the file; throws `HTTPFailure` when it cannot be read or is shorter than promised.
    init(_ source: Source) throws {
        switch source {
        case .data(let bytes):
            data = bytes
            descriptor = -1
            start = 0
            length = Int64(bytes.count)
        case .file(let url, let offset, let count):
            data = Data()
            start = offset
            length = count
            descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
            var status = stat()
            guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
                if descriptor >= 0 { close(descriptor) }
                throw HTTPFailure(
                    .invalid, "\(url.lastPathComponent) cannot be read: \(String(cString: strerror(errno)))")
            }
            guard offset >= 0, count >= 0, offset <= Int64(status.st_size), count <= Int64(status.st_size) - offset
            else {
                close(descriptor)
                throw HTTPFailure(.invalid, "\(url.lastPathComponent) is shorter than it was")
            }
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Fills the buffer as far as there are bytes; 0 at the end.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = Int(min(Int64(room.count), length - position))
        guard count > 0 else { return 0 }
        if descriptor < 0 {
            data.copyBytes(to: room, from: data.startIndex + Int(position)..<data.startIndex + Int(position) + count)
        } else {
            let got = pread(descriptor, room.baseAddress, count, off_t(start + position))
            guard got > 0 else {
                problem = "the file became shorter or unreadable while it was sent"
                return fixative_curl_read_abort
            }
            position += Int64(got)
            return got
        }
        position += Int64(count)
        return count
    }

    func seek(to offset: Int64) -> Bool {
        guard (0...length).contains(offset) else { return false }
        position = offset
        return true
    }
}
