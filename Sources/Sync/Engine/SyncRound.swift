import Core
import Foundation
import Store
import Synchronization

/// The rounds of one account: what the engine's threads run, and `runOnce` in a row.
final class SyncRound: Sendable {
    struct Links: Sendable {
        var http: any HTTPClient
        var protection: any Protection
        var clock: any WallClock
        var backoff: Backoff
        var report: @Sendable (SyncEvent) -> Void
        var isStopping: @Sendable () -> Bool
    }

    /// A list on the screen, and below which entry.
    struct TimelineWish: Hashable, Sendable {
        var timeline: Timeline
        var before: String?
    }

    let store: AccountStore
    private let links: Links
    private let lease: WorkerLease
    private let queue: MediaQueue
    private let token: @Sendable () throws -> String?
    private let known = Mutex<(capabilities: Capabilities, until: Date)?>(nil)

    /// How long a server's abilities are taken for granted.
    private static let capabilityLife: TimeInterval = 600
    /// Statuses whose previews are fetched without being asked for.
    static let previewReach = 200

    init(store: AccountStore, links: Links, queue: MediaQueue) throws {
        self.store = store
        self.links = links
        self.queue = queue
        lease = try store.vault.startWorker()
        token = { [store] in try store.token() }
    }

    /// Moves the queue on. Work that needs no network is done even while there is none.
    func push(blocked: NetworkBlock?, working: () -> Void) throws -> OutboxWorker.Result {
        let client = try client()
        let context = PublishContext(
            store: store, client: client, protection: links.protection, clock: links.clock, backoff: links.backoff,
            report: links.report, isStopping: links.isStopping)
        return try OutboxWorker(context: context, lease: lease).run(
            capabilities: { [self] in try capabilities(client) }, blocked: blocked, working: working)
    }

    /// - Parameter isThorough: somebody waits for it.
    func pull(isThorough: Bool) throws -> Int {
        let client = try client()
        let puller = Puller(
            store: store, client: client, clock: links.clock, report: links.report, isStopping: links.isStopping,
            isThorough: isThorough)
        return try puller.pull(capabilities(client))
    }

    /// Brings in what a screen shows of a list. Servers with a feed of changes have told everything already.
    func pull(_ wish: TimelineWish) throws {
        let client = try client()
        let known = try capabilities(client)
        guard !known.hasSyncExtension else { return }
        try PlainPuller(
            store: store, client: client, capabilities: known, clock: links.clock, report: links.report,
            isStopping: links.isStopping
        ).show(wish)
    }

    var fetcher: MediaFetcher {
        MediaFetcher(
            store: store, download: MediaDownload(http: links.http, server: store.signedIn.server), queue: queue,
            clock: links.clock)
    }

    func waiting() throws -> Int {
        let items = try store.vault.items(includingDone: false).filter { !$0.state.isResting }.count
        return items + (try store.vault.queuedOperations().filter { !$0.acknowledged && $0.attention == nil }.count)
    }

    private func client() throws -> MastodonClient {
        MastodonClient(
            server: store.signedIn.server, token: try token(), http: links.http, clock: links.clock)
    }

    private func capabilities(_ client: MastodonClient) throws -> Capabilities {
        let now = links.clock.now()
        if let found = known.withLock({ $0 }), found.until > now { return found.capabilities }
        let asked: Capabilities
        do {
            asked = try client.capabilities()
        } catch ServerFault.refused(_, let message) {
            // It says nothing about the piece that waits for the answer.
            throw ServerFault.unknownOutcome(message, retryAt: nil)
        }
        known.withLock { $0 = (asked, now.addingTimeInterval(Self.capabilityLife)) }
        try store.cache.setServer(asked.description)
        return asked
    }
}
