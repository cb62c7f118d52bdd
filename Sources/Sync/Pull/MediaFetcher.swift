import Core
import Foundation
import Store
import Synchronization

/// Which pictures to fetch next: what the screen shows first, then the newest previews.
final class MediaQueue: Sendable {
    struct Wish: Sendable {
        var media: MediaAttachment
        var variant: MediaVariant
    }

    private struct State {
        var wishes: [Wish] = []
        /// Addresses that did not work, and when to try again.
        var failures: [String: Date] = [:]
        /// The newest statuses may have previews that are not here and were not tried.
        var previewsAreDue = true
    }

    private static let maximumWishes = 500
    private let state = Mutex(State())

    /// The newest wish counts most: the screen has moved on.
    func want(_ media: [MediaAttachment], _ variant: MediaVariant) {
        state.withLock { state in
            let wishes = media.map { Wish(media: $0, variant: variant) }
            let ids = Set(media.map(\.id))
            state.wishes.removeAll { $0.variant == variant && ids.contains($0.media.id) }
            state.wishes = Array((wishes + state.wishes).prefix(Self.maximumWishes))
        }
    }

    var hasWishes: Bool { state.withLock { !$0.wishes.isEmpty } }

    /// Whether to look through the newest statuses: after a pull, not after every wish of the screen.
    var previewsAreDue: Bool {
        get { state.withLock { $0.previewsAreDue } }
        set { state.withLock { $0.previewsAreDue = newValue } }
    }

    func next() -> Wish? { state.withLock { $0.wishes.isEmpty ? nil : $0.wishes.removeFirst() } }

    func failed(_ address: String, until date: Date) {
        state.withLock { state in
            if state.failures.count > 10_000 { state.failures = [:] }
            state.failures[address] = date
        }
    }

    func mayTry(_ address: String, at now: Date) -> Bool {
        state.withLock { $0.failures[address].map { $0 <= now } ?? true }
    }
}

/// Fetches pictures into the cache.
struct MediaFetcher {
    let store: AccountStore
    let download: MediaDownload
    let queue: MediaQueue
    let clock: any WallClock

    static let retryAfter: TimeInterval = 300

    /// Fetches what the screen asked for. Returns false when there was nothing to do, or the network is gone.
    func fetchNextWish() -> Bool {
        guard let wish = queue.next() else { return false }
        return fetch(wish.media, wish.variant, own: false) != .offline
    }

    /// Fetches missing previews of the newest statuses, newest first. Returns how many came.
    func fetchPreviews(among statuses: Int, isStopping: () -> Bool) throws -> Int {
        var count = 0
        for (media, own) in try store.cache.missingPreviews(among: statuses) where !isStopping() {
            switch fetch(media, .preview, own: own) {
            case .fetched: count += 1
            case .failed: continue
            case .offline: return count
            }
        }
        return count
    }

    private enum Outcome { case fetched, failed, offline }

    private func fetch(_ media: MediaAttachment, _ variant: MediaVariant, own: Bool) -> Outcome {
        let address = MediaFiles.address(of: media, variant)
        let now = clock.now()
        guard !address.isEmpty, store.library.file(of: media, variant) == nil, queue.mayTry(address, at: now) else {
            return .failed
        }
        do {
            let limit = variant == .preview ? MediaDownload.previewLimit : MediaDownload.originalLimit
            let data = try download.fetch(address, limit: limit)
            try store.cache.media.store(data, of: media, variant, own: own)
            return .fetched
        } catch ServerFault.offline {
            queue.failed(address, until: now.addingTimeInterval(10))
            return .offline
        } catch {
            queue.failed(address, until: now.addingTimeInterval(Self.retryAfter))
            return .failed
        }
    }
}
