import Core
import Foundation
import GRDB

/// The worker's side of the outbox: claim, advance, release.
extension Vault {
    /// Nothing waits longer than a day: a time further ahead comes from a clock that was wrong.
    static let longestWait: TimeInterval = 86_400 + 60

    /// Takes the oldest item that wants work, is due and is in nobody else's hands. Nil when there is none.
    ///
    /// What this worker holds already counts as free: it lost sight of it when a full disk let it not give it back.
    ///
    /// - Parameter networkless: only what can be done without a network.
    public func claimNext(
        _ lease: WorkerLease, except: Set<ClientID> = [], networkless: Bool = false
    ) throws -> Work? {
        let now = clock.now()
        let states = networkless ? [OutboxState.protecting] : OutboxState.allCases.filter { !$0.isResting }
        let working = states.map { "'\($0.rawValue)'" }.joined(separator: ",")
        let candidates = try read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT client_id FROM items
                    WHERE state IN (\(working)) AND (worker IS NULL OR worker = ?)
                        AND (publish_at IS NULL OR publish_at <= ? OR state = 'protecting' OR outcome_unknown
                            OR cancel_requested)
                        AND (next_attempt IS NULL OR next_attempt NOT BETWEEN ? AND ? OR cancel_requested)
                    ORDER BY created_at, client_id
                    """,
                arguments: [
                    lease.id, now.timeIntervalSince1970, now.timeIntervalSince1970 + 0.001,
                    now.timeIntervalSince1970 + Self.longestWait,
                ])
        }
        for id in candidates.compactMap({ ClientID($0) }) where !except.contains(id) {
            // Another worker may have been quicker: then the next one.
            if let work = try claim(id, lease, states, now) { return work }
        }
        return nil
    }

    private func claim(_ id: ClientID, _ lease: WorkerLease, _ states: [OutboxState], _ now: Date) throws -> Work? {
        try write { db in
            guard
                var record = try ItemRecord.fetch(db, id), record.worker == nil || record.worker == lease.id,
                states.contains(record.item.state)
            else { return nil }
            let before = record.fence
            record.fence += 1
            record.worker = lease.id
            try record.save(db, over: before, now: now)
            return Work(record, worker: lease.id)
        }
    }

    /// One durable step of a claimed item.
    ///
    /// - Throws: `StoreFault.staleClaim` when the claim was lost, `illegalTransition` when there is no such step.
    public func advance(
        _ claim: Claim, to state: OutboxState, _ change: (inout WorkChange) -> Void = { _ in }
    ) throws -> Work {
        try step(claim) { record, _ in
            try record.move(to: state)
            var changes = WorkChange(record)
            change(&changes)
            changes.apply(to: &record)
        }
    }

    /// Records something about a claimed item that leaves its state as it is.
    public func note(_ claim: Claim, _ change: (inout WorkChange) -> Void) throws -> Work {
        try step(claim) { record, _ in
            var changes = WorkChange(record)
            change(&changes)
            changes.apply(to: &record)
        }
    }

    /// Gives a claimed item back; a lost claim is no error, for then there is nothing to give.
    public func release(_ claim: Claim, _ change: (inout WorkChange) -> Void = { _ in }) throws {
        do {
            _ = try step(claim) { record, _ in
                var changes = WorkChange(record)
                change(&changes)
                changes.apply(to: &record)
                record.worker = nil
            }
        } catch StoreFault.staleClaim {}
        setProgress(claim.id, nil)
    }

    /// Stores a protected picture as the item's blob, and the step to `protected` with it. The only way in which bytes
    /// become something that the uploader can open.
    public func storeBlob(_ image: ProtectedImage, for claim: Claim) throws -> Work {
        let name = try blobs.store(image.data)
        return try step(claim) { record, db in
            try db.execute(
                sql: "INSERT INTO blobs (id, format, bytes, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [name, image.format.rawValue, image.data.count, clock.now().timeIntervalSince1970])
            try record.move(to: .protected)
            record.item.blob = BlobID(name)
            record.item.report = image.report
            record.item.nextAttempt = nil
            record.facts = WorkFacts()
        }
    }

    /// Hands the original to the protector, and to nobody else: there is no other way to its bytes.
    public func withOriginal<T>(_ claim: Claim, _ protect: (Data) throws -> T) throws -> T {
        guard let record = try read({ try ItemRecord.fetch($0, claim.id) }) else {
            throw StoreFault.noSuchItem(claim.id)
        }
        guard record.fence == claim.fence else { throw StoreFault.staleClaim(claim.id) }
        return try protect(try originals.read(record.item.originalSHA256))
    }

    /// The last step: the state and the receipt in one transaction.
    ///
    /// A cancel that came too late becomes a deletion that waits to be sent.
    public func publish(_ claim: Claim, statusID: String, statusURL: String?, server: URL) throws -> Receipt {
        let now = clock.now()
        var receipt: Receipt?
        _ = try step(claim) { record, db in
            let cancelled = record.item.cancelRequested
            try record.move(to: .published)
            record.item.statusID = statusID
            record.item.attempts = 0
            record.item.nextAttempt = nil
            record.facts.statusURL = statusURL
            record.facts.outcomeUnknown = false
            let signed = try signer.sign(record.item, statusID: statusID, statusURL: statusURL, server: server, at: now)
            try db.execute(
                sql: "INSERT INTO receipts (client_id, receipt, published_at) VALUES (?, ?, ?)",
                arguments: [record.item.id.description, try StoreJSON.text(signed), now.timeIntervalSince1970])
            if cancelled { try Operations.add(db, .delete(statusID: statusID), revision: nil, now: now) }
            receipt = signed
        }
        setProgress(claim.id, nil)
        guard let receipt else { throw StoreFault.noSuchItem(claim.id) }
        return receipt
    }

    /// How far this process is with an item, 0…1; nil when it is not working on it.
    public func setProgress(_ id: ClientID, _ value: Double?) {
        progress.withLock { $0[id] = value }
        progressVersion.add(1, ordering: .relaxed)
    }

    fileprivate func step(_ claim: Claim, _ body: (inout ItemRecord, GRDB.Database) throws -> Void) throws -> Work {
        try write { db in
            guard var record = try ItemRecord.fetch(db, claim.id) else { throw StoreFault.noSuchItem(claim.id) }
            guard record.fence == claim.fence, record.worker == claim.worker else {
                throw StoreFault.staleClaim(claim.id)
            }
            try body(&record, db)
            try record.save(db, over: claim.fence, now: clock.now())
            return Work(record, worker: claim.worker)
        }
    }
}

extension Vault {
    /// The blob is missing or damaged on disk: it is made again from the original.
    public func protectAgain(_ claim: Claim) throws -> Work {
        try step(claim) { record, _ in
            try record.move(to: .protecting)
            record.item.blob = nil
            record.item.report = nil
            record.facts = WorkFacts()
        }
    }
}
