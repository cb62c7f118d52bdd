import Core
import Foundation
import Store
import Sync
import Synchronization
import Testing

@Suite struct EngineTests {
    @Test func theThreadsPublishAndPullByThemselves() throws {
        let studio = try Studio()
        let published = DispatchSemaphore(value: 0)
        let pulled = DispatchSemaphore(value: 0)
        studio.server.state.withLock { state in
            _ = studio.server.add(&state, by: FakeServer.zoe, "hers")
        }
        let engine = SyncEngine(
            store: studio.store, http: studio.server, protection: studio.protection, clock: studio.clock,
            events: { event in
                if case .published = event { published.signal() }
                if case .pulled = event { pulled.signal() }
            })
        engine.start()
        defer { engine.stop() }
        #expect(pulled.wait(timeout: .now() + 60) == .success)
        try studio.enqueue()
        engine.requestSync()
        #expect(published.wait(timeout: .now() + 60) == .success)
        #expect(studio.server.posts.count == 2)
    }

    @Test func aLogoutAndAnotherLoginSwitchTheEngine() throws {
        let studio = try Studio()
        try studio.enqueue("First")
        try studio.settle()
        let first = try #require(try studio.store.currentAccount())
        let other = SignedInAccount(server: FakeServer.address, account: FakeServer.zoe.account)
        try studio.store.registry.add(other, token: "token")
        #expect(try studio.store.currentAccount() == other)
        #expect(try studio.store.items(includingDone: true).isEmpty)
        #expect(try studio.engine.runOnce().problem == nil)
        try studio.store.registry.makeCurrent(first)
        #expect(try studio.store.items(includingDone: true).count == 1)
        #expect(studio.engine.state().phase != .signedOut)
    }

    @Test func aRefusedLoginIsNotTriedAgainUntilThereIsANewOne() throws {
        let studio = try Studio()
        studio.server.state.withLock { $0.tokens = ["new"] }
        #expect(try studio.engine.runOnce().needsLogin)
        #expect(studio.engine.state().phase == .needsLogin)
        try studio.store.registry.add(
            SignedInAccount(server: FakeServer.address, account: FakeServer.me.account), token: "new")
        try studio.enqueue()
        try studio.settle()
        #expect(studio.engine.state().phase == .idle)
        #expect(studio.server.posts.count == 1)
    }

    @Test func aDamagedBlobIsMadeAgainFromTheOriginal() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v2/media", .unreachable)
        _ = try studio.engine.runOnce()
        let blob = try #require(try studio.store.item(item.id)?.blob)
        let found = FileManager.default.enumerator(at: studio.root, includingPropertiesForKeys: nil)
        for case let url as URL in try #require(found) where url.lastPathComponent == blob.description {
            try Data("rotten".utf8).write(to: url)
        }
        try studio.settle()
        #expect(studio.protection.runs.withLock { $0 } == 2)
        let post = try #require(studio.server.posts.first)
        #expect(studio.server.state.withLock { BlobID(of: $0.media[post.mediaIDs[0]]!.bytes) } == blob)
    }

    @Test(arguments: [-3650.0, 3650.0])
    func aClockThatJumpsHoldsNothingUp(days: Double) throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        studio.server.fail("POST", "/api/v1/statuses", .serverError)
        _ = try studio.engine.runOnce()
        studio.clock.advance(by: days * 86_400)
        _ = try studio.engine.runOnce()
        #expect(try studio.store.item(item.id)?.state == .published)
        #expect(studio.server.posts.count == 1)
    }
}
