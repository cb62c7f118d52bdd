import Foundation
import Synchronization

/// Threads of their own for simulations, so that other tests' threads are not held up, nor these by them.
enum Workers {
    static let count = max(1, min(8, ProcessInfo.processInfo.activeProcessorCount))

    /// Runs the body once on each thread and waits for all.
    static func run(_ body: @escaping @Sendable (Int) -> Void) async {
        await withCheckedContinuation { continuation in
            let left = Mutex(count)
            for number in 0..<count {
                let thread = Thread {
                    body(number)
                    let isLast = left.withLock { value in
                        value -= 1
                        return value == 0
                    }
                    if isLast { continuation.resume() }
                }
                thread.stackSize = 8 << 20
                thread.start()
            }
        }
    }
}

/// What the environment asks of a simulation beyond a test run.
enum SimulationSettings {
    static func number(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    static func text(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    /// A schedule as a failing run prints it: numbers with points between them.
    static func script(_ name: String) -> [Int]? {
        text(name).map { $0.split(separator: ".").compactMap { Int($0) } }
    }
}
