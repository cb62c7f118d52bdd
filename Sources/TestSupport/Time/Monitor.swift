import Foundation

/// State that one thread changes and another waits for, with a deadline instead of a sleep.
public final class Monitor<State>: @unchecked Sendable {
    private let condition = NSCondition()
    private var state: State

    public init(_ state: State) { self.state = state }

    /// Reads or changes the state, and wakes everybody who waits.
    public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&state)
    }

    /// Waits until the body gives a value; nil when the deadline passed.
    public func wait<Result>(_ seconds: TimeInterval, until body: (inout State) -> Result?) -> Result? {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(&state) { return result }
            guard condition.wait(until: deadline) else { return body(&state) }
        }
    }
}

/// Asks again and again until the answer is there, for what nobody announces: files, other processes' tables.
public func eventually<Result>(
    within seconds: TimeInterval, every interval: TimeInterval = 0.02, _ question: () throws -> Result?
) rethrows -> Result? {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
        if let result = try question() { return result }
        guard Date() < deadline else { return nil }
        Thread.sleep(forTimeInterval: interval)
    }
}
