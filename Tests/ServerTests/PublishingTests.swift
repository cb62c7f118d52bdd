import API
import Foundation
import Server
import Testing

struct PublishingTests {
    private static let clientID = "01937b5e-1111-7222-8333-444455556666"

    @Test func aRetryWithTheSameClientIDGivesTheSamePost() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let media = try await test.media(1, as: mei)
            let body: [String: JSON] = [
                "status": "水 #水彩", "media_ids": [.text(media.id)], "client_id": .text(Self.clientID),
                "mark_id": "00112233445566FF", "license": "CC-BY-4.0", "recipe": "subtle", "title": "Title",
            ]
            let first = try await test.post("/api/v1/statuses", as: mei, body).decode(StatusEntity.self)
            #expect(first.fixative?.clientID == Self.clientID && first.fixative?.markID == "00112233445566ff")
            #expect(first.fixative?.license == "CC-BY-4.0" && first.fixative?.recipe == "subtle")
            #expect(first.status.title == "Title" && first.tags.map(\.name) == ["水彩"])
            test.clock.advance(by: 100 * 86_400)
            try await test.community.expire()
            let again = try await test.post("/api/v1/statuses", as: mei, body)
            #expect(try again.decode(StatusEntity.self).id == first.id && again.status == 200)
            var other = body
            other["status"] = "something else"
            #expect(try await test.post("/api/v1/statuses", as: mei, other).status == 422)
            let byID = try await test.get("/api/v1/fixative/statuses/by_client_id/\(Self.clientID)", as: mei)
            #expect(try byID.decode(StatusEntity.self).id == first.id)
            // The same id of another account is another post.
            let stranger = try await test.person("stranger")
            let theirs = try await test.publish("theirs", as: stranger, ["client_id": .text(Self.clientID)])
            #expect(theirs.id != first.id)
        }
    }

    @Test func theSameBytesUploadedAgainAreTheSamePost() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let first = try await test.media(1, as: mei)
            let second = try await test.media(1, as: mei)
            func publish(_ media: MediaEntity) async throws -> StatusEntity {
                try await test.post(
                    "/api/v1/statuses", as: mei,
                    ["status": "x", "media_ids": [.text(media.id)], "client_id": .text(Self.clientID)]
                ).decode(StatusEntity.self)
            }
            #expect(try await publish(first).id == publish(second).id)
        }
    }

    @Test func aRetryAfterDeletionIsGone() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let status = try await test.publish("x", as: mei, ["client_id": .text(Self.clientID)])
            #expect(try await test.send(.delete, "/api/v1/statuses/\(status.id)", as: mei).status == 200)
            for _ in 0..<2 {
                let retry = try await test.post(
                    "/api/v1/statuses", as: mei, ["status": "x", "client_id": .text(Self.clientID)])
                #expect(retry.status == 410 && retry.text.contains("\"id\":\"\(status.id)\""))
                #expect(retry.text.contains("deleted_at"))
                let byID = try await test.get("/api/v1/fixative/statuses/by_client_id/\(Self.clientID)", as: mei)
                #expect(byID.status == 410)
                test.clock.advance(by: 200 * 86_400)
                try await test.community.expire()
            }
        }
    }

    @Test func manyRetriesAtOnceMakeOnePost() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let media = try await test.media(1, as: mei)
            let body: [String: JSON] = [
                "status": "once", "media_ids": [.text(media.id)], "client_id": .text(Self.clientID),
            ]
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        try await test.post("/api/v1/statuses", as: mei, body).decode(StatusEntity.self).id
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            let all = try await test.get("/api/v1/accounts/\(mei.id)/statuses").decode([StatusEntity].self)
            #expect(all.count == 1)
        }
    }

    @Test func aPictureIsAttachedOnce() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let media = try await test.media(1, as: mei)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        try await test.post(
                            "/api/v1/statuses", as: mei,
                            ["status": .text("n\(index)"), "media_ids": [.text(media.id)]]
                        ).status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 422, 422, 422, 422, 422])
        }
    }

    @Test func idempotencyKeyIsHonouredForADay() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            func publish(_ text: String) async throws -> Answer {
                try await test.post(
                    "/api/v1/statuses", as: mei, ["status": .text(text)], headers: [("Idempotency-Key", "k1")])
            }
            let first = try await publish("a").decode(StatusEntity.self).id
            #expect(try await publish("a").decode(StatusEntity.self).id == first)
            #expect(try await publish("b").status == 422)
            test.clock.advance(by: 2 * 86_400)
            try await test.community.expire()
            #expect(try await publish("a").decode(StatusEntity.self).id != first)
        }
    }

    @Test func editsAreConditionalAndKeepTheirHistory() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let status = try await test.publish("one #a", as: mei)
            func edit(_ text: String, _ tag: String?) async throws -> Answer {
                try await test.post(
                    "/api/v1/statuses/\(status.id)", as: mei, ["status": .text(text)], method: .put,
                    headers: tag.map { [("If-Match", $0)] } ?? [])
            }
            #expect(try await edit("late", "\"7\"").status == 412)
            let second = try await edit("two #b", "\"1\"")
            #expect(try second.decode(StatusEntity.self).fixative?.revision == 2)
            #expect(second.header("ETag") == "\"2\"")
            #expect(try await edit("lost update", "\"1\"").status == 412)
            #expect(try await edit("two #b", nil).decode(StatusEntity.self).fixative?.revision == 2)
            let after = try await test.get("/api/v1/statuses/\(status.id)").decode(StatusEntity.self)
            #expect(after.status.text == "two #b" && after.editedAt != nil && after.tags.map(\.name) == ["b"])
            let history = try await test.get("/api/v1/statuses/\(status.id)/history")
            #expect(history.text.contains("one ") && history.text.contains("two "))
            let found = try await test.get("/api/v2/search?q=one&type=statuses").decode(SearchEntity.self)
            #expect(found.statuses.isEmpty)
        }
    }

    @Test func marksNameTheirOwnerAndBelongToOnePost() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let thief = try await test.person("thief")
            let status = try await test.publish("x", as: mei, ["mark_id": "00000000000000aa"])
            let mark = try await test.get("/api/v1/fixative/marks/00000000000000AA").decode(MarkEntity.self)
            #expect(mark.account.username == "mei" && mark.status.id == status.id)
            let stolen = try await test.post(
                "/api/v1/statuses", as: thief, ["status": "y", "mark_id": "00000000000000aa"])
            #expect(stolen.status == 422)
            #expect(try await test.get("/api/v1/fixative/marks/00000000000000ab").status == 404)
            #expect(try await test.get("/api/v1/fixative/marks/zz").status == 404)
        }
    }

    @Test(
        arguments: [
            ["status": ""], ["status": "   "], ["status": "x", "visibility": "loud"],
            ["status": "x", "client_id": "1"],
            ["status": "x", "mark_id": "12"], ["status": "x", "scheduled_at": "2030-01-01T00:00:00.000Z"],
            ["status": "x", "poll": ["options": ["a", "b"]]], ["status": "x", "media_ids": ["1"]],
            ["status": "x", "language": "not a language"],
        ] as [[String: JSON]])
    func invalidPostsAreRefused(_ body: [String: JSON]) async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let answer = try await test.post("/api/v1/statuses", as: mei, body)
            #expect(answer.status == 422)
            #expect(try Wire.decode(ErrorEntity.self, from: answer.data).error.isEmpty == false)
        }
    }

    @Test func longTextsAreRefusedAlsoAsCombiningMarks() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let long = String(repeating: "x", count: 5_001)
            let marks = "a" + String(repeating: "\u{301}", count: 50_000)
            for text in [long, marks] {
                #expect(try await test.post("/api/v1/statuses", as: mei, ["status": .text(text)]).status == 422)
            }
            let hostile = "a" + String(repeating: "\u{301}", count: 10_000) + "\u{1B}]52;c;x\u{7}\u{202E}"
            let kept = try await test.publish(hostile, as: mei)
            let source = try await test.get("/api/v1/statuses/\(kept.id)/source", as: mei)
            #expect(try Wire.decode([String: String].self, from: source.data)["text"] == hostile)
        }
    }

    @Test func everyWayOfSendingMakesTheSamePost() async throws {
        try await Harness.run { test in
            let mei = try await test.person("mei")
            let first = try await test.media(1, as: mei)
            let byForm = try await test.form(
                "/api/v1/statuses/", as: mei,
                [("status", "a & b"), ("media_ids[]", first.id), ("sensitive", "1"), ("visibility", "unlisted")]
            ).decode(StatusEntity.self)
            let second = try await test.media(2, as: mei)
            let body = Multipart.body(
                [("status", "a & b"), ("media_ids[]", second.id), ("sensitive", "true"), ("visibility", "unlisted")]
                    .map { Multipart.Part(name: $0, data: Data($1.utf8)) })
            let byMultipart = try await test.send(
                .post, "/api/v1/statuses", as: mei, headers: [("Content-Type", Multipart.type)], body: body
            ).decode(StatusEntity.self)
            for status in [byForm, byMultipart] {
                #expect(status.status.text == "a & b" && status.sensitive && status.visibility == "unlisted")
                #expect(status.mediaAttachments.count == 1)
            }
        }
    }
}
