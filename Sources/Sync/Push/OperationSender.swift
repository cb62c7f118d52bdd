import Core
import Foundation
import Store

/// Sends favourites, bookmarks, deletions and edits. All of them can be sent twice without harm.
struct OperationSender {
    let context: PublishContext

    func send(_ queued: QueuedOperation, capabilities: Capabilities) throws {
        let client = context.client
        let cache = context.store.cache
        switch queued.operation {
        case .favourite(let id, let value): try cache.put([try client.setFavourite(id, value)])
        case .bookmark(let id, let value): try cache.put([try client.setBookmark(id, value)])
        case .delete(let id):
            try client.delete(id)
            try cache.remove(id)
        case .edit(let id, let draft): try edit(id, draft, queued.revision, capabilities)
        }
        try context.vault.acknowledge(queued)
    }

    private func edit(_ id: String, _ draft: Draft, _ revision: Int?, _ capabilities: Capabilities) throws {
        let client = context.client
        let known = try context.store.library.entry(id)?.status ?? client.status(id)
        let payload = StatusPayload(editing: draft, media: known.media, capabilities: capabilities)
        do {
            let condition = capabilities.hasSyncExtension ? revision : nil
            try context.store.cache.put([try client.edit(id, payload, revision: condition)])
        } catch ServerFault.changedMeanwhile(let message) {
            // Perhaps it was our own edit, whose answer was lost.
            let current = try client.status(id)
            try context.store.cache.put([current])
            guard Self.says(current, draft) else { throw ServerFault.changedMeanwhile(message) }
        }
    }

    private static func says(_ status: Status, _ draft: Draft) -> Bool {
        func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
        return words(status.text) == words(draft.statusText) && status.sensitive == draft.sensitive
            && status.spoilerText == draft.spoilerText && (status.media.first?.description ?? "") == draft.altText
    }

    /// - Returns: what blocks the network, where that was found out.
    func settle(_ fault: ServerFault, of queued: QueuedOperation, failed: inout Int) throws -> NetworkBlock? {
        let now = context.clock.now()
        let vault = context.vault
        context.report(.problem(fault.message))
        switch fault {
        case .offline(let message): return .offline(message)
        case .unauthorized(let message): return .needsLogin(message)
        case .rateLimited(let date):
            try vault.postpone(queued, attempts: queued.attempts, until: date)
            return .paused(until: date)
        case .unknownOutcome(let message, let retryAt):
            let attempts = queued.attempts + 1
            let next = now.addingTimeInterval(context.backoff.delay(after: attempts))
            let attention = attempts >= Backoff.maximumAttempts ? message : nil
            if attention != nil { failed += 1 }
            try vault.postpone(queued, attempts: attempts, until: max(next, retryAt ?? next), attention: attention)
        case .refused(_, let message), .tooLarge(let message), .changedMeanwhile(let message):
            failed += 1
            try vault.postpone(queued, attempts: queued.attempts + 1, until: nil, attention: message)
        }
        return nil
    }
}
