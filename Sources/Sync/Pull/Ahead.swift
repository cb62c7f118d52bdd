import Dispatch
import Synchronization

/// A blocking call that runs on another thread until its result is asked for. Only for calls that change nothing: when
/// nobody asks, the result is dropped.
final class Ahead<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchGroup()

    init(_ work: @escaping @Sendable () throws -> Value) {
        DispatchQueue.global().async(group: done) { [self] in
            let made = Result { try work() }
            result.withLock { $0 = made }
        }
    }

    /// Waits for the result.
    func value() throws -> Value {
        done.wait()
        guard let made = result.withLock({ $0 }) else { preconditionFailure("the work has ended, so it has a result") }
        return try made.get()
    }
}
