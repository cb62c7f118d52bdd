import API
import Core
import Crypto
import Foundation

/// Publishing, editing, deleting, and what people do to posts.
package struct StatusService: Sendable {
    let community: Community

    /// What a client wants published.
    package struct Request: Sendable {
        package var text = ""
        package var spoilerText = ""
        package var sensitive: Bool?
        package var visibility: Visibility?
        package var language: String?
        package var inReplyTo: RecordID?
        package var mediaIDs: [RecordID] = []
        package var clientID: String?
        package var markID: String?
        package var license: String?
        package var recipe: String?
        package var idempotencyKey: String?
        package var appName: String?
        package var appWebsite: String?
        /// Only for the seed: when the post is said to have been published.
        package var date: Date?

        package init() {}

        /// What makes two requests the same. A picture counts by its bytes: uploaded again, it is still the same.
        func fingerprint(media: [MediaRecord]) -> String {
            let parts: [String?] =
                [
                    text, spoilerText, sensitive.map(String.init), visibility?.rawValue, language,
                    inReplyTo.map(String.init), markID, license, recipe,
                ] + media.map(\.object)
            return Digest.sha256((try? Wire.encode(parts)) ?? Data())
        }
    }

    package enum Outcome: Sendable {
        case created(StatusRecord)
        /// A retry: the post is there already.
        case existed(StatusRecord)

        package var status: StatusRecord {
            switch self {
            case .created(let status), .existed(let status): status
            }
        }
    }

    /// Publishes at most once for a client id (for ever) or an idempotency key (for a day), in one transaction.
    package func publish(_ request: Request, by account: AccountRecord) async throws -> Outcome {
        var request = request
        request.text = PlainText.clean(request.text)
        request.spoilerText = PlainText.clean(request.spoilerText)
        try check(text: request.text, spoiler: request.spoilerText, language: request.language)
        guard Set(request.mediaIDs).count == request.mediaIDs.count,
            request.mediaIDs.count <= community.configuration.maximumMedia
        else { throw APIError.invalid("At most \(community.configuration.maximumMedia) different pictures") }
        let now = community.clock.now()
        let parsed = StatusText(request.text)
        return try await community.database.write { [request] db in
            try Self.publish(request, parsed, by: account, at: now, in: db)
        }
    }

    private static func publish(
        _ request: Request, _ parsed: StatusText, by account: AccountRecord, at now: Date, in db: any WriteTransaction
    ) throws -> Outcome {
        let media = try request.mediaIDs.compactMap { id in
            try db.media(id).flatMap { $0.accountID == account.id ? $0 : nil }
        }
        let keys = [request.clientID.map(PublicationKey.client), request.idempotencyKey.map(PublicationKey.header)]
            .compactMap { $0 }
        let fingerprint = request.fingerprint(media: media)
        for key in keys {
            if let earlier = try db.publication(key, account: account.id) {
                return .existed(try replay(earlier, fingerprint, account, db))
            }
        }
        guard media.count == request.mediaIDs.count else { throw APIError.invalid("A picture is not there") }
        guard media.allSatisfy({ $0.statusID == nil }) else {
            throw APIError.invalid("A picture belongs to another post already")
        }
        guard !media.isEmpty || !request.text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty else {
            throw APIError.invalid("Text can't be blank")
        }
        if let mark = request.markID, try db.status(mark: mark) != nil {
            throw APIError.invalid("This mark belongs to another post already")
        }
        var record = StatusRecord(id: 0, accountID: account.id, text: request.text, createdAt: request.date ?? now)
        record.spoilerText = request.spoilerText
        record.sensitive = (request.sensitive ?? account.defaultSensitive) || !request.spoilerText.isEmpty
        record.visibility = request.visibility ?? account.defaultVisibility
        record.language = request.language ?? account.defaultLanguage
        record.clientID = request.clientID
        record.markID = request.markID
        record.license = request.license
        record.recipe = request.recipe
        record.appName = request.appName
        record.appWebsite = request.appWebsite
        if let parentID = request.inReplyTo {
            guard let parent = try db.status(parentID, viewer: account.id) else { throw APIError.notFound }
            record.inReplyToID = parent.id
            record.inReplyToAccountID = parent.accountID
        }
        let mentioned = try parsed.mentions.prefix(50).compactMap { try db.account(named: $0) }
        record = try db.insertStatus(
            record, tags: Array(parsed.hashtags.prefix(50)), mentions: mentioned.map(\.id), mediaIDs: media.map(\.id))
        for key in keys {
            try db.insertPublication(
                key, account: account.id, fingerprint: fingerprint, statusID: record.id, at: now)
        }
        for person in mentioned where person.id != account.id {
            try db.insertNotification(
                NotificationRecord(
                    id: 0, accountID: person.id, kind: .mention, fromID: account.id, statusID: record.id,
                    createdAt: now))
        }
        return .created(record)
    }

    private static func replay(
        _ earlier: Publication, _ fingerprint: String, _ account: AccountRecord, _ db: any WriteTransaction
    ) throws -> StatusRecord {
        if let deleted = earlier.deletedAt { throw gone(earlier.statusID, deleted) }
        guard earlier.fingerprint == fingerprint else {
            throw APIError(
                .unprocessableContent, "This id was used for another post",
                "Use a new client id for a new post, or edit the one that is there.")
        }
        guard let status = try db.status(earlier.statusID, viewer: account.id) else { throw APIError.notFound }
        return status
    }

    /// Takes back what a client id published, or will: a request that comes later is answered as if it was deleted.
    package func withdraw(clientID: String, by account: AccountRecord) async throws {
        let now = community.clock.now()
        try await community.database.write { db in
            guard let known = try db.publication(.client(clientID), account: account.id) else {
                return try db.reservePublication(clientID, account: account.id, deletedAt: now)
            }
            guard known.deletedAt == nil, let status = try db.status(known.statusID, viewer: account.id) else { return }
            try db.deleteStatus(status, at: now)
        }
    }

    static func gone(_ id: RecordID, _ date: Date) -> APIError {
        var error = APIError(.gone, "The post was deleted")
        error.tombstone = APIError.Gone(id: String(id), deletedAt: WireDate.string(date))
        return error
    }

    private func check(text: String, spoiler: String, language: String?) throws {
        let limit = community.configuration.maximumCharacters
        // A character may hold any number of combining marks: the scalars are limited as well.
        guard text.count + spoiler.count <= limit, text.unicodeScalars.count <= limit * 8 else {
            throw APIError.invalid("Text is longer than \(limit) characters")
        }
        if let language {
            guard (2...35).contains(language.utf8.count), language.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
                throw APIError.invalid("Language is not a language tag")
            }
        }
    }

    /// What an edit changes; nil keeps.
    struct Edit: Sendable {
        var text: String?
        var spoilerText: String?
        var sensitive: Bool?
        var language: String?
        var license: String?
        var mediaIDs: [RecordID]?
        var descriptions: [RecordID: String] = [:]
        /// The revision that the client saw (`If-Match`).
        var expectedRevision: Int?
    }

    func edit(_ id: RecordID, _ edit: Edit, by account: AccountRecord) async throws -> StatusRecord {
        var edit = edit
        edit.text = edit.text.map(PlainText.clean)
        edit.spoilerText = edit.spoilerText.map(PlainText.clean)
        try check(text: edit.text ?? "", spoiler: edit.spoilerText ?? "", language: edit.language)
        for text in edit.descriptions.values { try community.media.check(description: text) }
        let now = community.clock.now()
        return try await community.database.write { [edit] db in
            let before = try Self.own(id, account, db)
            if let expected = edit.expectedRevision, expected != before.revision {
                throw APIError(.preconditionFailed, "The post has changed meanwhile")
            }
            let present = try db.media(ofStatuses: [id])[id] ?? []
            for (mediaID, text) in edit.descriptions {
                guard var media = try db.media(mediaID), media.accountID == account.id else { throw APIError.notFound }
                media.description = PlainText.clean(text)
                try db.updateMedia(media)
            }
            var record = before
            record.text = edit.text ?? record.text
            record.spoilerText = edit.spoilerText ?? record.spoilerText
            record.sensitive = (edit.sensitive ?? record.sensitive) || !record.spoilerText.isEmpty
            record.language = edit.language ?? record.language
            record.license = edit.license ?? record.license
            for media in edit.mediaIDs ?? [] {
                guard let found = try db.media(media), found.accountID == account.id,
                    found.statusID == nil || found.statusID == id
                else { throw APIError.invalid("A picture is not there or belongs to another post") }
            }
            let media = edit.mediaIDs ?? present.map(\.id)
            guard !media.isEmpty || !record.text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty else {
                throw APIError.invalid("Text can't be blank")
            }
            if record == before, media == present.map(\.id), edit.descriptions.isEmpty { return before }
            record.editedAt = now
            let parsed = StatusText(record.text)
            let mentioned = try parsed.mentions.prefix(50).compactMap { try db.account(named: $0)?.id }
            return try db.updateStatus(
                record, tags: Array(parsed.hashtags.prefix(50)), mentions: mentioned, mediaIDs: edit.mediaIDs)
        }
    }

    /// Returns the post as it was. `deleteMedia` takes the pictures away for good, else they may be posted again.
    func delete(_ id: RecordID, by account: AccountRecord, deleteMedia: Bool) async throws -> StatusAnswer {
        let now = community.clock.now()
        let base = community.base
        let answer = try await community.database.write { db in
            let status = try Self.own(id, account, db)
            var answer = try Presenter(base: base, db: db, viewer: account.id).status(status)
            answer.entity.text = status.text
            let media = try db.media(ofStatuses: [id])[id] ?? []
            try db.deleteStatus(status, at: now)
            if deleteMedia { for item in media { try db.deleteMedia(item.id) } }
            return answer
        }
        try await community.jobs.enqueue(.sweepMedia, at: deleteMedia ? now : now.addingTimeInterval(86_400))
        return answer
    }

    private static func own(_ id: RecordID, _ account: AccountRecord, _ db: any ReadTransaction) throws -> StatusRecord
    {
        guard let status = try db.status(id, viewer: account.id), status.accountID == account.id else {
            throw APIError.notFound
        }
        return status
    }

    func setFavourite(_ on: Bool, _ id: RecordID, by account: AccountRecord) async throws -> StatusRecord {
        try await mark(id, by: account) { db, status, now in
            if try db.setFavourite(on, status: status.id, account: account.id, at: now), on {
                try Self.notify(.favourite, status, account, now, db)
            }
        }
    }

    func setBookmark(_ on: Bool, _ id: RecordID, by account: AccountRecord) async throws -> StatusRecord {
        try await mark(id, by: account) { db, status, now in
            _ = try db.setBookmark(on, status: status.id, account: account.id, at: now)
        }
    }

    /// Marks the post itself, also when it is named by a reblog of it.
    private func mark(
        _ id: RecordID, by account: AccountRecord,
        _ change: @escaping @Sendable (any WriteTransaction, StatusRecord, Date) throws -> Void
    ) async throws -> StatusRecord {
        let now = community.clock.now()
        return try await community.database.write { db in
            guard let named = try db.status(id, viewer: account.id),
                let status = try db.status(named.reblogOfID ?? id, viewer: account.id)
            else { throw APIError.notFound }
            try change(db, status, now)
            guard let after = try db.status(status.id, viewer: account.id) else { throw APIError.notFound }
            return after
        }
    }

    func reblog(_ id: RecordID, by account: AccountRecord) async throws -> StatusRecord {
        let now = community.clock.now()
        return try await community.database.write { db in
            guard let named = try db.status(id, viewer: account.id),
                let status = try db.status(named.reblogOfID ?? id, viewer: account.id)
            else { throw APIError.notFound }
            if let earlier = try db.reblog(of: status.id, by: account.id) { return earlier }
            let open = status.visibility == .public || status.visibility == .unlisted
            guard open || (status.visibility == .private && status.accountID == account.id) else {
                throw APIError.notFound
            }
            var record = StatusRecord(id: 0, accountID: account.id, text: "", createdAt: now)
            record.visibility = status.visibility
            record.reblogOfID = status.id
            record = try db.insertStatus(record, tags: [], mentions: [], mediaIDs: [])
            try Self.notify(.reblog, status, account, now, db)
            return record
        }
    }

    func unreblog(_ id: RecordID, by account: AccountRecord) async throws -> StatusRecord {
        try await mark(id, by: account) { db, status, now in
            if let reblog = try db.reblog(of: status.id, by: account.id) { try db.deleteStatus(reblog, at: now) }
        }
    }

    private static func notify(
        _ kind: NotificationRecord.Kind, _ status: StatusRecord, _ account: AccountRecord, _ now: Date,
        _ db: any WriteTransaction
    ) throws {
        guard status.accountID != account.id else { return }
        try db.insertNotification(
            NotificationRecord(
                id: 0, accountID: status.accountID, kind: kind, fromID: account.id, statusID: status.id,
                createdAt: now))
    }
}
