import Core
import Foundation
import Store
import Sync
import Testing

@Suite struct OutboxWorkerTests {
    @Test func aPieceIsPublishedWithItsMarkAndItsId() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        let summary = try studio.engine.runOnce()
        #expect(summary.published == 1 && summary.waiting == 0 && summary.problem == nil)
        let post = try #require(studio.server.posts.first)
        #expect(post.entity.fixative?.clientID == item.id.description)
        #expect(post.entity.fixative?.markID == item.markID.description)
        let request = try #require(studio.server.requests.first { $0.url.path == "/api/v1/statuses" })
        #expect(request.headers.contains { $0.name == "Idempotency-Key" && $0.value == item.id.description })
    }

    @Test func aPlainServerSeesANormalPost() throws {
        let studio = try Studio(hasExtension: false)
        try studio.enqueue()
        try studio.settle()
        let payload = try #require(studio.server.posts.first?.payload)
        let fields = try #require(try JSONSerialization.jsonObject(with: payload) as? [String: Any])
        #expect(Set(fields.keys) == ["status", "media_ids", "sensitive", "spoiler_text", "visibility"])
    }

    @Test func offlineNothingIsLostAndNothingCountsAsATry() throws {
        let studio = try Studio()
        for _ in 0..<40 {
            for path in ["instance", "media", "statuses", "changes"] {
                studio.server.fail(path == "media" || path == "statuses" ? "POST" : "GET", path, .unreachable)
            }
        }
        let items = try (1...3).map { try studio.enqueue("Piece \($0)") }
        for _ in 0..<3 {
            let summary = try studio.engine.runOnce()
            #expect(summary.offline && summary.waiting == 3 && summary.failed == 0)
            #expect(studio.engine.state().phase == .offline)
        }
        // Protection needs no network.
        for item in items {
            let found = try #require(try studio.store.item(item.id))
            #expect(found.blob != nil && found.attempts == 0 && found.attention == nil)
        }
        #expect(try studio.store.timeline(.home, limit: 9, before: nil).count == 3)
        studio.server.heal()
        studio.restart()
        try studio.settle()
        #expect(studio.server.posts.count == 3)
        #expect(studio.engine.state().phase == .idle)
    }

    @Test(arguments: ["/api/v2/media", "/api/v1/statuses"])
    func aLostLoginLeavesTheItemAsItIs(path: String) throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", path, .unauthorized)
        let summary = try studio.engine.runOnce()
        #expect(summary.needsLogin && summary.failed == 0 && summary.waiting == 1)
        #expect(studio.engine.state().phase == .needsLogin)
        let found = try #require(try studio.store.item(item.id))
        #expect(!found.state.isResting && found.attention == nil && found.attempts == 0)
        try studio.settle()
        #expect(studio.server.posts.count == 1)
    }

    @Test func oneItemsRefusalDoesNotHoldUpTheOthers() throws {
        let studio = try Studio()
        let bad = try studio.enqueue("Bad")
        studio.clock.advance(by: 1)
        let good = try studio.enqueue("Good")
        // Two refusals: of the publication, and of the question whether the picture is still there.
        studio.server.state.withLock { state in
            state.faults = [.init(method: "POST", path: "/api/v2/media", kind: .serverError)]
        }
        _ = try studio.engine.runOnce()
        #expect(try studio.store.item(good.id)?.state == .published)
        let waiting = try #require(try studio.store.item(bad.id))
        #expect(waiting.state == .uploading && waiting.attempts == 1 && waiting.nextAttempt != nil)
        // Not before its time.
        _ = try studio.engine.runOnce()
        #expect(try studio.store.item(bad.id)?.state == .uploading)
        try studio.settle()
        #expect(try studio.store.item(bad.id)?.state == .published)
    }

    @Test func aServerThatAlwaysFailsGetsTheItemParkedAndKept() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", .serverError, times: 100)
        try studio.settle(rounds: 30)
        let parked = try #require(try studio.store.item(item.id))
        #expect(parked.state == .needsAttention && parked.attention?.kind == .tooManyAttempts)
        #expect(parked.attempts == 20)
        studio.server.heal()
        _ = try studio.store.retry(item.id)
        try studio.settle()
        #expect(studio.server.posts.count == 1)
    }

    @Test func theServersWaitIsObeyed() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v2/media", .rateLimited)
        _ = try studio.engine.runOnce()
        let waiting = try #require(try studio.store.item(item.id))
        #expect(waiting.nextAttempt == studio.clock.now().addingTimeInterval(30))
        #expect(waiting.attempts == 0)
        studio.clock.advance(by: 31)
        _ = try studio.engine.runOnce()
        #expect(studio.server.posts.count == 1)
    }

    @Test func aPictureThatCannotBeProtectedWaitsForTheArtist() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.protection.failure.withLock { $0 = UserError("This picture cannot be read: save it again.") }
        _ = try studio.engine.runOnce()
        let found = try #require(try studio.store.item(item.id))
        #expect(
            found.attention
                == AttentionReason(
                    kind: .protectionFailed, message: "This picture cannot be read: save it again."))
        #expect(!studio.server.requests.contains { $0.method == "POST" })
        studio.protection.failure.withLock { $0 = nil }
        _ = try studio.store.retry(item.id)
        try studio.settle()
        #expect(studio.server.posts.count == 1)
    }

    @Test func anUploadThatTheServerForgotIsMadeAgain() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", .unreachable)
        _ = try studio.engine.runOnce()
        studio.server.state.withLock { $0.media = [:] }
        try studio.settle()
        #expect(studio.server.posts.count == 1)
        #expect(try studio.store.item(item.id)?.state == .published)
    }

    @Test(arguments: [true, false])
    func cancellingWhileTheOutcomeIsUnknownIsResolvedFirst(reached: Bool) throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", reached ? .lostAnswer : .lostRequest)
        _ = try studio.engine.runOnce()
        #expect(try studio.store.cancel(item.id).state == .publishing)
        try studio.settle()
        #expect(studio.server.posts.isEmpty)
        #expect(try studio.store.item(item.id)?.state == (reached ? .published : .cancelled))
        #expect(try studio.store.timeline(.home, limit: 9, before: nil).isEmpty)
    }

    @Test func aPieceThatWasDeletedElsewhereIsNotPublishedAgain() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", .lostAnswer)
        _ = try studio.engine.runOnce()
        studio.server.state.withLock { $0.posts[0].isDeleted = true }
        try studio.settle()
        #expect(studio.server.posts.isEmpty)
        #expect(try studio.store.item(item.id)?.attention?.kind == .gone)
    }

    @Test func operationsAreSentOnceTheNetworkIsThere() throws {
        let studio = try Studio()
        studio.server.state.withLock { state in
            _ = studio.server.add(&state, by: FakeServer.zoe, "hers")
        }
        _ = try studio.engine.runOnce()
        let id = try #require(studio.server.posts.first?.entity.id)
        try studio.store.perform(.favourite(statusID: id, true))
        try studio.store.perform(.bookmark(statusID: id, true))
        studio.server.fail("POST", "/favourite", .lostAnswer)
        let summary = try studio.engine.runOnce()
        #expect(summary.sent == 1 && summary.waiting == 1)
        #expect(try studio.store.entry(id)?.status.favourited == true)
        try studio.settle()
        #expect(studio.server.posts.first?.entity.favourited == true)
        #expect(studio.server.posts.first?.entity.bookmarked == true)
        #expect(try studio.store.entry(id)?.state == .synced)
        try studio.store.perform(.favourite(statusID: id, false))
        try studio.settle()
        #expect(try studio.store.entry(id)?.status.favourited == false)
    }

    @Test func anEditIsConditionalAndAConflictIsKept() throws {
        let studio = try Studio()
        try studio.enqueue()
        try studio.settle()
        let id = try #require(studio.server.posts.first?.entity.id)
        try studio.store.perform(.edit(statusID: id, Draft(title: "Snow", altText: "alt Rain")))
        studio.server.fail("PUT", id, .lostAnswer)
        try studio.settle()
        #expect(studio.server.posts.first?.entity.content.contains("Snow") == true)
        // Our own edit, whose answer was lost, is no conflict.
        #expect(try studio.store.current()?.vault.operations().isEmpty == true)
        try studio.store.perform(.edit(statusID: id, Draft(title: "Hail", altText: "alt Rain")))
        studio.server.state.withLock { state in
            state.posts[0].entity.fixative?.revision = 9
            state.posts[0].entity.content = "<p>By another device</p>"
        }
        let summary = try studio.engine.runOnce()
        #expect(summary.failed == 1)
        let kept = try #require(try studio.store.current()?.vault.operations().first)
        #expect(kept.state == .conflict && kept.conflict?.fields == [.title])
        #expect(kept.conflict?.mine.title == "Hail" && kept.conflict?.theirs.title == "By another device")
        #expect(try studio.store.entry(id)?.status.text == "By another device")
    }
}
