import API
import Core
import Hummingbird

/// `GET /api/v2/search`: accounts, posts by the grammar of `SearchQuery`, hashtags.
struct SearchRoutes: RouteGroup {
    func add(to routes: Routing) {
        routes.get("/api/v2/search") { call in try await search(call) }
    }

    private struct Answer: Encodable {
        var accounts: [AccountAnswer] = []
        var statuses: [StatusAnswer] = []
        var hashtags: [StatusEntity.Tag] = []
    }

    private func search(_ call: Call) async throws -> Response {
        let viewer = try call.viewer("read:search")
        let page = try call.page()
        guard let text = call.form.nonEmpty("q") else { throw APIError.badRequest("q is missing") }
        guard text.utf8.count <= SearchParser.maximumLength else { throw APIError.invalid("q is too long") }
        let type = call.form.nonEmpty("type")
        var answer = Answer()
        if type == nil || type == "accounts" {
            answer.accounts = try await call.present { db, present in
                try present.accounts(db.accounts(matching: text, page: page))
            }
        }
        if type == nil || type == "hashtags" {
            answer.hashtags = try await call.present { db, present in
                try db.tags(matching: text, limit: page.limit, offset: page.offset).map { present.tag($0.name) }
            }
        }
        if type == nil || type == "statuses" {
            let ids = try await call.community.search.statuses(
                matching: try query(text, call), viewer: viewer, page: page)
            answer.statuses = try await call.present { db, present in
                try present.statuses(db.statuses(ids, viewer: viewer))
            }
        }
        return .json(answer)
    }

    private func query(_ text: String, _ call: Call) throws -> SearchQuery {
        do {
            let query = try SearchParser.parse(text)
            return query
        } catch let error as SearchSyntaxError {
            throw APIError(.unprocessableContent, error.message(in: .english), "\(error)")
        }
    }
}
