import API
import Foundation
import Server
import Testing

struct OAuthTests {
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    /// The example of RFC 7636, appendix B.
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    @Test func challengeIsThatOfTheRFC() { #expect(Secret.challenge(of: Self.verifier) == Self.challenge) }

    /// Asks, logs in, and returns the place to which the page sends the browser.
    private func authorize(
        _ test: Harness, _ app: ApplicationEntity, redirect: String, challenge: String?, password: String
    ) async throws -> Answer {
        var fields = [
            ("response_type", "code"), ("client_id", app.clientID), ("redirect_uri", redirect), ("scope", "read write"),
            ("state", "a b&c"), ("username", "mei"), ("password", password),
        ]
        if let challenge { fields += [("code_challenge", challenge), ("code_challenge_method", "S256")] }
        return try await test.form("/oauth/authorize", fields)
    }

    private func code(_ answer: Answer) throws -> String {
        let location = try #require(answer.header("Location"))
        let items = try #require(URLComponents(string: location)?.queryItems)
        #expect(items.first { $0.name == "state" }?.value == "a b&c")
        return try #require(items.first { $0.name == "code" }?.value)
    }

    private func exchange(
        _ test: Harness, _ app: ApplicationEntity, _ code: String, redirect: String, verifier: String?
    ) async throws -> Answer {
        var fields = [
            ("grant_type", "authorization_code"), ("client_id", app.clientID), ("client_secret", app.clientSecret),
            ("code", code), ("redirect_uri", redirect),
        ]
        if let verifier { fields.append(("code_verifier", verifier)) }
        return try await test.form("/oauth/token", fields)
    }

    @Test func codeWithPKCEGivesATokenOnceAndOnlyToItsVerifier() async throws {
        try await Harness.run { test in
            _ = try await test.person("mei")
            let registered = "http://127.0.0.1/callback"
            let redirect = "http://127.0.0.1:53217/callback"
            let app = try await test.app(redirect: registered)
            func fresh() async throws -> String {
                try code(
                    await authorize(
                        test, app, redirect: redirect, challenge: Self.challenge, password: "correct horse mei"))
            }
            let wrong = String(Self.verifier.reversed())
            #expect(try await exchange(test, app, fresh(), redirect: redirect, verifier: wrong).status == 400)
            #expect(try await exchange(test, app, fresh(), redirect: redirect, verifier: nil).status == 400)
            #expect(try await exchange(test, app, fresh(), redirect: registered, verifier: Self.verifier).status == 400)
            let good = try await fresh()
            let token = try await exchange(test, app, good, redirect: redirect, verifier: Self.verifier)
                .decode(TokenEntity.self)
            #expect(token.scope == "read write")
            let me = try await test.send(.get, "/api/v1/accounts/verify_credentials", token: token.accessToken)
            #expect(try me.decode(AccountEntity.self).username == "mei")
            #expect(try await exchange(test, app, good, redirect: redirect, verifier: Self.verifier).status == 400)
            let late = try await fresh()
            test.clock.advance(by: 700)
            #expect(try await exchange(test, app, late, redirect: redirect, verifier: Self.verifier).status == 400)
        }
    }

    @Test func verifierWithoutChallengeIsADowngrade() async throws {
        try await Harness.run { test in
            _ = try await test.person("mei")
            let redirect = "https://app.example/cb"
            let app = try await test.app(redirect: redirect)
            let answer = try await authorize(
                test, app, redirect: redirect, challenge: nil, password: "correct horse mei")
            let refused = try await exchange(test, app, code(answer), redirect: redirect, verifier: Self.verifier)
            #expect(refused.status == 400)
        }
    }

    @Test func pageRefusesForeignRedirectsAndWrongPasswords() async throws {
        try await Harness.run { test in
            _ = try await test.person("mei")
            let app = try await test.app(redirect: "https://app.example/cb")
            let foreign = try await authorize(
                test, app, redirect: "https://evil.example/cb", challenge: nil, password: "correct horse mei")
            #expect(foreign.status == 400 && foreign.header("Location") == nil)
            let wrong = try await authorize(
                test, app, redirect: "https://app.example/cb", challenge: nil, password: "nonsense")
            #expect(wrong.status == 401 && wrong.header("Location") == nil)
            #expect(!wrong.text.contains("nonsense"))
        }
    }

    @Test func pageIsGuardedAndEscaped() async throws {
        try await Harness.run { test in
            let app = try await test.form(
                "/api/v1/apps",
                [("client_name", "<script>x</script>"), ("redirect_uris", "myapp://cb"), ("scopes", "read")]
            ).decode(ApplicationEntity.self)
            let page = try await test.get(
                "/oauth/authorize/?response_type=code&client_id=\(app.clientID)&redirect_uri=myapp://cb"
                    + "&state=%22%3E%3Cscript%3E")
            #expect(page.status == 200)
            #expect(!page.text.contains("<script"))
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(policy.contains("form-action 'self' myapp:"))
            #expect(page.header("Cache-Control") == "no-store")
        }
    }

    @Test func outOfBandShowsTheCode() async throws {
        try await Harness.run { test in
            _ = try await test.person("mei")
            let redirect = "urn:ietf:wg:oauth:2.0:oob"
            let app = try await test.app()
            let page = try await authorize(
                test, app, redirect: redirect, challenge: nil, password: "correct horse mei")
            let start = try #require(page.text.range(of: "<code>"))
            let end = try #require(page.text.range(of: "</code>"))
            let code = String(page.text[start.upperBound..<end.lowerBound])
            #expect(try await exchange(test, app, code, redirect: redirect, verifier: nil).status == 200)
        }
    }

    @Test(arguments: ["javascript:alert(1)", "data:text/html,x", "relative/path", "https://x.org/#frag", ""])
    func dangerousRedirectsAreNotRegistered(_ uri: String) async throws {
        try await Harness.run { test in
            let answer = try await test.form("/api/v1/apps", [("client_name", "t"), ("redirect_uris", uri)])
            #expect(answer.status == 422)
        }
    }

    @Test func scopesBoundWhatATokenMayDo() async throws {
        try await Harness.run { test in
            let person = try await test.person("mei")
            let app = try await test.app(scopes: "read")
            let greedy = try await test.form(
                "/oauth/token",
                [
                    ("grant_type", "password"), ("client_id", app.clientID), ("client_secret", app.clientSecret),
                    ("username", "mei"), ("password", "correct horse mei"), ("scope", "read write"),
                ])
            #expect(greedy.status == 400 && greedy.text.contains("invalid_scope"))
            let media = Harness.Person(id: person.id, token: try await test.token("mei", scopes: "write:media"))
            #expect(try await test.upload(Harness.png(), as: media).status == 200)
            #expect(try await test.post("/api/v1/statuses", as: media, ["status": "x"]).status == 403)
        }
    }

    @Test func revokedTokensAreRefused() async throws {
        try await Harness.run { test in
            _ = try await test.person("mei")
            let app = try await test.app(scopes: "read")
            let other = try await test.app()
            let token = try await test.form(
                "/oauth/token",
                [
                    ("grant_type", "password"), ("client_id", app.clientID), ("client_secret", app.clientSecret),
                    ("username", "mei@example.org"), ("password", "correct horse mei"), ("scope", "read"),
                ]
            ).decode(TokenEntity.self).accessToken
            func revoke(_ app: ApplicationEntity) async throws -> Int {
                try await test.form(
                    "/oauth/revoke",
                    [("client_id", app.clientID), ("client_secret", app.clientSecret), ("token", token)]
                ).status
            }
            let path = "/api/v1/accounts/verify_credentials"
            #expect(try await revoke(other) == 200)
            #expect(try await test.send(.get, path, token: token).status == 200)
            #expect(try await revoke(app) == 200)
            #expect(try await test.send(.get, path, token: token).status == 401)
            #expect(try await test.send(.get, "/api/v1/timelines/public", token: "made-up").status == 401)
        }
    }

    @Test func registrationGivesATokenThatWorksAtOnce() async throws {
        try await Harness.run { test in
            let app = try await test.app()
            let token = try await test.form(
                "/oauth/token/",
                [
                    ("grant_type", "client_credentials"), ("client_id", app.clientID),
                    ("client_secret", app.clientSecret), ("scope", "read write"),
                ]
            ).decode(TokenEntity.self).accessToken
            func register(_ name: String, _ email: String) async throws -> Answer {
                try await test.send(
                    .post, "/api/v1/accounts", token: token, headers: [("Content-Type", "application/json")],
                    body: try JSONEncoder().encode([
                        "username": JSON.text(name), "email": .text(email), "password": "long enough",
                        "agreement": true,
                    ]))
            }
            let made = try await register("haruka", "h@example.org").decode(TokenEntity.self)
            let me = try await test.send(.get, "/api/v1/accounts/verify_credentials/", token: made.accessToken)
            #expect(try me.decode(AccountEntity.self).username == "haruka")
            #expect(try await register("HARUKA", "other@example.org").status == 422)
            #expect(try await register("other", "H@example.org").status == 422)
            #expect(try await register("../etc", "x@example.org").status == 422)
        }
        try await Harness.run({ $0.openRegistration = false }) { test in
            let answer = try await test.post("/api/v1/accounts", ["username": "a"])
            #expect(answer.status == 403)
        }
    }

    @Test func passwordsAreKeptAsScryptAndTokensAsHashes() async throws {
        try await Harness.run { test in
            let person = try await test.person("mei")
            let account = try await test.community.database.read { db in try db.account(named: "MEI") }
            #expect(account?.passwordHash.hasPrefix("scrypt$4$8$1$") == true)
            let stored = try await test.community.database.read { db in
                (try db.token(hash: person.token), try db.token(hash: Secret.hash(person.token)))
            }
            #expect(stored.0 == nil && stored.1 != nil)
        }
    }
}
