import Core
import Foundation
import Store
import Sync
import Testing

@Suite struct SignInTests {
    private let studio: Studio
    private let signIn: AccountSignIn

    init() throws {
        studio = try Studio(signedIn: false)
        signIn = AccountSignIn(
            registry: studio.store.registry, http: studio.server, clock: studio.clock,
            launchLocalCommunity: { FakeServer.address })
    }

    @Test func nobodyIsLoggedInAtFirst() throws {
        #expect(studio.engine.state().phase == .signedOut)
        #expect(throws: UserError.self) { try studio.engine.runOnce() }
    }

    @Test func aPasswordLogsIn() throws {
        let account = try signIn.signIn(server: FakeServer.address, username: "mei", password: "secret")
        #expect(account.account.username == "mei")
        #expect(try studio.store.currentAccount() == account)
        try studio.enqueue()
        try studio.settle()
        #expect(studio.server.posts.count == 1)
    }

    @Test func aWrongPasswordSaysSo() throws {
        let error = #expect(throws: UserError.self) {
            try signIn.signIn(server: FakeServer.address, username: "mei", password: "wrong")
        }
        #expect(error?.status == .attention)
        #expect(try studio.store.currentAccount() == nil)
    }

    @Test(arguments: ["http://example.org", "ftp://example.org", "nonsense"])
    func passwordsGoOverHttpsOnly(address: String) throws {
        #expect(throws: UserError.self) {
            try signIn.signIn(server: #require(URL(string: address)), username: "mei", password: "secret")
        }
        #expect(studio.server.requests.isEmpty)
    }

    @Test func theLocalCommunityIsJoinedAndFoundAgain() throws {
        _ = try signIn.joinLocalCommunity(username: "ana")
        #expect(studio.server.state.withLock { $0.users["ana"] } != nil)
        let account = try #require(try studio.store.currentAccount())
        try studio.store.registry.remove(account)
        _ = try signIn.joinLocalCommunity(username: "ana")
        #expect(try studio.store.currentAccount() != nil)
    }

    @Test func theCodeFlowProvesItsKey() throws {
        let begun = try signIn.beginAuthorization(server: FakeServer.address)
        let items = try #require(URLComponents(url: begun.page, resolvingAgainstBaseURL: false)?.queryItems)
        #expect(items.first { $0.name == "code_challenge_method" }?.value == "S256")
        #expect(items.first { $0.name == "code_challenge" }?.value?.count == 43)
        _ = try signIn.finishAuthorization(begun, code: " code ")
        let request = try #require(studio.server.requests.last { $0.url.path == "/oauth/token" })
        guard case .data(let body) = request.body else { return }
        #expect(String(decoding: body, as: UTF8.self).contains("code_verifier"))
        #expect(try studio.store.currentAccount() != nil)
    }
}
