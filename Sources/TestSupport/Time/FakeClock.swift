import Core
import Foundation
import Synchronization

/// A clock that stands still until a test moves it.
public final class FakeClock: WallClock {
    private let date: Mutex<Date>

    /// Begins at 2026-01-01 00:00 UTC unless told otherwise.
    public init(_ start: Date = Date(timeIntervalSince1970: 1_767_225_600)) { date = Mutex(start) }

    public func now() -> Date { date.withLock { $0 } }

    public func advance(by seconds: TimeInterval) { date.withLock { $0 += seconds } }

    public func set(_ date: Date) { self.date.withLock { $0 = date } }
}
