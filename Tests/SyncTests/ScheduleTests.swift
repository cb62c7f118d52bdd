import Core
import Foundation
import Store
import Sync
import Testing

@Suite struct ScheduleTests {
    private func enqueue(_ studio: Studio, at date: Date) throws -> OutboxItem {
        let file = studio.root.appendingPathComponent("scheduled.png")
        try Data("pixels".utf8).write(to: file)
        return try studio.store.enqueue(file: file, draft: Draft(title: "Later", altText: "alt", publishAt: date))
    }

    @Test func aScheduledPieceIsProtectedAndStaysHereUntilItsTime() throws {
        let studio = try Studio()
        let item = try enqueue(studio, at: studio.clock.now().addingTimeInterval(86_400))
        try studio.enqueue("Now")
        for _ in 0..<3 { _ = try studio.engine.runOnce() }
        #expect(studio.server.posts.count == 1)
        #expect(try studio.store.item(item.id)?.state == .protected)
        #expect(studio.server.state.withLock { $0.media.count } == 1)
        studio.restart()
        studio.clock.advance(by: 86_399)
        _ = try studio.engine.runOnce()
        #expect(studio.server.posts.count == 1)
        studio.clock.advance(by: 2)
        _ = try studio.engine.runOnce()
        #expect(try studio.store.item(item.id)?.state == .published)
    }

    @Test func aPieceWhoseTimePassedWhileTheMachineWasOffGoesOutNext() throws {
        let studio = try Studio()
        let item = try enqueue(studio, at: studio.clock.now().addingTimeInterval(3_600))
        studio.clock.advance(by: 90 * 86_400)
        studio.restart()
        try studio.settle()
        #expect(try studio.store.item(item.id)?.state == .published)
    }

    @Test func itsTimeCanBeChangedAndItCanBeCancelled() throws {
        let studio = try Studio()
        let item = try enqueue(studio, at: studio.clock.now().addingTimeInterval(86_400))
        _ = try studio.engine.runOnce()
        let runs = studio.protection.runs.withLock { $0 }
        var draft = item.draft
        draft.publishAt = nil
        _ = try studio.store.edit(item.id, draft)
        try studio.settle()
        #expect(try studio.store.item(item.id)?.state == .published)
        // It was protected already.
        #expect(studio.protection.runs.withLock { $0 } == runs)
        let other = try enqueue(studio, at: studio.clock.now().addingTimeInterval(86_400))
        _ = try studio.engine.runOnce()
        _ = try studio.store.cancel(other.id)
        studio.clock.advance(by: 2 * 86_400)
        try studio.settle()
        #expect(studio.server.posts.count == 1)
    }

    /// Once the request is out, waiting for a time makes no sense any more.
    @Test func aPieceInDoubtIsCleared() throws {
        let studio = try Studio()
        let item = try enqueue(studio, at: studio.clock.now().addingTimeInterval(60))
        studio.clock.advance(by: 61)
        studio.server.fail("POST", "/api/v1/statuses", .lostAnswer)
        _ = try studio.engine.runOnce()
        studio.clock.advance(by: -3_600)
        try studio.settle()
        #expect(try studio.store.item(item.id)?.state == .published)
        #expect(studio.server.posts.count == 1)
    }
}

/// Tokens that run out.
@Suite struct TokenTests {
    private func expire(_ studio: Studio, refresh: String) throws {
        let account = try #require(try studio.store.currentAccount())
        try studio.store.registry.setApplication(
            AccountRegistry.Application(clientID: "app", clientSecret: "s", redirectURI: "urn:x"), at: account.server)
        try studio.store.registry.setTokens(of: account, token: "token", refresh: refresh)
        studio.server.state.withLock { $0.tokens = [] }
    }

    @Test func aTokenThatRanOutIsRefreshedAndTheWorkGoesOn() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        try expire(studio, refresh: "good")
        let summary = try studio.engine.runOnce()
        #expect(summary.published == 1 && !summary.needsLogin)
        #expect(try studio.store.item(item.id)?.state == .published)
        let account = try #require(try studio.store.currentAccount())
        #expect(try studio.store.registry.refreshToken(of: account) == "next")
        #expect(studio.server.requests.filter { $0.url.path == "/oauth/token" }.count == 1)
        #expect(studio.server.requests.filter { $0.url.path == "/oauth/token" }.allSatisfy { $0.bearerToken == nil })
    }

    @Test func aRefreshThatIsRefusedIsTriedOnce() throws {
        let studio = try Studio()
        let item = try studio.enqueue()
        try expire(studio, refresh: "bad")
        for _ in 0..<5 { #expect(try studio.engine.runOnce().needsLogin) }
        #expect(studio.server.requests.filter { $0.url.path == "/oauth/token" }.count == 1)
        #expect(try studio.store.item(item.id)?.attempts == 0)
    }
}

/// 401 at whatever request: the account waits, never the piece.
@Suite struct LoginLossTests {
    @Test(arguments: [true, false])
    func everyRequestMayFindTheLoginGone(_ hasExtension: Bool) throws {
        let clean = try Studio(hasExtension: hasExtension)
        try clean.enqueue()
        try clean.settle()
        let requests = Set(
            clean.server.requests.filter { $0.bearerToken != nil }.map { "\($0.method) \($0.url.path)" })
        #expect(requests.count >= 5)
        for request in requests.sorted() {
            let parts = request.split(separator: " ").map(String.init)
            let studio = try Studio(hasExtension: hasExtension)
            let item = try studio.enqueue()
            // Ids in paths differ from run to run.
            let tail = "/" + (parts[1].split(separator: "/").last.map(String.init) ?? "")
            let isID = tail.dropFirst().allSatisfy { $0.isNumber || $0 == "-" || $0.isHexDigit }
            studio.server.fail(parts[0], isID ? "" : tail, .unauthorized)
            let summary = try studio.engine.runOnce()
            #expect(summary.needsLogin, "\(request)")
            let found = try #require(try studio.store.item(item.id))
            #expect(found.attempts == 0 && found.attention == nil, "\(request): \(found.state)")
            #expect(found.state != .needsAttention)
            // Nothing goes out with a token that was refused.
            let count = studio.server.requests.count
            #expect(studio.engine.state().phase == .needsLogin)
            studio.clock.advance(by: 10)
            try studio.store.registry.add(
                SignedInAccount(server: FakeServer.address, account: FakeServer.me.account), token: "token")
            try studio.settle()
            #expect(studio.server.requests.count > count)
            #expect(try studio.store.item(item.id)?.state == .published, "\(request)")
            #expect(studio.server.posts.count == 1, "\(request)")
        }
    }
}
