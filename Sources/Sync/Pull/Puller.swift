import API
import Core
import Foundation
import Store

/// Brings the cache up to what the server has.
struct Puller {
    let store: AccountStore
    let client: MastodonClient
    let clock: any WallClock
    let report: @Sendable (SyncEvent) -> Void
    let isStopping: @Sendable () -> Bool
    var isThorough = false

    static let pageSize = 200

    /// - Returns: how many statuses came in or went.
    func pull(_ capabilities: Capabilities) throws -> Int {
        let started = clock.now()
        // Only what the server had taken before we ask is surely in its answers.
        let settled = try store.vault.queuedOperations().filter(\.acknowledged)
        let count = try store.whilePulling {
            if capabilities.hasSyncExtension { return try pullChanges() }
            return try PlainPuller(
                store: store, client: client, capabilities: capabilities, clock: clock, report: report,
                isStopping: isStopping, isThorough: isThorough
            ).pull()
        }
        guard !isStopping() else { return count }
        try store.vault.forget(settled)
        try store.cache.finishPull(at: started)
        if count > 0 { report(.pulled(count)) }
        return count
    }

    // MARK: With the changes feed

    private func pullChanges() throws -> Int {
        let cache = store.cache
        if try cache.cursor().state == nil { try cache.beginSnapshot() }
        let doubtful = try cache.doubtful()
        try pullFollows()
        var count = 0
        var ahead: Ahead<ChangesEntity?>?
        while !isStopping() {
            let before = try cache.cursor().state
            let answer = try ahead?.value() ?? client.changes(since: before, limit: Self.pageSize)
            ahead = nil
            guard let changes = answer else {
                try cache.beginSnapshot()
                continue
            }
            // A state that stands still would keep us here for ever.
            if changes.hasMore, changes.state == before {
                throw ServerFault.unknownOutcome("\(client.host) repeats itself in its changes.", retryAt: nil)
            }
            // The next page is fetched and read while this one is written.
            if changes.hasMore {
                ahead = Ahead { [client] in try client.changes(since: changes.state, limit: Self.pageSize) }
            }
            let statuses = (changes.created + changes.updated).map(\.status)
            try cache.apply(
                FeedPage(
                    statuses: statuses, destroyed: changes.destroyed, state: changes.state, isLast: !changes.hasMore))
            count += statuses.count + changes.destroyed.count
            if changes.hasMore { report(.pulling(count)) }
            if !changes.hasMore { return try count + clear(doubtful) }
        }
        return count
    }

    /// Asks for what came by an answer before this pull began and was not named in it: it may have been deleted before
    /// the snapshot that the feed began with, of which there is no tombstone.
    private func clear(_ before: Set<String>) throws -> Int {
        guard !before.isEmpty else { return 0 }
        var gone = 0
        for id in try store.cache.doubtful().intersection(before).sorted() where !isStopping() {
            if let status = try client.statusIfPresent(id) {
                try store.cache.confirm(status)
            } else {
                try store.cache.remove(id)
                gone += 1
            }
        }
        return gone
    }

    /// A server that does not tell whom the account follows leaves the home timeline as it was.
    private func pullFollows() throws {
        do {
            try store.cache.setFollows(try client.following(store.signedIn.account.id))
        } catch ServerFault.refused(_, let message) {
            report(.problem(message))
        }
    }
}
