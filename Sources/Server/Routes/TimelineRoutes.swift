import API
import Core
import Hummingbird

/// Lists of posts, and what happened to one's own.
struct TimelineRoutes: RouteGroup {
    func add(to routes: Routing) {
        routes.get("/api/v1/timelines/home") { call in
            let account = try call.account("read:statuses")
            return try await timeline(call, .home(account.id))
        }
        routes.get("/api/v1/timelines/public") { call in
            // Every post is local: there is no federation.
            if call.form.bool("remote") == true { return .json([String]()) }
            return try await timeline(call, .public)
        }
        routes.get("/api/v1/timelines/tag/:tag") { call in
            try await timeline(call, .tag(StatusText.normalised(try call.text("tag"))))
        }
        routes.get("/api/v1/favourites") { call in
            let account = try call.account("read:favourites")
            return try await marked(call) { db, page in try db.favourites(of: account.id, page: page) }
        }
        routes.get("/api/v1/bookmarks") { call in
            let account = try call.account("read:bookmarks")
            return try await marked(call) { db, page in try db.bookmarks(of: account.id, page: page) }
        }
        routes.get("/api/v1/notifications") { call in try await notifications(call) }
        routes.post("/api/v1/notifications/clear") { call in
            let account = try call.account("write:notifications")
            try await call.community.database.write { db in try db.deleteNotifications(of: account.id, id: nil) }
            return .emptyObject
        }
        routes.post("/api/v1/notifications/:id/dismiss") { call in
            let account = try call.account("write:notifications")
            let id = try call.id()
            try await call.community.database.write { db in try db.deleteNotifications(of: account.id, id: id) }
            return .emptyObject
        }
    }

    private func timeline(_ call: Call, _ kind: TimelineKind) async throws -> Response {
        let viewer = try call.viewer("read:statuses")
        let page = try call.page()
        let onlyMedia = call.form.bool("only_media") ?? false
        let answers = try await call.present { db, present in
            try present.statuses(db.timeline(kind, viewer: viewer, onlyMedia: onlyMedia, page: page))
        }
        return call.list(answers, positions: answers.compactMap { RecordID($0.entity.id) }, page: page)
    }

    private func marked(
        _ call: Call,
        _ query: @escaping @Sendable (any ReadTransaction, Page) throws -> [Positioned<StatusRecord>]
    ) async throws -> Response {
        let page = try call.page()
        let (answers, positions) = try await call.present { db, present in
            let found = try query(db, page)
            return (try present.statuses(found.map(\.element)), found.map(\.position))
        }
        return call.list(answers, positions: positions, page: page)
    }

    /// Mastodon's Notification entity.
    private struct NotificationAnswer: Encodable {
        var id: String
        var type: String
        var createdAt: String
        var account: AccountAnswer
        var status: StatusAnswer?

        enum CodingKeys: String, CodingKey {
            case id, type, account, status
            case createdAt = "created_at"
        }
    }

    private static func kinds(_ names: [String]) -> [NotificationRecord.Kind] {
        names.compactMap { NotificationRecord.Kind(rawValue: $0) }
    }

    private func notifications(_ call: Call) async throws -> Response {
        let account = try call.account("read:notifications")
        let page = try call.page(standard: 40, maximum: 80)
        var kinds = Set(NotificationRecord.Kind.allCases)
        if let wanted = call.form.strings("types") { kinds.formIntersection(Self.kinds(wanted)) }
        kinds.subtract(Self.kinds(call.form.strings("exclude_types") ?? []))
        let (answers, positions) = try await call.present { [kinds] db, present in
            let found = try db.notifications(of: account.id, kinds: kinds, page: page)
            let people = try db.accounts(Set(found.map(\.fromID)))
            let answers = try found.compactMap { item -> NotificationAnswer? in
                guard let from = people[item.fromID] else { return nil }
                let status = try item.statusID.flatMap { try db.status($0, viewer: account.id) }
                return NotificationAnswer(
                    id: String(item.id), type: item.kind.rawValue, createdAt: WireDate.string(item.createdAt),
                    account: try present.account(from), status: try status.map(present.status))
            }
            return (answers, found.map(\.id))
        }
        return call.list(answers, positions: positions, page: page)
    }
}
