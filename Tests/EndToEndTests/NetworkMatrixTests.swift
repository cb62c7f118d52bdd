@_spi(Protection) import Core
import Foundation
import Imaging
import Store
import Sync
import Synchronization
import TestSupport
import Testing
import Transport

extension EndToEnd {
    /// Every endpoint that the engine uses, met by everything that a network does to it, with the real server behind.
    @Suite struct NetworkMatrix {
        private typealias Endpoint = (method: String, path: String)

        private static let both: [Endpoint] = [
            ("GET", "/api/v2/instance"), ("POST", "/api/v1/statuses"), ("POST", "/api/v2/media"),
            ("POST", "/api/v1/statuses/*/favourite"), ("POST", "/api/v1/statuses/*/bookmark"),
            ("POST", "/api/v1/statuses/*/reblog"), ("POST", "/api/v1/accounts/*/follow"),
            ("PUT", "/api/v1/statuses/*"), ("DELETE", "/api/v1/statuses/*"), ("GET", "/media/*"),
        ]
        private static let extended: [Endpoint] = [
            ("POST", "/api/v1/fixative/uploads"), ("PATCH", "/api/v1/fixative/uploads/*"),
            ("GET", "/api/v1/fixative/changes"), ("GET", "/api/v1/accounts/*/following"),
        ]
        private static let plain: [Endpoint] = [
            ("GET", "/.well-known/nodeinfo"), ("GET", "/nodeinfo/2.0"), ("GET", "/api/v1/timelines/home"),
            ("GET", "/api/v1/timelines/public"), ("GET", "/api/v1/accounts/*/statuses"), ("GET", "/api/v1/bookmarks"),
            ("GET", "/api/v1/favourites"), ("GET", "/api/v1/statuses/*"),
        ]

        /// Endpoints at a time: most of a case is waiting for a network that says nothing.
        private static let width = 4

        @Test(.timeLimit(.minutes(30)), arguments: [false, true])
        func everyFaultAtEveryEndpointEndsWellAfterwards(_ isPlain: Bool) async throws {
            let endpoints = Self.both + (isPlain ? Self.plain : Self.extended)
            var total = Tally()
            try await withThrowingTaskGroup(of: Tally.self) { group in
                var waiting = endpoints[...]
                func add() {
                    guard let endpoint = waiting.popFirst() else { return }
                    group.addTask(executorPreference: BlockingExecutor.shared) {
                        try Self.run(endpoint, isPlain: isPlain)
                    }
                }
                for _ in 0..<Self.width { add() }
                for try await tally in group {
                    total += tally
                    add()
                }
            }
            print("network: \(isPlain ? "plain" : "extension"), \(total.cases) cases, \(total.met) met their fault")
            // An endpoint that is not used any more would make the matrix say nothing.
            #expect(total.cases == endpoints.count * AnswerProxy.Fault.allCases.count)
            #expect(total.met == total.cases)
            #expect(total.tokensElsewhere == 0)
            #expect(total.requestsElsewhere > 0)
        }

        private struct Tally: Sendable {
            var cases = 0
            var met = 0
            var requestsElsewhere = 0
            var tokensElsewhere = 0

            static func += (sum: inout Tally, other: Tally) {
                sum.cases += other.cases
                sum.met += other.met
                sum.requestsElsewhere += other.requestsElsewhere
                sum.tokensElsewhere += other.tokensElsewhere
            }
        }

        /// All faults at one endpoint. Each endpoint has a server of its own: what one case published is what the next
        /// has to fetch, and with all cases on one server they became slower and slower.
        private static func run(_ endpoint: Endpoint, isPlain: Bool) throws -> Tally {
            let bench = try Bench(isPlain: isPlain)
            var tally = Tally()
            for fault in AnswerProxy.Fault.allCases {
                tally.cases += 1
                if try bench.run(endpoint.method, endpoint.path, fault) { tally.met += 1 }
            }
            tally.requestsElsewhere = bench.requestsElsewhere
            tally.tokensElsewhere = bench.tokensElsewhere
            #expect(bench.leaks.isEmpty, "\(endpoint)")
            #expect(bench.bytesSent > 1_000_000, "the pictures did not come this way")
            try bench.community.stop()
            return tally
        }

        /// A server, the proxy before it, and another origin that must never see a token.
        private final class Bench {
            let community: Community
            let proxy: AnswerProxy
            private let elsewhere: ScriptedServer
            private let hero: WebUser
            private let heroID: String
            private let me: WebUser
            private let small: Data
            private let large: Data
            private let isPlain: Bool
            private var number = 0
            /// In the name and in the bytes of every original, and in nothing that may be sent.
            private static let canary = "canary-of-the-original"

            init(isPlain: Bool) throws {
                self.isPlain = isPlain
                community = try Community()
                for name in ["mei", "hero"] { try community.createAccount(name, password: "correct horse battery") }
                try community.start()
                elsewhere = try ScriptedServer(address: "127.0.0.2") { _ in .ok("{}") }
                var hunt = ByteHunt()
                hunt.add(Array(Self.canary.utf8), named: Self.canary)
                proxy = try AnswerProxy(upstream: community.port, elsewhere: elsewhere.url(""), hunt: hunt)
                // Pictures, too, are to come through the proxy.
                try community.stop()
                let settings = try community.data.file(
                    "settings.toml", Data("public_url = \"http://127.0.0.1:\(proxy.port)\"\n".utf8))
                try community.start(["--config", settings.path] + (isPlain ? ["--plain"] : []))
                let base = "http://127.0.0.1:\(community.port)"
                hero = try WebUser(base: base, name: "hero", password: "correct horse battery")
                me = try WebUser(base: base, name: "mei", password: "correct horse battery")
                heroID = try #require(
                    try hero.object("GET", "/api/v1/accounts/verify_credentials")["id"] as? String)
                small = try Self.picture(24)
                large = try Self.picture(700)
            }

            var tokensElsewhere: Int { elsewhere.requests.filter { $0.headers["authorization"] != nil }.count }
            var requestsElsewhere: Int { elsewhere.requests.count }
            var leaks: [String] { proxy.leaks }
            var bytesSent: Int { proxy.bytes }

            /// One artist does everything that there is to do while the fault is there, and again when it is gone.
            ///
            /// - Returns: whether the fault was met.
            func run(_ method: String, _ path: String, _ fault: AnswerProxy.Fault) throws -> Bool {
                number += 1
                let name = "\(fault) at \(method) \(path)"
                let home = try TemporaryDirectory("matrix")
                let clock = FakeClock(Date())
                let http = CurlClient(
                    configuration: CurlClient.Configuration(
                        connectTimeout: 3, lowSpeedBytesPerSecond: 16, lowSpeedSeconds: 1))
                let store = LocalStore(Directories(under: home.url), clock: clock)
                let address = try #require(URL(string: "http://127.0.0.1:\(proxy.port)"))
                proxy.heal()
                let signIn = AccountSignIn(registry: store.registry, http: http) { throw UserError("not here") }
                _ = try signIn.signIn(server: address, username: "mei", password: "correct horse battery")
                try me.call("POST", "/api/v1/accounts/\(heroID)/unfollow")
                let theirs = try id(of: hero.object("POST", "/api/v1/statuses", ["status": "Hers \(number)"]))
                let edited = try id(of: me.object("POST", "/api/v1/statuses", ["status": "Mine \(number)"]))
                let deleted = try id(of: me.object("POST", "/api/v1/statuses", ["status": "Sketch \(number)"]))
                let engine = SyncEngine(
                    store: store, http: http, protection: Passing(small: small, large: large), clock: clock)
                if isPlain { try me.call("POST", "/api/v1/accounts/\(heroID)/follow") }
                // What is edited must have been seen.
                _ = try engine.runOnce()
                let engineWithFault = SyncEngine(
                    store: store, http: http, protection: Passing(small: small, large: large), clock: clock)

                proxy.fail(method, path, fault, times: 1)
                let pieces = try ["small", "large"].map { size in
                    try store.enqueue(
                        file: try home.file("\(Self.canary)-\(size).png", Data("\(Self.canary) \(size)".utf8)),
                        draft: Draft(title: "\(size) \(number)", altText: "alt"))
                }
                try store.perform(.favourite(statusID: theirs, true))
                try store.perform(.bookmark(statusID: theirs, true))
                try store.perform(.boost(statusID: theirs, true))
                try store.perform(.follow(accountID: heroID, true))
                try store.perform(.edit(statusID: edited, Draft(title: "Mine anew \(number)")))
                try store.perform(.delete(statusID: deleted))

                let began = ContinuousClock.now
                let first = try engineWithFault.runOnce()
                #expect(ContinuousClock.now - began < .seconds(20), "\(name) holds everything up")
                let isMet = proxy.struck > 0
                let hasToken = path.hasPrefix("/api/")
                #expect(first.needsLogin == (fault == .unauthorized && isMet && hasToken), "\(name): login")
                for piece in pieces {
                    let found = try #require(try store.item(piece.id))
                    #expect(found.attention?.kind != .tooManyAttempts, "\(name)")
                    if fault == .unauthorized || fault == .tooMany {
                        #expect(found.attempts == 0 && found.attention == nil, "\(name): counted as a try")
                    }
                }
                for _ in 0..<6 {
                    clock.advance(by: 1_000)
                    // What was refused for good is the artist's to repeat.
                    for piece in pieces where try store.item(piece.id)?.state == .needsAttention {
                        _ = try store.retry(piece.id)
                    }
                    for change in try store.operations() where change.state == .refused {
                        try store.retryOperation(change.id)
                    }
                    let summary = try engineWithFault.runOnce()
                    if summary.waiting == 0, summary.problem == nil { break }
                }
                try check(name, store, pieces, theirs: theirs, edited: edited, deleted: deleted)
                return isMet
            }

            private func check(
                _ name: String, _ store: LocalStore, _ pieces: [OutboxItem], theirs: String, edited: String,
                deleted: String
            ) throws {
                #expect(try store.operations().isEmpty, "\(name): changes are left")
                let account = try #require(try store.currentAccount()).account.id
                let own = try me.list("/api/v1/accounts/\(account)/statuses?limit=40&exclude_reblogs=true")
                func count(_ text: String) -> Int {
                    own.filter { ($0["content"] as? String ?? "").contains(text + "<") }.count
                }
                for (piece, size) in zip(pieces, ["small", "large"]) {
                    let found = try #require(try store.item(piece.id))
                    #expect(
                        found.state == .published, "\(name): \(size) \(found.state) \(found.attention?.message ?? "")")
                    #expect(
                        count("\(size) \(number)") == 1, "\(name): \(size) is there \(count("\(size) \(number)")) times"
                    )
                }
                #expect(count("Mine anew \(number)") == 1, "\(name): the edit")
                #expect(!own.contains { $0["id"] as? String == deleted }, "\(name): the deletion")
                let hers = try me.object("GET", "/api/v1/statuses/\(theirs)")
                for mark in ["favourited", "bookmarked", "reblogged"] {
                    #expect(hers[mark] as? Bool == true, "\(name): \(mark)")
                }
                let shown = try store.timeline(.home, limit: 60, before: nil)
                #expect(!shown.contains { $0.id == deleted }, "\(name): the deleted piece is shown")
                #expect(shown.first { $0.id == edited }?.status.title == "Mine anew \(number)", "\(name): shown")
            }

            private func id(of object: [String: Any]) throws -> String { try #require(object["id"] as? String) }

            private static func picture(_ side: Int) throws -> Data {
                let samples = (0..<(side * side * 3)).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 3) }
                let noise = samples.map { $0 ^ UInt8.random(in: .min ... .max) }
                return try ImageCodec.encode(
                    Raster(width: side, height: side, layout: .rgb, samples: .u8(noise)), as: .png)
            }
        }

        /// Protection that has the pictures already: the small one goes in one request, the large one in pieces.
        private final class Passing: Protection {
            let small: Data
            let large: Data

            init(small: Data, large: Data) {
                self.small = small
                self.large = large
            }

            func recipes() -> [Recipe] { [] }

            func protect(
                _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
            ) throws -> ProtectedImage {
                let isSmall = original.suffix(5) == Data("small".utf8)
                let side = isSmall ? 24 : 700
                let picture = isSmall ? small : large
                return ProtectedImage(
                    data: picture, format: .png,
                    report: ProtectionReport(
                        width: side, height: side, recipe: request.recipe, methods: [], payload: request.payload,
                        visibility: 100, psnr: 99, ssim: 1, worstDeltaE: 0, seconds: .init(), selfCheck: nil,
                        cloak: nil, originalSHA256: Digest.sha256(original),
                        protectedSHA256: Digest.sha256(picture), limits: ""))
            }
        }
    }
}
