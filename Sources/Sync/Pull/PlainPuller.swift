import API
import Core
import Foundation
import Store

/// Pulls from a server that has no feed of changes: lists are caught up with by `min_id`, which leaves no gap; edits
/// and deletions are noticed by looking again, the newest page first and the rest a few at a time.
struct PlainPuller {
    let store: AccountStore
    let client: MastodonClient
    let capabilities: Capabilities
    let clock: any WallClock
    let report: @Sendable (SyncEvent) -> Void
    let isStopping: @Sendable () -> Bool
    /// Somebody waits for this pull: it looks again whenever the last time was.
    var isThorough = false

    /// Pages of one timeline in one round.
    static let maximumPages = 25
    /// Pages of the past that the first round brings.
    static let firstPages = 5
    /// Seconds between two looks at what is here already.
    static let lookAgainInterval: TimeInterval = 60
    /// Seconds between two readings of all bookmarks and favourites.
    static let wholeListInterval: TimeInterval = 1_800
    /// How far back statuses are looked at again.
    static let probeReach = 2_000
    /// Statuses that are looked at again in one round: many in one request, or few in one each.
    static let batchProbes = 20
    static let singleProbes = 4
    /// Suspects of one page that are asked for one by one in a round.
    static let maximumSuspects = 10

    private var cache: Cache { store.cache }

    /// - Returns: how many statuses came in or went.
    func pull() throws -> Int {
        var count = try catchUp(.home, name: "home") + catchUp(.local, name: "local")
        guard !isStopping(), try isThorough || isDue("look", every: Self.lookAgainInterval) else { return count }
        let now = clock.now()
        count += try lookAgain(.home)
        count += try lookAgain(.local)
        count += try probe()
        let readsAll = try isThorough || isDue("marks", every: Self.wholeListInterval)
        try marks(.bookmarks, .bookmarked, all: readsAll)
        try marks(.favourites, .favourited, all: readsAll)
        if readsAll { try cache.setLastTime(of: "marks", now) }
        try cache.setLastTime(of: "look", now)
        return count
    }

    /// Brings in the page of a list that a screen shows.
    func show(_ wish: SyncRound.TimelineWish) throws {
        // A piece of the queue is no place in the server's lists.
        if let before = wish.before, ClientID(before) != nil { return }
        // These lists are ordered by something else than the ids of their statuses, and they are read whole elsewhere.
        if wish.before != nil, [.bookmarks, .favourites].contains(wish.timeline) { return }
        let page = try client.timeline(wish.timeline, maxID: wish.before, onlyMedia: Self.isOnlyMedia(wish.timeline))
        try cache.put(page.elements, inHome: wish.timeline == .home)
        if !page.elements.isEmpty { report(.pulled(page.elements.count)) }
    }

    private func isDue(_ part: String, every seconds: TimeInterval) throws -> Bool {
        guard let last = try cache.lastTime(of: part) else { return true }
        // A clock that was set back must not stop it.
        return !(0..<seconds).contains(clock.now().timeIntervalSince(last))
    }

    private static func isOnlyMedia(_ timeline: Timeline) -> Bool {
        switch timeline {
        case .local, .tag, .account: true
        case .home, .bookmarks, .favourites: false
        }
    }

    /// The newest pages at first, later everything above what is here.
    private func catchUp(_ timeline: Timeline, name: String) throws -> Int {
        let isHome = timeline == .home
        let onlyMedia = Self.isOnlyMedia(timeline)
        guard var mark = try cache.mark(of: name) else {
            return try begin(timeline, name: name, isHome: isHome, onlyMedia: onlyMedia)
        }
        var count = 0
        for _ in 0..<Self.maximumPages where !isStopping() {
            let page = try client.timeline(timeline, minID: mark, onlyMedia: onlyMedia)
            guard let newest = page.ids.max(by: StatusID.older), StatusID.older(mark, newest) else { break }
            try cache.apply(page.elements, timeline: name, inHome: isHome, mark: newest)
            mark = newest
            count += page.elements.count
            report(.pulling(count))
        }
        return count
    }

    /// The first page is shown as soon as it is here; the past follows.
    private func begin(_ timeline: Timeline, name: String, isHome: Bool, onlyMedia: Bool) throws -> Int {
        var page = try client.timeline(timeline, onlyMedia: onlyMedia)
        try cache.apply(page.elements, timeline: name, inHome: isHome, mark: page.ids.max(by: StatusID.older))
        var count = page.elements.count
        if count > 0 { report(.pulling(count)) }
        for _ in 1..<Self.firstPages where !isStopping() {
            guard let last = page.ids.min(by: StatusID.older) else { break }
            page = try client.timeline(timeline, maxID: page.older ?? last, onlyMedia: onlyMedia)
            guard let lower = page.ids.min(by: StatusID.older), StatusID.older(lower, last) else { break }
            try cache.put(page.elements, inHome: isHome)
            count += page.elements.count
            report(.pulling(count))
        }
        return count
    }

    /// Reads the newest page again: edits are in it, and what it no longer names may be deleted.
    private func lookAgain(_ timeline: Timeline) throws -> Int {
        let isHome = timeline == .home
        let page = try client.timeline(timeline, onlyMedia: Self.isOnlyMedia(timeline))
        let before = try changed(among: page.elements)
        try cache.put(page.elements, inHome: isHome)
        let own = zip(page.elements, page.ids).filter { $0.0.id == $0.1 }.map(\.0)
        guard let newest = own.max(by: { $0.createdAt < $1.createdAt }),
            let oldest = own.min(by: { $0.createdAt < $1.createdAt })
        else { return before }
        let unnamed = try cache.ids(inHome: isHome, from: oldest, to: newest).subtracting(page.elements.map(\.id))
        // The list of the community shows pictures only.
        let suspects = try unnamed.sorted().filter { id in
            guard let status = try cache.status(id) else { return false }
            // At its ends a page may cut through what was posted in the same moment.
            guard status.createdAt > oldest.createdAt, status.createdAt < newest.createdAt else { return false }
            return isHome || !status.media.isEmpty
        }
        let asked = Array(suspects.prefix(Self.maximumSuspects))
        let gone = try ask(asked)
        // What is there and not in the list has left it: its author is not followed any more, or is muted.
        if isHome { try cache.leaveHome(asked) }
        return before + gone
    }

    /// A few of the older ones in turn.
    private func probe() throws -> Int {
        let limit = capabilities.hasBatches ? Self.batchProbes : Self.singleProbes
        return try ask(try cache.nextProbe(limit, among: Self.probeReach))
    }

    /// Asks for statuses that are here; those that the server does not have any more go.
    private func ask(_ ids: [String]) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        var found: [Status] = []
        var missing = ids
        if capabilities.hasBatches, let some = try client.statuses(ids) {
            found = some
            let present = Set(some.map(\.id))
            missing = ids.filter { !present.contains($0) }
        }
        var count = 0
        // Asked for alone, too, before it goes: a batch may leave out for other reasons.
        for id in missing where !isStopping() {
            if let status = try client.statusIfPresent(id) {
                found.append(status)
            } else {
                try cache.remove(id)
                count += 1
            }
        }
        count += try changed(among: found)
        try cache.put(found)
        return count
    }

    private func changed(among statuses: [Status]) throws -> Int {
        try statuses.filter { status in
            guard let known = try cache.status(status.id) else { return true }
            return known.editedAt != status.editedAt || known.text != status.text
        }.count
    }

    /// The newest page of a list, or all of it: then what is not on it is not marked any more.
    private func marks(_ timeline: Timeline, _ mark: Cache.Mark, all: Bool) throws {
        var ids: Set<String> = []
        var below: String?
        for _ in 0..<(all ? Self.maximumPages : 1) where !isStopping() {
            let page: Page<Status>
            do {
                page = try client.timeline(timeline, maxID: below)
            } catch ServerFault.refused {
                // The server has no such list, or not for us.
                return
            }
            let new = page.elements.map { status in
                var status = status
                if mark == .bookmarked { status.bookmarked = true } else { status.favourited = true }
                return status
            }
            try cache.put(new)
            let before = ids.count
            ids.formUnion(new.map(\.id))
            // These lists have an order of their own, so that only the header tells where the next page is.
            guard let next = page.older, ids.count > before else {
                if all { try cache.setMarked(mark, all: ids) }
                return
            }
            below = next
        }
    }
}
