import Core
import Foundation
import Store

/// Sends what the artist did to statuses and accounts. All of it can be sent twice without harm, except replies, which
/// are recognised like pieces are.
struct OperationSender {
    let context: PublishContext

    private var client: MastodonClient { context.client }
    private var vault: Vault { context.vault }

    func send(_ queued: QueuedOperation, capabilities: Capabilities) throws {
        let cache = context.store.cache
        switch queued.operation {
        case .favourite(let id, let value): try cache.put([try client.setFavourite(id, value)])
        case .bookmark(let id, let value): try cache.put([try client.setBookmark(id, value)])
        case .boost(let id, let value): try cache.put([try client.setBoost(id, value)])
        case .follow(let id, let value): try client.setFollow(id, value)
        case .delete(let id):
            try client.delete(id)
            try cache.remove(id)
        case .edit(let id, let draft):
            guard try EditSender(context: context, capabilities: capabilities).send(queued, id, draft) else { return }
        case .reply(let parent, let text, let visibility, let id):
            try reply(queued, parent, text, visibility, id, capabilities)
        }
        try vault.acknowledge(queued)
    }

    /// With client ids the server itself makes two copies one. Elsewhere our own statuses are looked through before a
    /// second copy is sent; a first copy that comes later than that is the one gap that stays (see `Queue.md`).
    private func reply(
        _ queued: QueuedOperation, _ parent: String, _ text: String, _ visibility: Visibility, _ id: ClientID,
        _ capabilities: Capabilities
    ) throws {
        if !capabilities.hasSyncExtension {
            if let baseline = queued.baseline {
                let own = try client.ownStatuses(context.account.id, above: baseline)
                let words = Self.words(text)
                // Servers put the name of whom one answers in front.
                if let found = own.first(where: {
                    $0.inReplyToID == parent && Self.words($0.text).suffix(words.count) == words
                }) {
                    return try context.store.cache.put([found])
                }
            } else {
                try vault.noteBaseline(queued, try client.newestOwnID(context.account.id))
            }
        }
        let payload = StatusPayload(
            replying: text, to: parent, visibility: visibility, id: id, capabilities: capabilities)
        let key = capabilities.idempotency == .refusesSecondUse ? nil : id
        let made = try client.publish(payload, key: key)
        guard made.inReplyToID == parent else {
            throw ServerFault.unknownOutcome("\(client.host) answered for another piece.", retryAt: nil)
        }
        try context.store.cache.put([made])
    }

    private static func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }

    /// - Returns: what blocks the network, where that was found out.
    func settle(_ fault: ServerFault, of queued: QueuedOperation, failed: inout Int) throws -> NetworkBlock? {
        let now = context.clock.now()
        context.report(.problem(fault.message))
        switch fault {
        case .offline(let message): return .offline(message)
        case .noAnswer(let message):
            if context.isStopping() { return nil }
            // A network that lets nothing through is no fault of the server's, and no attempt.
            guard client.answers() else { return .offline(message) }
            try postpone(queued, message, retryAt: nil, now: now, failed: &failed)
        case .unauthorized(let message): return .needsLogin(message)
        case .rateLimited(let date):
            try vault.postpone(queued, attempts: queued.attempts, until: date)
            return .paused(until: date)
        case .unknownOutcome(let message, let retryAt):
            try postpone(queued, message, retryAt: retryAt, now: now, failed: &failed)
        case .refused(_, let message), .tooLarge(let message), .changedMeanwhile(let message):
            failed += 1
            try vault.postpone(queued, attempts: queued.attempts + 1, until: nil, attention: message)
        }
        return nil
    }

    private func postpone(
        _ queued: QueuedOperation, _ message: String, retryAt: Date?, now: Date, failed: inout Int
    ) throws {
        let attempts = queued.attempts + 1
        let next = now.addingTimeInterval(context.backoff.delay(after: attempts))
        let attention = attempts >= Backoff.maximumAttempts ? message : nil
        if attention != nil { failed += 1 }
        try vault.postpone(queued, attempts: attempts, until: max(next, retryAt ?? next), attention: attention)
    }
}

/// Sends an edit over what it was based on: other people's changes since are merged in, and where both changed the same
/// thing the artist decides.
struct EditSender {
    let context: PublishContext
    let capabilities: Capabilities

    /// How often another's edit may come between ours and the server in one turn.
    private static let maximumRebases = 3

    private var client: MastodonClient { context.client }
    private var vault: Vault { context.vault }
    private var cache: Cache { context.store.cache }

    /// - Returns: false when it was not sent: it waits for the artist, or the artist changed it meanwhile.
    func send(_ queued: QueuedOperation, _ id: String, _ draft: Draft) throws -> Bool {
        var queued = queued
        var draft = draft.asPublished
        for _ in 0..<Self.maximumRebases {
            guard let current = try meeting(queued, id, draft) else { return true }
            if let theirs = current.theirs {
                guard let next = try rebase(queued, draft, over: theirs, current.revision) else { return false }
                draft = next
            } else if try put(queued, id, draft, current) {
                return true
            }
            guard let fresh = try vault.queuedOperations().first(where: { $0.id == queued.id }) else { return false }
            queued = fresh
        }
        throw ServerFault.unknownOutcome("This piece is being changed elsewhere at the same time.", retryAt: nil)
    }

    /// What the edit meets on the server.
    private struct Meeting {
        var media: [MediaAttachment]
        /// Somebody else's version; nil while there is none that we know of.
        var theirs: Draft?
        var revision: Int?
    }

    /// - Returns: nil when the server has the edit already.
    private func meeting(_ queued: QueuedOperation, _ id: String, _ draft: Draft) throws -> Meeting? {
        // With revisions the server itself refuses an edit of something else; elsewhere one has to look.
        if capabilities.hasSyncExtension, queued.sent.isEmpty, let known = try cache.status(id) {
            return Meeting(media: known.media, theirs: nil, revision: queued.revision)
        }
        guard let current = try client.statusIfPresent(id) else {
            throw try gone(id)
        }
        try cache.put([current])
        let theirs = Draft(editing: current, recipe: draft.recipe)
        if isSame(theirs, draft) { return nil }
        guard let base = queued.base, !isSame(base, theirs) else {
            return Meeting(media: current.media, theirs: nil, revision: current.provenance?.revision)
        }
        return Meeting(media: current.media, theirs: theirs, revision: current.provenance?.revision)
    }

    /// - Returns: false when somebody was quicker.
    private func put(_ queued: QueuedOperation, _ id: String, _ draft: Draft, _ meeting: Meeting) throws -> Bool {
        let payload = StatusPayload(editing: draft, media: meeting.media, capabilities: capabilities)
        guard try vault.noteSending(queued, draft) else { return true }
        do {
            let condition = capabilities.hasSyncExtension ? meeting.revision : nil
            try cache.put([try client.edit(id, payload, revision: condition)])
            return true
        } catch ServerFault.changedMeanwhile {
            return false
        } catch ServerFault.refused(let status, _) where status == 404 || status == 410 {
            throw try gone(id)
        }
    }

    /// A deletion wins on the server; the text stays with the artist.
    private func gone(_ id: String) throws -> ServerFault {
        try cache.remove(id)
        return .refused(status: 404, "This piece was deleted on the server meanwhile; your text is kept here.")
    }

    /// - Returns: what to send next; nil when the artist withdrew it.
    /// - Throws: `ServerFault.changedMeanwhile` when the artist has to decide; both versions are kept.
    private func rebase(
        _ queued: QueuedOperation, _ draft: Draft, over theirs: Draft, _ revision: Int?
    ) throws -> Draft? {
        // An edit of our own whose answer was lost is nobody else's.
        let isOurs = queued.sent.contains { isSame($0, theirs) }
        let base = isOurs ? theirs : queued.base ?? theirs
        let result = DraftMerge.merge(base: base, mine: draft, theirs: theirs)
        guard result.conflicts.isEmpty else {
            let message = "This piece was changed elsewhere in the same place: decide between the two versions."
            try vault.holdConflict(queued, base: base, theirs: theirs, revision: revision, message)
            throw ServerFault.changedMeanwhile(message)
        }
        return try vault.rebase(queued, to: result.merged, base: theirs, revision: revision) ? result.merged : nil
    }

    /// Licences are only known to servers with the extension.
    private func isSame(_ one: Draft, _ other: Draft) -> Bool {
        DraftField.allCases.filter { $0 != .license || capabilities.hasSyncExtension }
            .allSatisfy { $0.isSame(one, other) }
    }
}
