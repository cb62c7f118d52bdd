@_spi(Protection) import Core
import Foundation
import Store
import Sync
import Synchronization
import TestSupport

/// A clock that stands still until it is told otherwise.
final class TestClock: WallClock {
    private let time = Mutex(Date(timeIntervalSince1970: 1_700_000_000))

    func now() -> Date { time.withLock { $0 } }
    func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// The protector of the tests: its output depends on the original and holds nothing of it.
final class FakeProtection: Protection {
    let failure = Mutex<UserError?>(nil)
    let runs = Mutex(0)
    /// Bytes that the protected picture has at least.
    let size = Mutex(0)

    func recipes() -> [Recipe] { [] }

    func protect(
        _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
    ) throws -> ProtectedImage {
        runs.withLock { $0 += 1 }
        if let failure = failure.withLock({ $0 }) { throw failure }
        guard progress(0.5) else { throw CancellationError() }
        let digest = Digest.sha256(original + Data(request.payload.description.utf8))
        var data = Data("PROTECTED \(digest)".utf8)
        data.append(Data(count: max(0, size.withLock { $0 } - data.count)))
        return ProtectedImage(
            data: data, format: .png,
            report: ProtectionReport(
                width: 4, height: 3, recipe: request.recipe, methods: [.watermark], payload: request.payload,
                visibility: 90, psnr: 45, ssim: 0.99, worstDeltaE: 1, seconds: .init(), selfCheck: nil, cloak: nil,
                originalSHA256: Digest.sha256(original), protectedSHA256: Digest.sha256(data), limits: ""))
    }
}

/// An artist's machine in a folder of its own, and the community in memory.
final class Studio {
    static let canary = "CANARY-7f3a-in-exif-and-pixels"
    let root: URL
    let clock = TestClock()
    let server: FakeServer
    let protection = FakeProtection()
    let events = Mutex<[SyncEvent]>([])
    private(set) var store: LocalStore
    private(set) var engine: SyncEngine!

    init(hasExtension: Bool = true, signedIn: Bool = true) throws {
        root = FastFolder.url.appendingPathComponent("fixative-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        server = FakeServer(clock: clock, hasExtension: hasExtension)
        store = LocalStore(Directories(under: root), clock: clock)
        if signedIn {
            let account = SignedInAccount(server: FakeServer.address, account: FakeServer.me.account)
            try store.registry.add(account, token: "token")
        }
        start()
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// As after a crash: everything in memory is gone.
    func restart() {
        engine = nil
        store = LocalStore(Directories(under: root), clock: clock)
        start()
    }

    private func start() {
        engine = SyncEngine(
            store: store, http: server, protection: protection, clock: clock, random: { $0.upperBound })
    }

    @discardableResult
    func enqueue(_ title: String = "Rain") throws -> OutboxItem {
        let file = root.appendingPathComponent("original-\(Self.canary)-\(title).png")
        try Data("\(Self.canary) pixels of \(title)".utf8).write(to: file)
        return try store.enqueue(file: file, draft: Draft(title: title, altText: "alt \(title)", tags: ["ink"]))
    }

    /// Rounds until nothing waits; a round that the fake crash ends is followed by a restart. Returns the crashes.
    @discardableResult
    func settle(rounds: Int = 12) throws -> Int {
        var crashes = 0
        for _ in 0..<rounds {
            do {
                let summary = try engine.runOnce()
                if summary.waiting == 0 { return crashes }
            } catch is FakeServer.Crash {
                crashes += 1
                restart()
            }
            clock.advance(by: 1_000)
        }
        return crashes
    }
}
