import Core
import Foundation
import Store
import Synchronization

/// An engine for every account that is logged in on this machine, so that what is queued in one goes out while the
/// artist works in another. Follows logins and logouts, also of other processes.
public final class SyncFleet: Sendable {
    /// Makes the engine of an account; its store stays with that account.
    public typealias Maker = @Sendable (SignedInAccount) -> SyncEngine

    private let registry: AccountRegistry
    private let sparesCurrent: Bool
    private let make: Maker
    private let engines = Mutex<[String: SyncEngine]>([:])
    private let wake = DispatchSemaphore(value: 0)
    private let isStopping = Atomic(false)
    private let watching = DispatchGroup()

    /// Seconds between two looks at who is logged in.
    private static let interval: TimeInterval = 2

    /// - Parameter sparesCurrent: leaves the current account to an engine that somebody else runs.
    public init(registry: AccountRegistry, sparesCurrent: Bool, make: @escaping Maker) {
        self.registry = registry
        self.sparesCurrent = sparesCurrent
        self.make = make
    }

    /// Starts the engines; they end with `stop`.
    public func start() {
        watching.enter()
        let thread = Thread { [self] in
            while !isStopping.load(ordering: .relaxed) {
                // A list of accounts that cannot be read now may be readable in a moment.
                try? follow()
                _ = wake.wait(timeout: .now() + Self.interval)
            }
            watching.leave()
        }
        thread.name = "fixative.sync.fleet"
        thread.start()
    }

    /// Ends the engines at the next safe place, and waits that long at most.
    public func stop(waiting seconds: TimeInterval) {
        isStopping.store(true, ordering: .relaxed)
        wake.signal()
        _ = watching.wait(timeout: .now() + seconds)
        let running = engines.withLock { engines in
            defer { engines = [:] }
            return Array(engines.values)
        }
        for engine in running { engine.stop() }
        let deadline = Date().addingTimeInterval(seconds)
        for engine in running { _ = engine.waitUntilStopped(max(0, deadline.timeIntervalSinceNow)) }
    }

    /// How many accounts are served now.
    public var count: Int { engines.withLock { $0.count } }

    private func follow() throws {
        var wanted = try registry.accounts()
        if sparesCurrent, let current = try registry.current() { wanted.removeAll { $0 == current } }
        let ids = Dictionary(wanted.map { (AccountRegistry.storeID(of: $0), $0) }) { first, _ in first }
        let gone = engines.withLock { engines in
            let gone = engines.filter { ids[$0.key] == nil }
            for id in gone.keys { engines[id] = nil }
            return gone.values
        }
        for engine in gone { engine.stop() }
        for (id, account) in ids where engines.withLock({ $0[id] == nil }) {
            let engine = make(account)
            engines.withLock { $0[id] = engine }
            engine.start()
        }
    }
}
