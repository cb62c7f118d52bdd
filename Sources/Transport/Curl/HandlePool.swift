import CCurl
import Core
import Synchronization

/// A libcurl easy handle. Used by one thread at a time; keeps its connections open between requests.
final class Handle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    init() throws {
        guard Handle.isReady, let pointer = curl_easy_init() else {
            throw HTTPFailure(.invalid, "libcurl cannot be started")
        }
        self.pointer = pointer
    }

    deinit { curl_easy_cleanup(pointer) }

    /// libcurl demands this once for a process, before any other call.
    private static let isReady = curl_global_init(Int(fixative_curl_global_default)) == CURLE_OK
}

/// Idle handles, the one used last on top, because its connections are most likely still open.
final class HandlePool: Sendable {
    /// More idle handles than this would only keep connections open that nobody uses.
    private static let limit = 8
    private let idle = Mutex<[Handle]>([])

    func take() throws -> Handle {
        if let handle = idle.withLock({ $0.popLast() }) { return handle }
        return try Handle()
    }

    func give(back handle: Handle) {
        curl_easy_reset(handle.pointer)
        idle.withLock { if $0.count < Self.limit { $0.append(handle) } }
    }
}
