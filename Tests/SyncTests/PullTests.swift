import API
import Core
import Foundation
import Store
import Sync
import Synchronization
import Testing

@Suite struct PullTests {
    private func post(_ studio: Studio, _ count: Int, by author: AccountEntity = FakeServer.zoe) {
        studio.server.state.withLock { state in
            for index in 0..<count { _ = studio.server.add(&state, by: author, "post \(index)") }
        }
    }

    private func local(_ studio: Studio) throws -> [String] {
        try studio.store.timeline(.local, limit: 1_000, before: nil).map(\.id)
    }

    private func remote(_ studio: Studio) -> [String] { studio.server.posts.map(\.entity.id).reversed() }

    @Test func theFeedIsFollowedPageByPage() throws {
        let studio = try Studio()
        studio.server.state.withLock { $0.pageSize = 7 }
        post(studio, 50)
        #expect(try studio.engine.runOnce().pulled == 50)
        #expect(try local(studio) == remote(studio))
        post(studio, 3)
        studio.server.state.withLock { state in
            state.change += 1
            state.posts[4].isDeleted = true
            state.posts[4].changed = state.change
        }
        #expect(try studio.engine.runOnce().pulled == 4)
        #expect(try local(studio) == remote(studio))
        #expect(try studio.engine.runOnce().pulled == 0)
        #expect(studio.engine.state().lastSync == studio.clock.now())
    }

    @Test func aStateThatTheServerForgotLeadsToASnapshotThatSweeps() throws {
        let studio = try Studio()
        studio.server.state.withLock { $0.pageSize = 7 }
        post(studio, 30)
        _ = try studio.engine.runOnce()
        studio.server.state.withLock { state in
            state.posts.removeSubrange(3..<9)
            state.epoch += 1
        }
        // Interrupted in the middle: what was there is still shown.
        studio.server.fail("GET", "/nothing", .unreachable)
        _ = try studio.engine.runOnce()
        #expect(try local(studio) == remote(studio))
    }

    @Test func aSnapshotThatIsCutGoesOnAndShowsTheOldMeanwhile() throws {
        let studio = try Studio()
        post(studio, 30)
        _ = try studio.engine.runOnce()
        let before = try local(studio)
        studio.server.state.withLock { state in
            state.pageSize = 7
            state.posts.removeFirst(5)
            state.epoch += 1
            // The 409 and the first two pages arrive.
            state.faults = [.init(method: "GET", path: "/never", kind: .unreachable)]
        }
        let store = try #require(try studio.store.current())
        try store.cache.beginSnapshot()
        studio.server.fail("GET", "/api/v1/fixative/changes", .twice)
        studio.server.fail("GET", "/api/v1/fixative/changes", .unreachable)
        #expect(try studio.engine.runOnce().offline)
        #expect(try local(studio) == before)
        studio.restart()
        _ = try studio.engine.runOnce()
        #expect(try local(studio) == remote(studio))
    }

    /// A first synchronisation says how far it is, and what it says is on the screen already.
    @Test(arguments: [true, false])
    func aFirstSynchronisationIsOfUseFromItsFirstPageOn(_ hasExtension: Bool) throws {
        let studio = try Studio(hasExtension: hasExtension)
        studio.server.state.withLock { $0.pageSize = 40 }
        post(studio, 150)
        let seen = Mutex<[(said: Int, shown: Int)]>([])
        let engine = SyncEngine(
            store: studio.store, http: studio.server, protection: studio.protection, clock: studio.clock,
            events: { [store = studio.store] event in
                guard case .pulling(let said) = event else { return }
                let shown = (try? store.timeline(.local, limit: 1_000, before: nil).count) ?? -1
                seen.withLock { $0.append((said, shown)) }
            })
        _ = try engine.runOnce()
        let steps = seen.withLock { $0 }
        #expect(steps.first?.said == 40)
        #expect(steps.count >= 3)
        #expect(steps.allSatisfy { $0.said <= $0.shown })
    }

    /// What the screen asked for last is what it shows now.
    @Test func thePicturesOnTheScreenComeFirst() throws {
        let studio = try Studio()
        _ = try studio.store.current()
        let media = (1...3).map { MediaAttachment(id: "\($0)", url: "http://127.0.0.1:3000/files/\($0)") }
        for one in media { studio.engine.wantMedia([one], .original) }
        studio.engine.start()
        defer { studio.engine.stop() }
        let files = studio.store
        let deadline = ContinuousClock.now + .seconds(60)
        while media.contains(where: { files.file(of: $0, .original) == nil }), .now < deadline { usleep(2_000) }
        let asked = studio.server.requests.map(\.url.path).filter { $0.hasPrefix("/files/") }
        #expect(asked == ["/files/3", "/files/2", "/files/1"])
    }

    /// A deletion before a snapshot leaves no tombstone, and an answer of before the deletion may come after it.
    @Test func whatAnAnswerBringsBackAfterASnapshotGoesAgain() throws {
        let studio = try Studio()
        post(studio, 3)
        _ = try studio.engine.runOnce()
        let store = try #require(try studio.store.current())
        let deleted = Status(
            id: "900", createdAt: studio.clock.now(), account: FakeServer.me.account, text: "gone before the snapshot")
        try store.cache.put([deleted], inHome: true)
        #expect(try local(studio).contains("900"))
        _ = try studio.engine.runOnce()
        #expect(try local(studio) == remote(studio))
    }

    /// The feed itself confirms what was published; only what it does not name is asked for, and once.
    @Test func onlyWhatTheFeedDoesNotNameIsAskedFor() throws {
        let studio = try Studio()
        try studio.enqueue()
        try studio.settle()
        _ = try studio.engine.runOnce()
        func asked() -> Int {
            studio.server.requests.filter { request in
                request.method == "GET" && request.url.path.hasPrefix("/api/v1/statuses/")
                    && !request.url.path.contains("by_client_id")
            }.count
        }
        #expect(asked() == 0)
        let old = studio.server.state.withLock { state in
            let index = studio.server.add(&state, by: FakeServer.zoe, "found by a search")
            state.posts[index].changed = 0
            return state.posts[index].entity.status
        }
        try #require(try studio.store.current()).cache.put([old])
        for _ in 0..<3 { _ = try studio.engine.runOnce() }
        #expect(asked() == 1)
        #expect(try local(studio).contains(old.id))
    }

    @Test func theHomeTimelineFollowsWhomTheAccountFollows() throws {
        let studio = try Studio()
        post(studio, 2)
        _ = try studio.engine.runOnce()
        #expect(try studio.store.timeline(.home, limit: 10, before: nil).isEmpty)
        studio.server.state.withLock { $0.follows = [FakeServer.zoe] }
        _ = try studio.engine.runOnce()
        #expect(try studio.store.timeline(.home, limit: 10, before: nil).count == 2)
    }

    @Test func aPlainServerIsCaughtUpWithWithoutGaps() throws {
        let studio = try Studio(hasExtension: false)
        post(studio, 10)
        _ = try studio.engine.runOnce()
        post(studio, 130)
        _ = try studio.engine.runOnce()
        #expect(try local(studio) == remote(studio))
        #expect(try studio.store.timeline(.home, limit: 1_000, before: nil).count == 140)
    }

    @Test(arguments: [
        FakeServer.Fault.Kind.html, .truncated, .huge, .serverError, .conflict, .unreachable, .lostAnswer,
    ])
    func hostileAnswersLeaveTheCacheAsItIs(kind: FakeServer.Fault.Kind) throws {
        let studio = try Studio()
        post(studio, 5)
        _ = try studio.engine.runOnce()
        let before = try local(studio)
        post(studio, 5)
        for path in ["/api/v1/fixative/changes", "/following", "/api/v2/instance"] {
            studio.server.fail("GET", path, kind, times: 3)
        }
        studio.restart()
        let summary = try studio.engine.runOnce()
        #expect(summary.problem != nil)
        #expect(try local(studio) == before)
        studio.server.heal()
        try studio.settle()
        _ = try studio.engine.runOnce()
        #expect(try local(studio) == remote(studio))
    }

    @Test func aFeedThatStandsStillDoesNotHoldUsForEver() throws {
        let studio = try Studio()
        post(studio, 5)
        _ = try studio.engine.runOnce()
        studio.server.state.withLock { $0.pageSize = 0 }
        post(studio, 1)
        #expect(try studio.engine.runOnce().problem != nil)
    }

    @Test func picturesAreFetchedWithoutTheToken() throws {
        let studio = try Studio()
        try studio.enqueue()
        try studio.settle()
        let media = try #require(try studio.store.timeline(.home, limit: 1, before: nil).first?.status.media.first)
        #expect(studio.store.file(of: media, .preview) != nil)
        let requests = studio.server.requests.filter { $0.url.path.hasPrefix("/files/") }
        #expect(!requests.isEmpty)
        #expect(requests.allSatisfy { $0.bearerToken == nil })
        #expect(studio.server.requests.allSatisfy { $0.bearerToken == nil || $0.url.host == "127.0.0.1" })
    }

    @Test func anAddressThatIsNotAPictureIsNotKept() throws {
        let studio = try Studio()
        try studio.enqueue()
        studio.server.fail("GET", "s", .html, times: 1_000)
        _ = try studio.engine.runOnce()
        let media = try #require(try studio.store.timeline(.home, limit: 1, before: nil).first?.status.media.first)
        #expect(studio.store.file(of: media, .preview) == nil)
    }
}
