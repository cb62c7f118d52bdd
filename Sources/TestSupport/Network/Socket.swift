import CTestSupport
import Foundation
import Synchronization

/// A TCP connection on this machine; closed with the object.
public final class Connection: @unchecked Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects to a port of this machine; nil when nobody listens.
    public convenience init?(to port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback("127.0.0.1", port)
        let failed = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard failed == 0 else {
            close(descriptor)
            return nil
        }
        self.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// Waits for bytes; empty when the other side has ended or broken off.
    public func read() -> Data {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Data(buffer[..<count]) : Data()
        }
    }

    /// Writes everything; false when the other side is gone.
    @discardableResult
    public func write(_ data: Data) -> Bool {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Nothing more will be written; the other side may still send.
    public func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Wakes every reader and writer; an orderly end for the other side.
    public func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Breaks off with a reset, so that the other side sees an error and not an end.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // A reset goes out on close only; connecting to "nothing" does it at once and keeps the descriptor ours.
        var nothing = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        connect(descriptor, &nothing, socklen_t(MemoryLayout<sockaddr>.size))
    }
}

/// Takes connections on this machine and gives each to a thread of its own.
public final class Listener: @unchecked Sendable {
    public let port: UInt16
    private let descriptor: Int32
    private let isStopped = Mutex(false)

    /// - Parameter port: 0 lets the system choose. Throws `POSIXError` when the port is taken.
    public init(
        address: String = "127.0.0.1", port: UInt16 = 0, handler: @escaping @Sendable (Connection) -> Void
    ) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var place = loopback(address, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let failed = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) != 0 || listen(descriptor, 64) != 0
                    || getsockname(descriptor, $0, &length) != 0
            }
        }
        guard !failed else {
            let code = POSIXErrorCode(rawValue: errno) ?? .EIO
            close(descriptor)
            throw POSIXError(code)
        }
        self.port = UInt16(bigEndian: place.sin_port)
        Thread.detachNewThread {
            while true {
                let accepted = fixative_test_accept(descriptor)
                if accepted < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard accepted >= 0 else {
                    close(descriptor)
                    return
                }
                let connection = Connection(descriptor: accepted)
                Thread.detachNewThread { handler(connection) }
            }
        }
    }

    deinit { stop() }

    /// From now on connecting is refused. The accepting thread closes the descriptor, so that its number is not
    /// taken over by another file under its feet.
    public func stop() {
        // Once only: afterwards the number may be another file's.
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        if isFirst { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}

private func loopback(_ address: String, _ port: UInt16) -> sockaddr_in {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = inet_addr(address)
    return place
}
