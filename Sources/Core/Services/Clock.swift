import Foundation

/// Where the time comes from. Tests inject their own; nothing else in the project calls `Date()` for a decision.
public protocol WallClock: Sendable {
    func now() -> Date
}

/// The machine's clock.
public struct SystemClock: WallClock {
    public init() {}
    public func now() -> Date { Date() }
}
