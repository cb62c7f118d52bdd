import API
import Core
import Hummingbird

/// The sync extension: `api_versions: {"fixative-sync": 1}`.
struct SyncRoutes: RouteGroup {
    func add(to routes: Routing) {
        guard routes.community.configuration.hasSyncExtension else { return }
        routes.get("/api/v1/fixative/changes") { call in
            let account = try call.account("read:statuses")
            let limit = min(max(try call.form.int("limit") ?? 200, 1), 500)
            return .json(
                try await call.community.changes.changes(
                    since: call.form.nonEmpty("since"), limit: limit, viewer: account.id))
        }
        routes.get("/api/v1/fixative/statuses/by_client_id/:client_id") { call in
            let account = try call.account("read:statuses")
            guard let id = ClientID(try call.text("client_id")) else { throw APIError.notFound }
            return .json(
                try await call.present { db, present in
                    guard let known = try db.publication(.client(id.description), account: account.id) else {
                        throw APIError.notFound
                    }
                    if let deleted = known.deletedAt { throw StatusService.gone(known.statusID, deleted) }
                    return try present.status(StatusRoutes.visible(known.statusID, account.id, db))
                })
        }
        routes.delete("/api/v1/fixative/statuses/by_client_id/:client_id") { call in
            let account = try call.account("write:statuses")
            guard let id = ClientID(try call.text("client_id")) else { throw APIError.notFound }
            try await call.community.statuses.withdraw(clientID: id.description, by: account)
            return .emptyObject
        }
        routes.get("/api/v1/fixative/marks/:mark") { call in
            let viewer = try call.viewer("read:statuses")
            guard let mark = MarkID(try call.text("mark")) else { throw APIError.notFound }
            return .json(
                try await call.present { db, present in
                    guard let id = try db.status(mark: mark.description)?.id else { throw APIError.notFound }
                    let status = try present.status(StatusRoutes.visible(id, viewer, db))
                    return MarkAnswer(markID: mark.description, account: status.account, status: status)
                })
        }
    }
}
