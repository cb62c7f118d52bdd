import API
import Core
import Foundation
import Store
import Sync
import Testing

/// Servers without a feed of changes.
@Suite struct PlainServerTests {
    private func post(_ studio: Studio, _ count: Int) {
        studio.server.state.withLock { state in
            for index in 0..<count { _ = studio.server.add(&state, by: FakeServer.zoe, "post \(index)") }
        }
    }

    @Test func editsAndDeletionsAreNoticedByLookingAgain() throws {
        let studio = try Studio(hasExtension: false)
        post(studio, 30)
        _ = try studio.engine.runOnce()
        let ids = studio.server.posts.map(\.entity.id)
        studio.server.state.withLock { state in
            state.posts[28].entity.content = "<p>changed</p>"
            state.posts[27].isDeleted = true
        }
        let summary = try studio.engine.runOnce()
        #expect(summary.pulled == 2)
        #expect(try studio.store.entry(ids[28])?.status.text == "changed")
        #expect(try studio.store.entry(ids[27]) == nil)
        #expect(try studio.engine.runOnce().pulled == 0)
    }

    /// Older ones come round a few at a time.
    @Test func whatIsFarDownIsLookedAtInTurn() throws {
        let studio = try Studio(hasExtension: false)
        post(studio, 150)
        _ = try studio.engine.runOnce()
        #expect(try studio.store.timeline(.home, limit: 500, before: nil).count == 150)
        let gone = studio.server.state.withLock { state in
            for index in [3, 70, 100] { state.posts[index].isDeleted = true }
            return [3, 70, 100].map { state.posts[$0].entity.id }
        }
        for _ in 0..<60 { _ = try studio.engine.runOnce() }
        for id in gone { #expect(try studio.store.entry(id) == nil) }
        #expect(try studio.store.timeline(.home, limit: 500, before: nil).count == 147)
    }

    @Test func whatTheServerIsIsKept() throws {
        let studio = try Studio(hasExtension: false)
        _ = try studio.engine.runOnce()
        #expect(studio.engine.state().server?.tellsChanges == false)
        let other = try Studio()
        _ = try other.engine.runOnce()
        #expect(other.engine.state().server?.tellsChanges == true)
        // Known without the network, too.
        other.restart()
        #expect(try other.store.current()?.cache.server()?.software == "fixative")
    }

    /// Whatever this machine's clock says, what is out is found again.
    @Test(arguments: [-3650.0, 3650.0], [FakeServer.Fault.Kind.lostAnswer, .serverErrorAfter, .crashAfter, .late])
    func aClockThatJumpsBetweenRequestAndQuestionMakesNoDuplicate(_ days: Double, _ kind: FakeServer.Fault.Kind) throws
    {
        let studio = try Studio(hasExtension: false)
        post(studio, 3)
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", kind)
        do {
            _ = try studio.engine.runOnce()
        } catch is FakeServer.Crash {
            studio.clock.advance(by: days * 86_400)
            studio.restart()
        }
        studio.clock.advance(by: days * 86_400)
        try studio.settle()
        #expect(try studio.store.item(item.id)?.state == .published)
        #expect(studio.server.posts.filter { $0.entity.account.id == "1" }.count == 1)
    }

    @Test(arguments: [true, false])
    func aNetworkThatAnswersNothingIsNoAttempt(_ hasExtension: Bool) throws {
        let studio = try Studio(hasExtension: hasExtension)
        let item = try studio.enqueue()
        _ = try studio.store.current()
        // A proxy that takes every connection and resets it.
        for _ in 0..<100 {
            for (method, path) in [("GET", ""), ("POST", "")] { studio.server.fail(method, path, .lostRequest) }
        }
        for _ in 0..<30 {
            let summary = try studio.engine.runOnce()
            #expect(summary.failed == 0)
            studio.clock.advance(by: 1_000)
        }
        let waiting = try #require(try studio.store.item(item.id))
        #expect(waiting.attempts == 0 && waiting.attention == nil && waiting.blob != nil)
        studio.server.heal()
        try studio.settle()
        #expect(studio.server.posts.count == 1)
    }

    /// The request to publish went out, and then the network was gone: what is unknown stays unknown.
    @Test(arguments: [true, false], [FakeServer.Fault.Kind.lostAnswer, .lostRequest, .late])
    func aNetworkThatGoesInTheMiddleKeepsTheDoubt(_ hasExtension: Bool, _ kind: FakeServer.Fault.Kind) throws {
        let studio = try Studio(hasExtension: hasExtension)
        // What the server can is known by now.
        _ = try studio.engine.runOnce()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", kind)
        studio.server.fail("GET", "/api/v2/instance", .unreachable)
        let first = try studio.engine.runOnce(pulling: false)
        #expect(first.published == 0 && first.offline)
        let waiting = try #require(try studio.store.item(item.id))
        #expect(waiting.state == .publishing && waiting.attempts == 0)
        studio.server.heal()
        studio.restart()
        try studio.settle()
        #expect(try studio.store.item(item.id)?.state == .published)
        #expect(studio.server.posts.count == 1)
    }

    /// Uploaded while the artist still words the alt text: the picture gets the new one before it is attached.
    @Test(arguments: [true, false])
    func altTextThatChangedAfterTheUploadIsSent(_ hasExtension: Bool) throws {
        let studio = try Studio(hasExtension: hasExtension)
        let item = try studio.enqueue()
        _ = try studio.engine.runOnce(pulling: false)
        #expect(studio.server.posts.count == 1)
        let other = try studio.enqueue("Other")
        let store = try #require(try studio.store.current())
        let lease = try store.vault.startWorker()
        var work = try #require(try store.vault.claimNext(lease, except: [item.id]))
        let image = try studio.protection.protect(
            Data("x".utf8),
            ProtectionRequest(recipe: "subtle", payload: other.markID, rights: RightsStatement())
        ) { _ in true }
        work = try store.vault.storeBlob(image, for: work.claim)
        work = try store.vault.advance(work.claim, to: .uploading)
        let media = studio.server.state.withLock { state in
            state.nextID += 1
            state.media[String(state.nextID)] = .init(bytes: image.data, description: "alt Other")
            return String(state.nextID)
        }
        work = try store.vault.advance(work.claim, to: .uploaded) { change in
            change.facts.mediaID = media
            change.facts.mediaUploadedAt = studio.clock.now()
            change.facts.uploadedAlt = "alt Other"
        }
        try store.vault.release(work.claim)
        var draft = other.draft
        draft.altText = "a better one"
        _ = try studio.store.edit(other.id, draft)
        try studio.settle()
        #expect(studio.server.posts.count == 2)
        #expect(studio.server.state.withLock { $0.media[media]?.description } == "a better one")
    }
}
