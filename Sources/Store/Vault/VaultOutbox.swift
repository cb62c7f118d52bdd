import Core
import Foundation
import GRDB

/// The artist's side of the outbox.
extension Vault: Outbox {
    public func items(includingDone: Bool) throws -> [OutboxItem] {
        let filter = includingDone ? "" : "WHERE state NOT IN ('published', 'cancelled')"
        let records = try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM items \(filter) ORDER BY created_at DESC, client_id DESC")
                .map(ItemRecord.init)
        }
        return records.map(shown)
    }

    public func item(_ id: ClientID) throws -> OutboxItem? {
        try read { try ItemRecord.fetch($0, id) }.map(shown)
    }

    public func enqueue(file: URL, draft: Draft) throws -> OutboxItem {
        let original = try originals.adopt(file, limit: Self.maximumOriginalBytes)
        let now = clock.now()
        let id = ClientID(at: now)
        let record = try write { db in
            let seconds = now.timeIntervalSince1970
            try db.execute(
                sql: "INSERT INTO originals (sha256, bytes, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [original.sha256, original.bytes, seconds])
            try db.execute(
                sql: """
                    INSERT INTO items (client_id, state, draft, file_name, mark_id, original, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.description, OutboxState.draft.rawValue, try StoreJSON.text(draft), file.lastPathComponent,
                    MarkID.random().description, original.sha256, seconds, seconds,
                ])
            return try change(db, id) { record in try record.move(to: .protecting) }
        }
        return shown(record)
    }

    public func edit(_ id: ClientID, _ draft: Draft) throws -> OutboxItem {
        let record = try write { db in
            try change(db, id) { record in
                switch record.item.state {
                case .published: throw UserError("This piece is published: edit the published piece instead.")
                case .cancelled: throw UserError("This piece was cancelled: publish it anew.")
                case .publishing: throw Self.underWay
                case .needsAttention, .conflict: if record.facts.outcomeUnknown { throw Self.underWay }
                default: break
                }
                let protects =
                    record.item.draft.recipe != draft.recipe || record.item.draft.license != draft.license
                record.item.draft = draft
                record.takeFromWorker()
                if protects, record.item.blob != nil || record.item.state == .protecting {
                    try record.move(to: .protecting)
                    record.item.blob = nil
                    record.item.report = nil
                    record.facts = WorkFacts()
                    record.item.attempts = 0
                    record.item.nextAttempt = nil
                }
            }
        }
        return shown(record)
    }

    public func retry(_ id: ClientID) throws -> OutboxItem {
        let record = try write { db in
            try change(db, id) { record in
                switch record.item.state {
                case .published, .cancelled: throw UserError("There is nothing to try again: this piece is done.")
                case .needsAttention, .conflict:
                    try record.move(to: record.resumption)
                    record.takeFromWorker()
                default: break
                }
                record.item.attempts = 0
                record.item.nextAttempt = nil
            }
        }
        return shown(record)
    }

    public func cancel(_ id: ClientID) throws -> OutboxItem {
        let record = try write { db in
            try change(db, id) { record in
                if record.item.state == .cancelled { return }
                if record.item.state == .published {
                    throw UserError("This piece is published already: delete the published piece instead.")
                }
                record.item.cancelRequested = true
                if record.item.state == .publishing { return }
                if record.facts.outcomeUnknown {
                    // It may be out: a worker has to ask the server first.
                    try record.move(to: .publishing)
                } else {
                    try record.move(to: .cancelled)
                }
                record.takeFromWorker()
            }
        }
        return shown(record)
    }

    public func perform(_ operation: PendingOperation) throws { try perform(operation, revision: nil) }

    public func receipt(_ id: ClientID) throws -> Receipt? {
        try read { db in
            try String.fetchOne(
                db, sql: "SELECT receipt FROM receipts WHERE client_id = ?", arguments: [id.description])
        }.map { try StoreJSON.value(Receipt.self, $0) }
    }

    public func receipts() throws -> [Receipt] {
        try read { db in
            try String.fetchAll(db, sql: "SELECT receipt FROM receipts ORDER BY published_at DESC")
        }.map { try StoreJSON.value(Receipt.self, $0) }
    }

    private static let underWay = UserError(
        "This piece is on its way and may be out already: wait until that is known, or cancel it.", .attention)

    private func shown(_ record: ItemRecord) -> OutboxItem {
        var item = record.item
        item.progress = progress.withLock { $0[item.id] }
        return item
    }

    private func change(
        _ db: GRDB.Database, _ id: ClientID, _ body: (inout ItemRecord) throws -> Void
    ) throws -> ItemRecord {
        guard var record = try ItemRecord.fetch(db, id) else {
            throw UserError("There is no piece \(id) in the queue.", .no)
        }
        let before = record.fence
        try body(&record)
        try record.save(db, over: before, now: clock.now())
        return record
    }
}

extension ItemRecord {
    /// Where an item goes on that waited for the artist.
    var resumption: OutboxState {
        if facts.outcomeUnknown { return .publishing }
        if item.blob == nil { return .protecting }
        return facts.mediaID == nil ? .protected : .uploaded
    }
}
