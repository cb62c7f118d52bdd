import Glibc

/// Wakes the main loop from any thread: a pipe whose reading end the loop waits on. Signal handlers write there too.
public final class Waker: Sendable {
    let reading: Int32
    let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no descriptors left for a pipe")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Safe from any thread; many calls before the loop looks are one.
    public func wake() {
        var byte: UInt8 = 0
        _ = write(writing, &byte, 1)
    }

    /// The bytes written since: signal numbers, 0 for `wake`.
    func drain() -> Set<Int32> {
        var bytes = [UInt8](repeating: 0, count: 256)
        var result: Set<Int32> = []
        while true {
            let count = read(reading, &bytes, bytes.count)
            if count <= 0 { return result }
            for byte in bytes[..<count] { result.insert(Int32(byte)) }
        }
    }
}
