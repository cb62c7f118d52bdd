import API
import Core
import Foundation
import Synchronization

/// Counts events in fixed windows.
package final class RateLimiter: Sendable {
    package struct Verdict: Sendable {
        /// Below zero when this event is too much.
        package var remaining: Int
        package var resetsIn: TimeInterval
        package var resetsAt: String
    }

    private struct Window {
        var end: Date
        var count: Int
    }

    /// So many keys at most: an attacker with many addresses costs a bounded amount of memory.
    private static let maximumKeys = 50_000

    private let clock: any WallClock
    private let windows = Mutex<[String: Window]>([:])

    package init(clock: any WallClock) { self.clock = clock }

    package func count(_ key: String, limit: Int, window: TimeInterval) -> Verdict {
        let now = clock.now()
        return windows.withLock { windows in
            if windows.count > Self.maximumKeys { windows = windows.filter { $0.value.end > now } }
            if windows.count > Self.maximumKeys { windows.removeAll() }
            var entry = windows[key] ?? Window(end: now, count: 0)
            if entry.end <= now { entry = Window(end: now.addingTimeInterval(window), count: 0) }
            entry.count += 1
            windows[key] = entry
            return Verdict(
                remaining: limit - entry.count, resetsIn: entry.end.timeIntervalSince(now),
                resetsAt: WireDate.string(entry.end))
        }
    }
}
