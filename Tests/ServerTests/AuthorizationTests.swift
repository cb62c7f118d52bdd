import API
import Foundation
import Hummingbird
import Server
import Testing

/// Every route that changes something, tried by strangers, by other accounts and with tokens that may only read.
struct AuthorizationTests {
    struct Route: Sendable, CustomTestStringConvertible {
        var method: HTTPRequest.Method
        var path: String
        var body: [String: JSON] = [:]
        /// What another account gets: 404 (the thing is not theirs) or 200 (the act is their own).
        var forOthers: Int

        var testDescription: String { "\(method) \(path)" }
    }

    static let routes: [Route] = [
        Route(method: .patch, path: "/api/v1/accounts/update_credentials", body: ["note": "x"], forOthers: 200),
        Route(method: .post, path: "/api/v1/accounts/OWNER/follow", forOthers: 200),
        Route(method: .post, path: "/api/v1/accounts/OWNER/unfollow", forOthers: 200),
        Route(method: .post, path: "/api/v1/statuses", body: ["status": "x"], forOthers: 200),
        Route(method: .put, path: "/api/v1/statuses/PRIVATE", body: ["status": "x"], forOthers: 404),
        Route(method: .put, path: "/api/v1/statuses/PUBLIC", body: ["status": "x"], forOthers: 404),
        Route(method: .delete, path: "/api/v1/statuses/PRIVATE", forOthers: 404),
        Route(method: .delete, path: "/api/v1/statuses/PUBLIC", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PRIVATE/favourite", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PRIVATE/unfavourite", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PRIVATE/bookmark", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PRIVATE/unbookmark", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PRIVATE/reblog", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PRIVATE/unreblog", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses/PUBLIC/favourite", forOthers: 200),
        Route(method: .put, path: "/api/v1/media/MEDIA", body: ["description": "x"], forOthers: 404),
        Route(method: .delete, path: "/api/v1/media/MEDIA", forOthers: 404),
        Route(method: .post, path: "/api/v1/statuses", body: ["media_ids": ["MEDIA"]], forOthers: 422),
        Route(
            method: .post, path: "/api/v1/statuses", body: ["status": "x", "in_reply_to_id": "PRIVATE"], forOthers: 404),
        Route(method: .post, path: "/api/v1/notifications/clear", forOthers: 200),
    ]

    @Test(arguments: routes) func mutationsAskWhoIsCalling(_ route: Route) async throws {
        try await Harness.run { test in
            let owner = try await test.person("owner")
            let other = try await test.person("other")
            let reader = Harness.Person(id: other.id, token: try await test.token("other", scopes: "read"))
            let hidden = try await test.publish("hidden", as: owner, ["visibility": "private"])
            let open = try await test.publish("open", as: owner)
            let media = try await test.media(1, as: owner)
            func fill(_ text: String) -> String {
                text.replacing("OWNER", with: owner.id).replacing("PRIVATE", with: hidden.id)
                    .replacing("PUBLIC", with: open.id).replacing("MEDIA", with: media.id)
            }
            let body = route.body.mapValues { value -> JSON in
                switch value {
                case .text(let text): .text(fill(text))
                case .list(let list): .list(list.map { if case .text(let text) = $0 { .text(fill(text)) } else { $0 } })
                default: value
                }
            }
            let path = fill(route.path)
            #expect(try await test.post(path, body, method: route.method).status == 401)
            #expect(try await test.post(path, as: reader, body, method: route.method).status == 403)
            #expect(try await test.post(path, as: other, body, method: route.method).status == route.forOthers)
            let after = try await test.get("/api/v1/statuses/\(hidden.id)", as: owner).decode(StatusEntity.self)
            #expect(after.fixative?.revision == 1 && after.favouritesCount == 0 && after.repliesCount == 0)
        }
    }

    @Test(arguments: [
        "/api/v1/statuses/PRIVATE", "/api/v1/statuses/PRIVATE/context", "/api/v1/statuses/PRIVATE/history",
        "/api/v1/statuses/PRIVATE/source", "/api/v1/statuses/PRIVATE/favourited_by", "/api/v1/statuses/PUBLIC/source",
        "/api/v1/media/MEDIA", "/api/v1/fixative/marks/00000000000000aa",
        "/api/v1/fixative/statuses/by_client_id/01937b5e-1111-7222-8333-444455556666",
    ])
    func readsHideWhatIsNotForTheViewer(_ path: String) async throws {
        try await Harness.run { test in
            let owner = try await test.person("owner")
            let other = try await test.person("other")
            let hidden = try await test.publish(
                "hidden", as: owner,
                [
                    "visibility": "private", "mark_id": "00000000000000aa",
                    "client_id": "01937b5e-1111-7222-8333-444455556666",
                ])
            let open = try await test.publish("open", as: owner)
            let media = try await test.media(1, as: owner)
            let filled = path.replacing("PRIVATE", with: hidden.id).replacing("PUBLIC", with: open.id)
                .replacing("MEDIA", with: media.id)
            #expect(try await test.get(filled, as: owner).status == 200)
            #expect(try await test.get(filled, as: other).status == 404)
        }
    }

    @Test func listsShowPrivatePostsToFollowersOnly() async throws {
        try await Harness.run { test in
            let owner = try await test.person("owner")
            let other = try await test.person("other")
            _ = try await test.publish("hidden water", as: owner, ["visibility": "private"])
            _ = try await test.publish("for nobody water", as: owner, ["visibility": "direct"])
            _ = try await test.publish("psst @other water", as: owner, ["visibility": "direct"])
            func seen(_ path: String) async throws -> [String] {
                let answer = try await test.get(path, as: other)
                if path.contains("search") { return try answer.decode(SearchEntity.self).statuses.map(\.status.text) }
                return try answer.decode([StatusEntity].self).map(\.status.text)
            }
            let account = "/api/v1/accounts/\(owner.id)/statuses"
            #expect(try await seen(account) == ["psst @other water"])
            #expect(try await seen("/api/v2/search?q=water") == ["psst @other water"])
            #expect(try await seen("/api/v1/timelines/public") == [])
            _ = try await test.post("/api/v1/accounts/\(owner.id)/follow", as: other)
            #expect(try await seen(account) == ["psst @other water", "hidden water"])
            #expect(try await seen("/api/v1/timelines/home") == ["psst @other water", "hidden water"])
            #expect(try await test.get(account).text == "[]")
        }
    }
}
