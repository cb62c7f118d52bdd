import API
import Core
import Foundation
import Hummingbird

/// Posts: publishing, reading, editing, deleting.
struct StatusRoutes: RouteGroup {
    func add(to routes: Routing) {
        routes.post("/api/v1/statuses") { call in try await publish(call) }
        routes.get("/api/v1/statuses") { call in
            let viewer = try call.viewer("read:statuses")
            let ids = (call.form.strings("id") ?? []).prefix(40).compactMap { RecordID($0) }
            return .json(
                try await call.present { db, present in try present.statuses(db.statuses(ids, viewer: viewer)) })
        }
        routes.get("/api/v1/statuses/:id") { call in
            let (id, viewer) = (try call.id(), try call.viewer("read:statuses"))
            let answer = try await call.present { db, present in
                try present.status(Self.visible(id, viewer, db))
            }
            return .json(answer, headers: Self.tag(answer))
        }
        routes.put("/api/v1/statuses/:id") { call in try await edit(call) }
        routes.delete("/api/v1/statuses/:id") { call in
            let account = try call.account("write:statuses")
            return .json(
                try await call.community.statuses.delete(
                    try call.id(), by: account, deleteMedia: call.form.bool("delete_media") ?? false))
        }
        routes.get("/api/v1/statuses/:id/context") { call in
            let (id, viewer) = (try call.id(), try call.viewer("read:statuses"))
            return .json(
                try await call.present { db, present in
                    let status = try Self.visible(id, viewer, db)
                    return [
                        "ancestors": try present.statuses(db.ancestors(of: status, viewer: viewer, limit: 60)),
                        "descendants": try present.statuses(db.descendants(of: status, viewer: viewer, limit: 200)),
                    ]
                })
        }
        routes.get("/api/v1/statuses/:id/source") { call in
            let account = try call.account("read:statuses")
            let id = try call.id()
            return .json(
                try await call.community.database.read { db in
                    let status = try Self.visible(id, account.id, db)
                    guard status.accountID == account.id else { throw APIError.notFound }
                    return ["id": String(id), "text": status.text, "spoiler_text": status.spoilerText]
                })
        }
        routes.get("/api/v1/statuses/:id/history") { call in try await history(call) }
        routes.get("/api/v1/statuses/:id/favourited_by") { call in
            try await people(call) { db, id, page in try db.favouriters(of: id, page: page) }
        }
        routes.get("/api/v1/statuses/:id/reblogged_by") { call in
            try await people(call) { db, id, page in try db.rebloggers(of: id, page: page) }
        }
        addMarks(to: routes)
    }

    /// What people do to posts.
    private func addMarks(to routes: Routing) {
        for (name, on) in [("favourite", true), ("unfavourite", false)] {
            routes.post("/api/v1/statuses/:id/\(name)") { call in
                let account = try call.account("write:favourites")
                return try await present(
                    call, call.community.statuses.setFavourite(on, try call.id(), by: account))
            }
        }
        for (name, on) in [("bookmark", true), ("unbookmark", false)] {
            routes.post("/api/v1/statuses/:id/\(name)") { call in
                let account = try call.account("write:bookmarks")
                return try await present(call, call.community.statuses.setBookmark(on, try call.id(), by: account))
            }
        }
        routes.post("/api/v1/statuses/:id/reblog") { call in
            let account = try call.account("write:statuses")
            return try await present(call, call.community.statuses.reblog(try call.id(), by: account))
        }
        routes.post("/api/v1/statuses/:id/unreblog") { call in
            let account = try call.account("write:statuses")
            return try await present(call, call.community.statuses.unreblog(try call.id(), by: account))
        }
    }

    static func visible(_ id: RecordID, _ viewer: RecordID?, _ db: any ReadTransaction) throws -> StatusRecord {
        guard let status = try db.status(id, viewer: viewer) else { throw APIError.notFound }
        return status
    }

    /// The revision, for conditional writes (RFC 9110 section 8.8.3).
    private static func tag(_ answer: StatusAnswer) -> HTTPFields {
        [.eTag: "\"\(answer.entity.fixative?.revision ?? 1)\""]
    }

    private func present(_ call: Call, _ status: StatusRecord) async throws -> Response {
        .json(try await call.present { _, present in try present.status(status) })
    }

    private func publish(_ call: Call) async throws -> Response {
        let account = try call.account("write:statuses")
        let form = call.form
        for unsupported in ["scheduled_at", "poll[options]", "quoted_status_id"]
        where form.nonEmpty(unsupported) != nil || form.strings(unsupported) != nil {
            throw APIError.invalid("This community has no \(unsupported.prefix { $0 != "[" })")
        }
        var request = StatusService.Request()
        request.text = Self.text(form.string("status") ?? "", title: form.nonEmpty("title"))
        request.spoilerText = form.string("spoiler_text") ?? ""
        request.sensitive = form.bool("sensitive")
        if let name = form.nonEmpty("visibility") {
            guard let visibility = Visibility(rawValue: name) else {
                throw APIError.invalid("Visibility is not public, unlisted, private or direct")
            }
            request.visibility = visibility
        }
        request.language = form.nonEmpty("language")
        if let parent = form.nonEmpty("in_reply_to_id") {
            guard let id = RecordID(parent) else { throw APIError.notFound }
            request.inReplyTo = id
        }
        request.mediaIDs = try Self.mediaIDs(form) ?? []
        if call.community.configuration.hasSyncExtension, let id = form.nonEmpty("client_id") {
            guard let id = ClientID(id) else { throw APIError.invalid("client_id is not a UUID") }
            request.clientID = id.description
        }
        if let mark = form.nonEmpty("mark_id") {
            guard let mark = MarkID(mark) else { throw APIError.invalid("mark_id is not 16 hex digits") }
            request.markID = mark.description
        }
        request.license = try Self.short(form, "license")
        request.recipe = try Self.short(form, "recipe")
        if let key = call.request.headers[.init("Idempotency-Key")!], !key.isEmpty {
            guard key.utf8.count <= 255 else { throw APIError.badRequest("Idempotency-Key is too long") }
            request.idempotencyKey = key
        }
        if let session = call.context.session {
            let app = try await call.community.database.read { db in try db.app(session.token.appID) }
            request.appName = app?.name
            request.appWebsite = app?.website
        }
        let outcome = try await call.community.statuses.publish(request, by: account)
        return try await present(call, outcome.status)
    }

    /// The title is the first line of a post.
    private static func text(_ text: String, title: String?) -> String {
        guard let title = title.map(PlainText.line), !title.isEmpty else { return text }
        let first = PlainText.clean(text).split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first
        if let first, first == title { return text }
        return text.isEmpty ? title : "\(title)\n\n\(text)"
    }

    private static func short(_ form: Form, _ name: String) throws -> String? {
        guard let value = form.nonEmpty(name).map(PlainText.line) else { return nil }
        guard value.utf8.count <= 200 else { throw APIError.invalid("\(name) is longer than 200 bytes") }
        return value
    }

    private static func mediaIDs(_ form: Form) throws -> [RecordID]? {
        try form.strings("media_ids")?.filter { !$0.isEmpty }.map { text in
            guard let id = RecordID(text) else { throw APIError.invalid("A picture is not there") }
            return id
        }
    }

    private func edit(_ call: Call) async throws -> Response {
        let account = try call.account("write:statuses")
        let form = call.form
        var edit = StatusService.Edit()
        edit.text = form.string("status")
        edit.spoilerText = form.string("spoiler_text")
        edit.sensitive = form.bool("sensitive")
        edit.language = form.nonEmpty("language")
        edit.license = try Self.short(form, "license")
        edit.mediaIDs = try Self.mediaIDs(form)
        for item in form.objects("media_attributes") {
            guard let id = item["id"].flatMap({ RecordID($0) }) else { throw APIError.notFound }
            if let text = item["description"] { edit.descriptions[id] = text }
        }
        if let tag = call.request.headers[.ifMatch], tag != "*" {
            guard let revision = Int(tag.replacing("W/", with: "").filter { $0 != "\"" }) else {
                throw APIError(.preconditionFailed, "If-Match is not a revision")
            }
            edit.expectedRevision = revision
        }
        let status = try await call.community.statuses.edit(try call.id(), edit, by: account)
        let answer = try await call.present { _, present in try present.status(status) }
        return .json(answer, headers: Self.tag(answer))
    }

    /// Mastodon's StatusEdit entity.
    private struct Version: Encodable {
        var content: String
        var spoilerText: String
        var sensitive: Bool
        var createdAt: String
        var account: AccountAnswer
        var mediaAttachments: [MediaAnswer]
        var emojis: [String] = []

        enum CodingKeys: String, CodingKey {
            case content, sensitive, account, emojis
            case spoilerText = "spoiler_text"
            case createdAt = "created_at"
            case mediaAttachments = "media_attachments"
        }
    }

    private func history(_ call: Call) async throws -> Response {
        let (id, viewer) = (try call.id(), try call.viewer("read:statuses"))
        return .json(
            try await call.present { db, present in
                let status = try Self.visible(id, viewer, db)
                let answer = try present.status(status)
                var versions = try db.versions(of: id)
                versions.append(
                    StatusVersion(
                        statusID: id, revision: status.revision, text: status.text, spoilerText: status.spoilerText,
                        sensitive: status.sensitive, createdAt: status.editedAt ?? status.createdAt))
                return versions.map { version in
                    Version(
                        content: StatusText(version.text).html(base: present.base, accounts: []),
                        spoilerText: version.spoilerText, sensitive: version.sensitive,
                        createdAt: WireDate.string(version.createdAt), account: answer.account,
                        mediaAttachments: answer.media)
                }
            })
    }

    private func people(
        _ call: Call,
        _ query: @escaping @Sendable (any ReadTransaction, RecordID, Page) throws -> [Positioned<AccountRecord>]
    ) async throws -> Response {
        let (id, viewer) = (try call.id(), try call.viewer("read:accounts"))
        let page = try call.page(standard: 40, maximum: 80)
        let (answers, positions) = try await call.present { db, present in
            _ = try Self.visible(id, viewer, db)
            let found = try query(db, id, page)
            return (try present.accounts(found.map(\.element)), found.map(\.position))
        }
        return call.list(answers, positions: positions, page: page)
    }
}
