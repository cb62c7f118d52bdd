import API
import Core
import Foundation
import Hummingbird

/// Registration, profiles, following.
struct AccountRoutes: RouteGroup {
    func add(to routes: Routing) {
        routes.post("/api/v1/accounts") { call in try await register(call) }
        routes.get("/api/v1/accounts/verify_credentials") { call in
            let account = try call.account("read:accounts")
            return .json(try await call.present { _, present in try present.account(account, withSource: true) })
        }
        routes.patch("/api/v1/accounts/update_credentials") { call in try await update(call) }
        routes.get("/api/v1/accounts/lookup") { call in
            let name = String((call.form.nonEmpty("acct") ?? "").drop { $0 == "@" }.prefix { $0 != "@" })
            return .json(
                try await call.present { db, present in
                    guard let account = try db.account(named: name) else { throw APIError.notFound }
                    return try present.account(account)
                })
        }
        routes.get("/api/v1/accounts/search") { call in
            _ = try call.account("read:accounts")
            let page = try call.page(standard: 40, maximum: 80)
            let text = call.form.nonEmpty("q") ?? ""
            return .json(
                try await call.present { db, present in
                    text.isEmpty ? [] : try present.accounts(db.accounts(matching: text, page: page))
                })
        }
        routes.get("/api/v1/accounts/relationships") { call in try await relationships(call) }
        routes.get("/api/v1/accounts") { call in
            let ids = (call.form.strings("id") ?? []).prefix(40).compactMap { RecordID($0) }
            return .json(
                try await call.present { db, present in
                    let found = try db.accounts(Set(ids))
                    return try present.accounts(ids.compactMap { found[$0] })
                })
        }
        routes.get("/api/v1/accounts/:id") { call in
            let id = try call.id()
            return .json(
                try await call.present { db, present in
                    guard let account = try db.account(id) else { throw APIError.notFound }
                    return try present.account(account)
                })
        }
        routes.get("/api/v1/accounts/:id/statuses") { call in try await statuses(call) }
        routes.get("/api/v1/accounts/:id/followers") { call in
            try await people(call) { db, id, page in try db.followers(of: id, page: page) }
        }
        routes.get("/api/v1/accounts/:id/following") { call in
            try await people(call) { db, id, page in try db.following(of: id, page: page) }
        }
        routes.post("/api/v1/accounts/:id/follow") { call in
            let account = try call.account("write:follows")
            try await call.community.accounts.follow(
                try call.id(), by: account, reblogs: call.form.bool("reblogs") ?? true,
                notify: call.form.bool("notify") ?? false)
            return try await relationship(call, account)
        }
        routes.post("/api/v1/accounts/:id/unfollow") { call in
            let account = try call.account("write:follows")
            try await call.community.accounts.unfollow(try call.id(), by: account)
            return try await relationship(call, account)
        }
    }

    private func register(_ call: Call) async throws -> Response {
        guard call.community.configuration.openRegistration else {
            throw APIError(.forbidden, "Registrations are closed", "Ask whoever runs this community for an account.")
        }
        guard let session = call.context.session else { throw APIError.invalidToken }
        guard session.token.scopes.allow("write:accounts") else { throw APIError.scope("write:accounts") }
        guard call.form.bool("agreement") == true else { throw APIError.invalid("Agreement must be accepted") }
        let account = try await call.community.accounts.register(
            username: call.form.string("username") ?? "", email: call.form.string("email") ?? "",
            password: call.form.string("password") ?? "")
        let app = try await call.community.database.read { db in try db.app(session.token.appID) }
        guard let app else { throw APIError.invalidToken }
        return .json(try await call.community.oauth.issue(app, account.id, session.token.scopes))
    }

    private func update(_ call: Call) async throws -> Response {
        let account = try call.account("write:accounts")
        let form = call.form
        var profile = AccountService.Profile(
            displayName: form.string("display_name"), note: form.string("note"), locked: form.bool("locked"),
            bot: form.bool("bot"), discoverable: form.bool("discoverable"),
            sensitive: form.bool("source[sensitive]"), language: form.nonEmpty("source[language]"))
        if let privacy = form.nonEmpty("source[privacy]") {
            guard let visibility = Visibility(rawValue: privacy) else { throw APIError.invalid("Privacy is not known") }
            profile.visibility = visibility
        }
        let fields = form.objects("fields_attributes")
        if !fields.isEmpty {
            profile.fields = fields.compactMap { field in
                let made = ProfileField(name: field["name"] ?? "", value: field["value"] ?? "")
                return made.name.isEmpty && made.value.isEmpty ? nil : made
            }
        }
        if let file = form.files["avatar"] {
            profile.avatar = try await call.community.media.profilePicture(file.url)
        }
        if let file = form.files["header"] {
            profile.header = try await call.community.media.profilePicture(file.url)
        }
        let updated = try await call.community.accounts.update(account.id, profile)
        return .json(try await call.present { _, present in try present.account(updated, withSource: true) })
    }

    private func relationships(_ call: Call) async throws -> Response {
        let account = try call.account("read:follows")
        let ids = (call.form.strings("id") ?? []).prefix(80).compactMap { RecordID($0) }
        let answers = try await call.community.database.read { db in
            let known = try db.accounts(Set(ids))
            let relations = try db.relations(of: account.id, to: ids)
            return ids.filter { known[$0] != nil }.map {
                RelationshipAnswer(id: $0, relations[$0] ?? RelationRecord())
            }
        }
        return .json(answers)
    }

    private func relationship(_ call: Call, _ account: AccountRecord) async throws -> Response {
        let id = try call.id()
        let relation = try await call.community.database.read { db in try db.relations(of: account.id, to: [id])[id] }
        return .json(RelationshipAnswer(id: id, relation ?? RelationRecord()))
    }

    private func statuses(_ call: Call) async throws -> Response {
        let id = try call.id()
        let viewer = try call.viewer("read:statuses")
        let page = try call.page()
        let onlyMedia = call.form.bool("only_media") ?? false
        let kind = TimelineKind.account(
            id, excludeReplies: call.form.bool("exclude_replies") ?? false,
            excludeReblogs: call.form.bool("exclude_reblogs") ?? onlyMedia)
        // There are no pinned posts.
        if call.form.bool("pinned") == true { return .json([String]()) }
        let answers = try await call.present { db, present in
            guard try db.account(id) != nil else { throw APIError.notFound }
            return try present.statuses(db.timeline(kind, viewer: viewer, onlyMedia: onlyMedia, page: page))
        }
        return call.list(answers, positions: answers.compactMap { RecordID($0.entity.id) }, page: page)
    }

    private func people(
        _ call: Call,
        _ query: @escaping @Sendable (any ReadTransaction, RecordID, Page) throws -> [Positioned<AccountRecord>]
    ) async throws -> Response {
        let id = try call.id()
        _ = try call.viewer("read:accounts")
        let page = try call.page(standard: 40, maximum: 80)
        let (answers, positions) = try await call.present { db, present in
            guard try db.account(id) != nil else { throw APIError.notFound }
            let found = try query(db, id, page)
            return (try present.accounts(found.map(\.element)), found.map(\.position))
        }
        return call.list(answers, positions: positions, page: page)
    }
}
