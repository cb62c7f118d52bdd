import Core
import Foundation
import Store
import Synchronization

/// Keeps the current account's store and its server in step, on threads of its own.
///
/// Publishing, pulling and fetching pictures each have their thread, so that none waits for another. Screens read
/// `state()`; commands call `runOnce()`.
public final class SyncEngine: SyncStatus {
    /// What the threads and the screens share.
    struct Shared {
        var round: SyncRound?
        var block: NetworkBlock?
        /// After being offline: not before this time.
        var retryAt: Date?
        /// The token that the server refused.
        var refusedToken: String?
        var publishing = false
        var pulling = false
        var lastError: String?
        var wishes: [SyncRound.TimelineWish] = []
        var pullRequested = true
    }

    /// Told apart from `Shared`, which holds the rounds that hold this.
    private final class StopFlag: Sendable {
        let isSet = Atomic(false)
    }

    /// Statuses that came in so far in the pull that is under way.
    private final class PullProgress: Sendable {
        let fetched = Mutex<Int?>(nil)
    }

    let store: LocalStore
    let links: SyncRound.Links
    private let clock: any WallClock
    private let shared = Mutex(Shared())
    private let stopFlag = StopFlag()
    private let pullProgress = PullProgress()
    private let queue = MediaQueue()
    private let threads = DispatchGroup()
    private let pullInterval: TimeInterval
    private let publishSignal = DispatchSemaphore(value: 0)
    private let pullSignal = DispatchSemaphore(value: 0)
    private let mediaSignal = DispatchSemaphore(value: 0)

    /// Seconds between two pulls while nobody asks.
    public static let standardPullInterval: TimeInterval = 30
    /// Lists that screens may ask for at once.
    private static let maximumWishes = 16
    /// Seconds until the network is tried again after it was gone.
    static let offlineInterval: TimeInterval = 15
    /// Seconds after which the queue is looked at: another process may have added to it.
    static let queueInterval: TimeInterval = 1

    /// - Parameters:
    ///   - pullInterval: seconds between two pulls while nobody asks.
    ///   - random: a number in the range, for the backoff's jitter.
    ///   - events: called from the engine's threads with what happens.
    public init(
        store: LocalStore, http: any HTTPClient, protection: any Protection, clock: any WallClock = SystemClock(),
        pullInterval: TimeInterval = SyncEngine.standardPullInterval,
        random: @escaping @Sendable (ClosedRange<Double>) -> Double = { Double.random(in: $0) },
        events: @escaping @Sendable (SyncEvent) -> Void = { _ in }
    ) {
        self.store = store
        self.clock = clock
        self.pullInterval = pullInterval
        links = SyncRound.Links(
            http: http, protection: protection, clock: clock, backoff: Backoff(random: random),
            report: { [pullProgress] event in
                if case .pulling(let count) = event { pullProgress.fetched.withLock { $0 = count } }
                events(event)
            },
            isStopping: { [stopFlag] in stopFlag.isSet.load(ordering: .relaxed) })
    }

    // MARK: One round

    /// Publishes, sends, pulls and fetches once. Blocks until it is done.
    ///
    /// - Parameter pulling: false leaves the pull and the pictures out.
    /// - Throws: `UserError` when nobody is logged in, or the store fails; a network that fails is in the summary.
    public func runOnce(pulling: Bool = true) throws -> SyncSummary {
        guard let round = try currentRound() else {
            throw UserError("Nobody is logged in here: run `fixative login URL` first.", .attention)
        }
        var summary = SyncSummary()
        shared.withLock { state in
            state.retryAt = nil
            state.block = nil
            state.refusedToken = nil
        }
        var pushed = try pushRound(round)
        // The login had run out and there is a new one: what waited for it goes on now.
        if case .needsLogin = pushed.block, block(for: round) == nil {
            let first = pushed
            pushed = try pushRound(round)
            pushed.published += first.published
            pushed.sent += first.sent
            pushed.failed += first.failed
        }
        summary.published = pushed.published
        summary.sent = pushed.sent
        summary.failed = pushed.failed
        if pushed.block == nil, pulling {
            summary.pulled = try pullRound(round, isThorough: true) ?? 0
            if block(for: round) == nil {
                let isStopping = links.isStopping
                summary.media = try round.fetcher.fetchPreviews(
                    among: SyncRound.previewReach, isStopping: isStopping)
            }
        }
        summary.waiting = try round.waiting()
        switch block(for: round) {
        case .offline: summary.offline = true
        case .needsLogin: summary.needsLogin = true
        case .paused, nil: break
        }
        summary.problem = shared.withLock { $0.lastError }
        return summary
    }

    // MARK: Threads

    /// Starts the threads; they end with `stop()`.
    public func start() {
        thread("publish") { [self] in publishLoop() }
        thread("pull") { [self] in pullLoop() }
        thread("media") { [self] in mediaLoop() }
    }

    /// Asks the threads to end at the next safe place; returns at once.
    public func stop() {
        stopFlag.isSet.store(true, ordering: .relaxed)
        for signal in [publishSignal, pullSignal, mediaSignal] { signal.signal() }
    }

    public func requestSync() {
        shared.withLock { state in
            state.retryAt = nil
            state.pullRequested = true
        }
        publishSignal.signal()
        pullSignal.signal()
    }

    public func wantMedia(_ media: [MediaAttachment], _ variant: MediaVariant) {
        queue.want(media, variant)
        mediaSignal.signal()
    }

    public func wantTimeline(_ timeline: Timeline, before statusID: String?) {
        let wish = SyncRound.TimelineWish(timeline: timeline, before: statusID)
        shared.withLock { state in
            state.wishes.removeAll { $0 == wish }
            state.wishes = (state.wishes + [wish]).suffix(Self.maximumWishes)
        }
        pullSignal.signal()
    }

    public func state() -> SyncState {
        let seen = shared.withLock { ($0.round, $0.block, $0.publishing, $0.pulling, $0.lastError) }
        guard let current = try? store.current(), let round = seen.0, round.store === current else {
            let signedIn = ((try? store.currentAccount()) ?? nil) != nil
            return SyncState(phase: signedIn ? .idle : .signedOut)
        }
        let phase: SyncState.Phase =
            switch seen.1 {
            case .needsLogin: .needsLogin
            case .offline: .offline
            case .paused, nil: seen.2 ? .publishing : seen.3 ? .pulling : .idle
            }
        return SyncState(
            phase: phase, lastSync: (try? round.store.cache.lastSync()) ?? nil, waiting: (try? round.waiting()) ?? 0,
            lastError: seen.4, fetched: seen.3 ? pullProgress.fetched.withLock { $0 } : nil,
            server: (try? round.store.cache.server()) ?? nil)
    }

    /// Waits until the threads have ended after `stop()`; false when they did not within the time.
    public func waitUntilStopped(_ seconds: TimeInterval) -> Bool {
        threads.wait(timeout: .now() + seconds) == .success
    }

    private func thread(_ name: String, _ body: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            body()
            threads.leave()
        }
        thread.name = "fixative.sync.\(name)"
        // Protection runs here, and image codecs want room.
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func publishLoop() {
        while !links.isStopping() {
            attempt { round in
                _ = try pushRound(round)
            }
            _ = publishSignal.wait(timeout: .now() + Self.queueInterval)
        }
    }

    private func pullLoop() {
        var last = ContinuousClock.now - .seconds(pullInterval)
        while !links.isStopping() {
            let (wishes, isRequested) = shared.withLock { state in
                defer { (state.wishes, state.pullRequested) = ([], false) }
                return (state.wishes, state.pullRequested)
            }
            // What the screen shows first; the newest wish counts most.
            for wish in wishes.reversed() { attempt { round in try show(wish, round) } }
            // A wish wakes this thread more often than a pull is worth.
            if isRequested || ContinuousClock.now - last >= .seconds(Self.offlineInterval) {
                last = .now
                attempt { round in
                    if block(for: round) == nil { _ = try pullRound(round) }
                }
            }
            queue.previewsAreDue = true
            mediaSignal.signal()
            let wait = shared.withLock { $0.retryAt } == nil ? pullInterval : Self.offlineInterval
            _ = pullSignal.wait(timeout: .now() + wait)
        }
    }

    private func mediaLoop() {
        while !links.isStopping() {
            mediaSignal.wait()
            attempt { round in
                guard block(for: round) == nil else { return }
                let fetcher = round.fetcher
                while !links.isStopping(), fetcher.fetchNextWish() {}
                guard queue.previewsAreDue else { return }
                let urgent = { [self] in links.isStopping() || queue.hasWishes }
                queue.previewsAreDue = false
                _ = try fetcher.fetchPreviews(among: SyncRound.previewReach, isStopping: urgent)
                if queue.hasWishes {
                    queue.previewsAreDue = true
                    mediaSignal.signal()
                }
            }
        }
    }

    /// One turn of a thread; what goes wrong is told, and the thread goes on.
    private func attempt(_ body: (SyncRound) throws -> Void) {
        do {
            if let round = try currentRound() { try body(round) }
        } catch {
            note((error as? UserError)?.message ?? "Sync failed: \(error)")
        }
    }

    // MARK: Rounds

    private func pushRound(_ round: SyncRound) throws -> OutboxWorker.Result {
        defer { shared.withLock { $0.publishing = false } }
        let before = block(for: round)
        let result = try round.push(blocked: before) { shared.withLock { $0.publishing = true } }
        if let found = result.block {
            if before == nil { take(found, round) }
        } else if result.published + result.sent > 0 {
            shared.withLock { $0.block = nil }
        }
        return result
    }

    private func show(_ wish: SyncRound.TimelineWish, _ round: SyncRound) throws {
        guard block(for: round) == nil else { return }
        do {
            try round.pull(wish)
        } catch let fault as ServerFault {
            note(fault, round)
        }
    }

    /// - Returns: how many statuses changed; nil when the network was of no use.
    private func pullRound(_ round: SyncRound, isThorough: Bool = false) throws -> Int? {
        shared.withLock { $0.pulling = true }
        defer {
            shared.withLock { $0.pulling = false }
            pullProgress.fetched.withLock { $0 = nil }
        }
        do {
            let count = try round.pull(isThorough: isThorough)
            shared.withLock { state in
                state.block = nil
                state.retryAt = nil
                state.lastError = nil
            }
            return count
        } catch let fault as ServerFault {
            note(fault, round)
            return nil
        }
    }

    private func note(_ fault: ServerFault, _ round: SyncRound) {
        switch fault {
        case .offline(let message): take(.offline(message), round)
        case .unauthorized(let message): take(.needsLogin(message), round)
        case .rateLimited(let date): take(.paused(until: date), round)
        default: note(fault.message)
        }
    }

    private func take(_ block: NetworkBlock, _ round: SyncRound) {
        let token = (try? round.store.token()) ?? nil
        if case .needsLogin = block, (try? refreshToken(round)) == true { return }
        let now = clock.now()
        shared.withLock { state in
            state.block = block
            switch block {
            case .offline(let message):
                state.lastError = message
                state.retryAt = now.addingTimeInterval(Self.offlineInterval)
            case .needsLogin(let message):
                state.lastError = message
                state.refusedToken = token ?? ""
            case .paused(let date): state.retryAt = date
            }
        }
    }

    /// Gets a new token for one that ran out, where the server gave something to get it with. Once: a refusal takes
    /// that away.
    private func refreshToken(_ round: SyncRound) throws -> Bool {
        let account = round.store.signedIn
        guard let refresh = try store.registry.refreshToken(of: account),
            let application = try store.registry.application(at: account.server), let old = try round.store.token()
        else { return false }
        let client = MastodonClient(server: account.server, token: nil, http: links.http, clock: clock)
        do {
            let fresh = try client.token(.refresh(refresh), application)
            try store.registry.setTokens(
                of: account, token: fresh.accessToken, refresh: fresh.refreshToken ?? refresh)
            return fresh.accessToken != old
        } catch let fault as ServerFault {
            switch fault {
            case .refused, .unauthorized: try store.registry.setTokens(of: account, token: old, refresh: nil)
            default: break
            }
            return false
        }
    }

    /// What keeps us from the network now; a new login or the end of a wait takes it away.
    private func block(for round: SyncRound) -> NetworkBlock? {
        let token = (try? round.store.token()) ?? nil
        let now = clock.now()
        return shared.withLock { state in
            switch state.block {
            case .needsLogin: if state.refusedToken != (token ?? "") { state.block = nil }
            case .offline, .paused: if state.retryAt.map({ $0 <= now }) ?? true { return nil }
            case nil: break
            }
            return state.block
        }
    }

    private func currentRound() throws -> SyncRound? {
        guard let current = try store.current() else {
            shared.withLock { $0.round = nil }
            return nil
        }
        return try shared.withLock { state in
            if let round = state.round, round.store === current { return round }
            let round = try SyncRound(store: current, links: links, queue: queue)
            state.round = round
            state.block = nil
            state.retryAt = nil
            state.lastError = nil
            return round
        }
    }

    private func note(_ message: String) {
        shared.withLock { $0.lastError = message }
        links.report(.problem(message))
    }
}
