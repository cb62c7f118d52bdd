import API
import Core
import Foundation

/// Builds the answers out of rows, many at a time, in one transaction.
struct Presenter {
    let base: String
    let db: any ReadTransaction
    let viewer: RecordID?
    /// Whether posts show what the sync extension adds.
    var showsExtension = true

    func accounts(_ records: [AccountRecord]) throws -> [AccountAnswer] {
        let counts = try db.accountCounts(Set(records.map(\.id)))
        return records.map { answer($0, counts[$0.id] ?? AccountCounts()) }
    }

    func account(_ record: AccountRecord, withSource: Bool = false) throws -> AccountAnswer {
        var answer = answer(record, try db.accountCounts([record.id])[record.id] ?? AccountCounts())
        if withSource {
            var source = AccountEntity.Source(
                note: record.note, privacy: record.defaultVisibility.rawValue, sensitive: record.defaultSensitive,
                language: record.defaultLanguage)
            source.fields = record.fields.map { AccountEntity.Field(name: $0.name, value: $0.value) }
            answer.entity.source = source
        }
        return answer
    }

    private func answer(_ record: AccountRecord, _ counts: AccountCounts) -> AccountAnswer {
        var entity = AccountEntity(
            id: String(record.id), username: record.username, acct: record.username, displayName: record.displayName,
            createdAt: record.createdAt, note: StatusText(record.note).html(base: base, accounts: []),
            url: "\(base)/@\(record.username)", avatar: picture(record.avatar, of: record),
            followersCount: counts.followers, followingCount: counts.following, statusesCount: counts.statuses)
        entity.header = picture(record.header, of: record)
        entity.headerStatic = entity.header
        entity.locked = record.locked
        entity.bot = record.bot
        entity.discoverable = record.discoverable
        entity.fields = record.fields.map {
            AccountEntity.Field(
                name: HTMLText.escape($0.name), value: StatusText($0.value).html(base: base, accounts: []))
        }
        return AccountAnswer(entity: entity, lastStatusAt: counts.lastStatusAt)
    }

    private func picture(_ picture: ProfilePicture?, of record: AccountRecord) -> String {
        guard let picture, let format = ImageFormat(rawValue: picture.format) else {
            return "\(base)/avatars/\(record.id).png"
        }
        return "\(base)/media/\(picture.key).\(format.fileExtension)"
    }

    func media(_ record: MediaRecord) -> MediaAnswer {
        let preview = "\(base)/media/\(record.key).preview.\(record.previewFormat.fileExtension)"
        let entity = MediaEntity(
            id: String(record.id), url: "\(base)/media/\(record.key).\(record.format.fileExtension)",
            previewURL: preview,
            meta: MediaEntity.Meta(
                original: MediaEntity.Size(width: record.width, height: record.height),
                small: MediaEntity.Size(width: record.previewWidth, height: record.previewHeight)),
            description: record.description, blurhash: record.blurhash)
        return MediaAnswer(entity: entity, focus: MediaAnswer.Focus(x: record.focusX, y: record.focusY))
    }

    func tag(_ name: String) -> StatusEntity.Tag {
        StatusEntity.Tag(name: name, url: "\(base)/tags/\(StatusText.pathSegment(name))")
    }

    func status(_ record: StatusRecord) throws -> StatusAnswer {
        guard let answer = try statuses([record]).first else { throw APIError.notFound }
        return answer
    }

    func statuses(_ records: [StatusRecord]) throws -> [StatusAnswer] {
        let originals = try db.statuses(records.compactMap(\.reblogOfID), viewer: viewer)
        let all = records + originals
        let ids = all.map(\.id)
        var parts = Parts()
        parts.tags = try db.tags(ofStatuses: ids)
        parts.mentions = try db.mentions(ofStatuses: ids)
        parts.media = try db.media(ofStatuses: ids)
        if let viewer { parts.marks = try db.marks(of: viewer, on: ids) }
        let people = Set(all.map(\.accountID))
        parts.accounts = try db.accounts(people.union(parts.mentions.values.joined()))
        parts.counts = try db.accountCounts(people)
        let byID = Dictionary(originals.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return try records.compactMap { record in
            guard var answer = try answer(record, parts) else { return nil }
            if let id = record.reblogOfID {
                guard let original = byID[id], let inner = try self.answer(original, parts) else { return nil }
                answer.reblog = [inner]
                answer.entity.reblogged = inner.entity.reblogged
                answer.entity.favourited = inner.entity.favourited
                answer.entity.bookmarked = inner.entity.bookmarked
            }
            return answer
        }
    }

    /// What a page of posts needs, fetched at once.
    private struct Parts {
        var tags: [RecordID: [String]] = [:]
        var mentions: [RecordID: [RecordID]] = [:]
        var media: [RecordID: [MediaRecord]] = [:]
        var marks = ViewerMarks()
        var accounts: [RecordID: AccountRecord] = [:]
        var counts: [RecordID: AccountCounts] = [:]
    }

    private func answer(_ record: StatusRecord, _ parts: Parts) throws -> StatusAnswer? {
        guard let owner = parts.accounts[record.accountID] else { return nil }
        let account = answer(owner, parts.counts[owner.id] ?? AccountCounts())
        let mentioned = (parts.mentions[record.id] ?? []).compactMap { parts.accounts[$0] }
        let names = Set(mentioned.map { $0.username.lowercased() })
        let media = (parts.media[record.id] ?? []).map(self.media)
        let url = "\(base)/@\(owner.username)/\(record.id)"
        let entity = StatusEntity(
            id: String(record.id), uri: "\(base)/users/\(owner.username)/statuses/\(record.id)", url: url,
            createdAt: record.createdAt, editedAt: record.editedAt, account: account.entity,
            content: StatusText(record.text).html(base: base, accounts: names),
            visibility: record.visibility.rawValue, sensitive: record.sensitive, spoilerText: record.spoilerText,
            language: record.language, inReplyToID: record.inReplyToID.map(String.init),
            inReplyToAccountID: record.inReplyToAccountID.map(String.init), mediaAttachments: media.map(\.entity),
            tags: (parts.tags[record.id] ?? []).map(tag), repliesCount: record.repliesCount,
            reblogsCount: record.reblogsCount, favouritesCount: record.favouritesCount,
            favourited: parts.marks.favourited.contains(record.id),
            reblogged: parts.marks.reblogged.contains(record.id),
            bookmarked: parts.marks.bookmarked.contains(record.id),
            fixative: showsExtension
                ? StatusEntity.Extension(
                    clientID: record.accountID == viewer ? record.clientID : nil, markID: record.markID,
                    license: record.license, recipe: record.recipe, revision: record.revision) : nil)
        return StatusAnswer(
            entity: entity, account: account, media: media,
            mentions: mentioned.map {
                StatusAnswer.Mention(
                    id: String($0.id), username: $0.username, acct: $0.username, url: "\(base)/@\($0.username)")
            },
            application: record.appName.map { StatusAnswer.Application(name: $0, website: record.appWebsite) })
    }
}
