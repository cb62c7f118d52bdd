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
    /// A large picture over a connection that breaks all the time.
    @Suite struct UploadCuts {
        /// How often the connection breaks at least: `FIXATIVE_UPLOAD_CUTS` asks for more or fewer.
        private static let cuts = ProcessInfo.processInfo.environment["FIXATIVE_UPLOAD_CUTS"].flatMap(Int.init) ?? 1_000
        /// Side of the square picture; noise of 4,100 pixels a side makes a PNG of 50 MB.
        private static let side = 4_100
        private static let largestPieceBytes = 32 << 20

        @Test(.timeLimit(.minutes(30)))
        func aThousandCutsLoseNoByteAndRepeatLittle() throws {
            let community = try Community()
            try community.createAccount("mei", password: "correct horse battery staple")
            let settings = try community.data.file("settings.toml", Data("max_media_bytes = 67108864\n".utf8))
            try community.start(["--config", settings.path])
            let proxy = try FaultProxy(upstream: UInt16(community.port))
            let home = try TemporaryDirectory("cuts")
            let http = CurlClient(
                configuration: CurlClient.Configuration(lowSpeedBytesPerSecond: 16, lowSpeedSeconds: 10))
            let clock = FakeClock()
            let store = LocalStore(Directories(under: home.url), clock: clock)
            let signIn = AccountSignIn(registry: store.registry, http: http) { throw UserError("not here") }
            let address = try #require(URL(string: "http://127.0.0.1:\(proxy.port)"))
            _ = try signIn.signIn(server: address, username: "mei", password: "correct horse battery staple")

            let picture = try Self.noise(Self.side)
            let digest = Digest.sha256(picture)
            #expect(picture.count > 48 << 20)
            let protection = Ready(picture)
            let engine = SyncEngine(store: store, http: http, protection: protection, clock: clock)
            var hunt = ByteHunt()
            for secret in ["canary-in-the-name", "canary-in-the-bytes"] { hunt.add(Array(secret.utf8), named: secret) }
            let file = try home.file("canary-in-the-name.png", Data("an original with a canary-in-the-bytes".utf8))
            let item = try store.enqueue(file: file, draft: Draft(title: "Noise", altText: "alt"))

            // As many pieces as cuts, on average, with room for those that take nothing from it.
            let spread = picture.count * 2 / Self.cuts * 9 / 10
            let isDone = Atomic(false)
            let breaker = Thread {
                var random = SystemRandomNumberGenerator()
                while !isDone.load(ordering: .relaxed) {
                    proxy.setFault(.cut(.up, after: .random(in: 0...spread, using: &random)), trigger: "PATCH ")
                    usleep(500)
                }
            }
            breaker.start()
            defer { isDone.store(true, ordering: .relaxed) }
            var rounds = 0
            while try store.item(item.id)?.state != .published, rounds < 2_000 {
                rounds += 1
                _ = try engine.runOnce(pulling: false)
                clock.advance(by: 1_000)
                let found = try #require(try store.item(item.id))
                try #require(!found.state.isResting || found.state == .published, "\(found.attention?.message ?? "")")
            }
            isDone.store(true, ordering: .relaxed)

            let sent = proxy.sent
            #expect(sent.reduce(0) { $0 + $1.count } > picture.count)
            for stream in sent { #expect(hunt.found(in: stream).isEmpty) }
            let pieces = sent.flatMap(Self.pieces)
            let cuts = pieces.filter { $0.sent < $0.promised }.count
            let repeated = pieces.reduce(0) { $0 + $1.sent } - picture.count
            print("upload: \(pieces.count) PATCH requests, \(cuts) cut, \(repeated) bytes sent again, \(rounds) rounds")
            #expect(cuts >= Self.cuts * 9 / 10)
            // What a break loses is what was on its way: never more than the piece.
            #expect(repeated <= pieces.reduce(0) { $0 + ($1.sent < $1.promised ? $1.promised : 0) })
            #expect(pieces.allSatisfy { $0.promised <= Self.largestPieceBytes })
            let account = try #require(try store.currentAccount()).account.id
            let statuses = try community.statuses(of: account)
            #expect(statuses.count == 1)
            let media = try #require(statuses.first?.media.first)
            #expect(Digest.sha256(try community.file(media)) == digest)
            #expect(try store.receipt(item.id)?.protectedSHA256 == digest)
            try community.stop()
        }

        /// The PATCH requests of one connection: how many bytes each promised, and how many went out.
        private static func pieces(_ stream: Data) -> [(promised: Int, sent: Int)] {
            var found: [(Int, Int)] = []
            var rest = stream[...]
            while let end = rest.range(of: Data("\r\n\r\n".utf8)) {
                let lines = String(decoding: rest[rest.startIndex..<end.lowerBound], as: UTF8.self)
                    .components(separatedBy: "\r\n")
                let length =
                    lines.first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                let body = rest[end.upperBound...].prefix(length)
                if lines[0].hasPrefix("PATCH ") { found.append((length, body.count)) }
                rest = rest[body.endIndex...]
            }
            return found
        }

        /// Bytes that do not compress.
        private static func noise(_ side: Int) throws -> Data {
            var state: UInt64 = 0x9E37_79B9_7F4A_7C15
            var samples = [UInt8](repeating: 0, count: side * side * 3)
            for index in samples.indices {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                samples[index] = UInt8(truncatingIfNeeded: state >> 32)
            }
            return try ImageCodec.encode(
                Raster(width: side, height: side, layout: .rgb, samples: .u8(samples)), as: .png)
        }

        /// Protection that has the picture already.
        private final class Ready: Protection {
            let picture: Data

            init(_ picture: Data) { self.picture = picture }

            func recipes() -> [Recipe] { [] }

            func protect(
                _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
            ) throws -> ProtectedImage {
                ProtectedImage(
                    data: picture, format: .png,
                    report: ProtectionReport(
                        width: UploadCuts.side, height: UploadCuts.side, recipe: request.recipe, methods: [],
                        payload: nil, visibility: 100, psnr: 99, ssim: 1, worstDeltaE: 0, seconds: .init(),
                        selfCheck: nil, cloak: nil, originalSHA256: Digest.sha256(original),
                        protectedSHA256: Digest.sha256(picture), limits: ""))
            }
        }
    }
}
