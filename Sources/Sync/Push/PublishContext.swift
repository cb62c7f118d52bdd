import Core
import Foundation
import Store

/// What one account's publishing needs.
struct PublishContext: Sendable {
    let store: AccountStore
    let client: MastodonClient
    let protection: any Protection
    let clock: any WallClock
    let backoff: Backoff
    let report: @Sendable (SyncEvent) -> Void
    /// True once the program wants to end: long work stops at the next place where that is safe.
    let isStopping: @Sendable () -> Bool

    var account: Account { store.signedIn.account }
    var vault: Vault { store.vault }
}

/// Something that happened, for `--json` and logs.
public enum SyncEvent: Hashable, Sendable {
    /// An item moved on.
    case item(OutboxItem)
    /// A publication is done.
    case published(ClientID, statusID: String, url: String?)
    /// Statuses came in.
    case pulled(Int)
    /// A pull is under way: so many statuses so far.
    case pulling(Int)
    /// An operation was sent.
    case sent(PendingOperation)
    /// Something went wrong; one sentence.
    case problem(String)
}

/// Why a round cannot use the network any more; work on this machine goes on.
enum NetworkBlock: Hashable, Sendable {
    case offline(String)
    case needsLogin(String)
    case paused(until: Date)
}
