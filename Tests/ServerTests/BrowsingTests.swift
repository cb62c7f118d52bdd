import API
import Foundation
import Server
import Testing

struct BrowsingTests {
    /// The target of a relation in a `Link` header, as path and query.
    private static func link(_ answer: Answer, _ relation: String) -> String? {
        for part in (answer.header("Link") ?? "").components(separatedBy: ", ")
        where part.hasSuffix("rel=\"\(relation)\"") {
            let url = part.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
            return url.components(separatedBy: "localhost").last
        }
        return nil
    }

    @Test(arguments: [
        "/api/v1/timelines/public?limit=3", "/api/v1/timelines/home?limit=3", "/api/v1/timelines/tag/%E6%B0%B4?limit=3",
        "/api/v1/accounts/ME/statuses?limit=3&only_media=false", "/api/v1/favourites?limit=3",
        "/api/v1/bookmarks?limit=3",
    ])
    func linksLeadThroughAListOnceAndBack(_ path: String) async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            var ids: [String] = []
            for index in 0..<10 {
                let status = try await test.publish("\(index) #水", as: mei)
                _ = try await test.post("/api/v1/statuses/\(status.id)/favourite", as: mei)
                _ = try await test.post("/api/v1/statuses/\(status.id)/bookmark", as: mei)
                ids.append(status.id)
            }
            var seen: [String] = []
            var next: String? = path.replacing("ME", with: mei.id)
            var back: String?
            while let uri = next {
                let answer = try await test.get(uri, as: mei)
                let page = try answer.decode([StatusEntity].self).map(\.id)
                #expect(page.count <= 3)
                seen += page
                next = Self.link(answer, "next")
                back = Self.link(answer, "prev") ?? back
            }
            #expect(seen == ids.reversed())
            let newer = try await test.get(try #require(back), as: mei).decode([StatusEntity].self)
            #expect(newer.map(\.id) == [ids[3], ids[2], ids[1]] || newer.map(\.id) == ids[1...3].reversed())
        }
    }

    @Test func minIDIsJustAboveAndSinceIDIsTheNewest() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            var ids: [String] = []
            for index in 0..<6 { ids.append(try await test.publish("\(index)", as: mei).id) }
            func page(_ query: String) async throws -> [String] {
                try await test.get("/api/v1/timelines/public?\(query)").decode([StatusEntity].self).map(\.id)
            }
            #expect(try await page("min_id=\(ids[0])&limit=2") == [ids[2], ids[1]])
            #expect(try await page("since_id=\(ids[0])&limit=2") == [ids[5], ids[4]])
            #expect(try await page("max_id=\(ids[2])&limit=2") == [ids[1], ids[0]])
            #expect(try await page("limit=999").count == 6)
        }
    }

    @Test(arguments: [
        ("水", 2), ("水彩", 1), ("彩", 1), ("water*", 1), ("waterfall", 1), ("WATERFALL", 1), ("water", 0),
        ("tag:sea", 1), ("by:mei", 3), ("by:nobody", 0), ("has:alt", 1), ("灯", 1), ("-tag:sea by:mei", 2),
        ("is:mine", 3), ("\"slow waterfall\"", 1), ("\"waterfall slow\"", 0), ("license:none", 3),
    ])
    func searchUnderstandsTheGrammar(_ query: String, _ count: Int) async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            _ = try await test.publish("水彩练习", as: mei)
            _ = try await test.publish("A slow waterfall\n\n#sea", as: mei)
            let media = try await test.media(1, as: mei, description: "夜里的灯和水")
            _ = try await test.publish("night", as: mei, ["media_ids": [.text(media.id)]])
            let answer = try await test.get("/api/v2/search?type=statuses&q=\(Harness.escape(query))", as: mei)
            #expect(try answer.decode(SearchEntity.self).statuses.count == count)
        }
    }

    @Test func searchFindsAccountsAndHashtagsAndPointsAtMistakes() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei_lin")
            _ = try await test.publish("#水彩 #watercolor", as: mei)
            let found = try await test.get("/api/v2/search?q=mei").decode(SearchEntity.self)
            #expect(found.accounts.map(\.username) == ["mei_lin"])
            let tags = try await test.get("/api/v2/search?q=water&type=hashtags").decode(SearchEntity.self)
            #expect(tags.hashtags.map(\.name) == ["watercolor"] && tags.statuses.isEmpty)
            let wrong = try await test.get("/api/v2/search?type=statuses&q=%28a")
            #expect(wrong.status == 422 && wrong.text.contains("^"))
        }
    }

    @Test func marksAndFollowsMakeNotifications() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let other = try await test.person("other")
            let status = try await test.publish("x", as: mei)
            for _ in 0..<2 {
                _ = try await test.post("/api/v1/statuses/\(status.id)/favourite", as: other)
                _ = try await test.post("/api/v1/accounts/\(mei.id)/follow", as: other)
            }
            let reblog = try await test.post("/api/v1/statuses/\(status.id)/reblog", as: other)
            #expect(reblog.text.contains("\"reblog\":{"))
            struct Item: Decodable { var type: String }
            let items = try await test.get("/api/v1/notifications", as: mei).decode([Item].self)
            #expect(Set(items.map(\.type)) == ["favourite", "follow", "reblog"] && items.count == 3)
            let after = try await test.get("/api/v1/statuses/\(status.id)", as: other).decode(StatusEntity.self)
            #expect(after.favouritesCount == 1 && after.favourited && after.reblogged && after.reblogsCount == 1)
            let undone = try await test.post("/api/v1/statuses/\(status.id)/unreblog", as: other)
            #expect(try undone.decode(StatusEntity.self).reblogsCount == 0)
        }
    }

    @Test func theInstanceSaysWhatItCanDo() async throws {
        try await Harness.run { test in
            let instance = try await test.get("/api/v2/instance/").decode(InstanceEntity.self)
            #expect(instance.apiVersions == ["mastodon": 4, "fixative-sync": 1])
            #expect(instance.configuration?.mediaAttachments?.supportedMIMETypes.contains("image/webp") == true)
            for path in [
                "/api/v1/instance", "/.well-known/nodeinfo", "/nodeinfo/2.0", "/health",
                "/.well-known/oauth-authorization-server",
            ] {
                #expect(try await test.get(path).status == 200)
            }
            let missing = try await test.get("/api/v1/nothing")
            #expect(missing.status == 404 && missing.text.contains("\"error\""))
        }
    }

    @Test func tooManyRequestsAreRefusedWithTheTimeToWait() async throws {
        try await Harness.run({ $0.rateLimits.all.requests = 3 }) { test in
            for left in [2, 1, 0] {
                let answer = try await test.get("/api/v1/timelines/public")
                #expect(answer.status == 200 && answer.header("X-RateLimit-Remaining") == "\(left)")
            }
            let refused = try await test.get("/api/v1/timelines/public")
            #expect(refused.status == 429 && refused.header("Retry-After") == "300")
            test.clock.advance(by: 301)
            #expect(try await test.get("/api/v1/timelines/public").status == 200)
        }
    }

    @Test func profilesCanBeChanged() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let body = Multipart.body([
                Multipart.Part(name: "display_name", data: Data("林梅".utf8)),
                Multipart.Part(name: "note", data: Data("<b>hi</b>".utf8)),
                Multipart.Part(name: "avatar", fileName: "a.png", data: try Harness.png(9)),
            ])
            let account = try await test.send(
                .patch, "/api/v1/accounts/update_credentials", as: mei, headers: [("Content-Type", Multipart.type)],
                body: body
            ).decode(AccountEntity.self)
            #expect(account.displayName == "林梅" && account.note == "<p>&lt;b&gt;hi&lt;/b&gt;</p>")
            #expect(account.source?.note == "<b>hi</b>")
            let picture = try await test.get(try #require(URL(string: account.avatar)).path)
            #expect(picture.data == (try Harness.png(9)))
            #expect(try await test.server.check() == [])
        }
    }
}
