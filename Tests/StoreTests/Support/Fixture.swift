@_spi(Protection) import Core
import Foundation
import Store
import Synchronization
import TestSupport

/// A clock that stands still until it is told otherwise.
final class TestClock: WallClock {
    private let time: Mutex<Date>

    init(_ date: Date = Date(timeIntervalSince1970: 1_700_000_000)) { time = Mutex(date) }

    func now() -> Date { time.withLock { $0 } }
    func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// A store in a folder of its own, which goes with it.
final class Fixture {
    let root: URL
    let directories: Directories
    let clock = TestClock()
    let me = Account(id: "1", username: "mei", displayName: "Mei Lin")
    var signedIn: SignedInAccount { SignedInAccount(server: URL(string: "http://127.0.0.1:3000")!, account: me) }

    init() throws {
        root = FastFolder.url.appendingPathComponent("fixative-\(UUID().uuidString)")
        directories = Directories(under: root)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func open(mediaLimit: Int64 = 1 << 20) throws -> AccountStore {
        try AccountStore.open(directories: directories, account: signedIn, clock: clock, mediaLimit: mediaLimit)
    }

    /// The account's folder of data.
    var folder: URL {
        directories.data.appendingPathComponent("accounts").appendingPathComponent(
            AccountRegistry.storeID(of: signedIn))
    }

    func original(_ text: String = "original bytes", name: String = "rain.png") throws -> URL {
        let url = root.appendingPathComponent(name)
        try Data(text.utf8).write(to: url)
        return url
    }
}

/// A picture as the pipeline would give it.
func protectedImage(_ text: String, mark: MarkID? = nil) -> ProtectedImage {
    let data = Data(text.utf8)
    return ProtectedImage(
        data: data, format: .png,
        report: ProtectionReport(
            width: 4, height: 3, recipe: "subtle", methods: [.watermark, .rights], payload: mark, visibility: 90,
            psnr: 45, ssim: 0.99, worstDeltaE: 1, seconds: .init(), selfCheck: nil, cloak: nil,
            originalSHA256: String(repeating: "0", count: 64), protectedSHA256: Digest.sha256(data), limits: ""))
}

/// A status for the cache.
func status(
    _ id: Int, by account: Account, text: String, tags: [String] = [], alt: String? = nil,
    change: (inout Status) -> Void = { _ in }
) -> Status {
    var status = Status(
        id: String(id), createdAt: Date(timeIntervalSince1970: 1_600_000_000 + Double(id)), account: account,
        text: text,
        media: [
            MediaAttachment(
                id: "m\(id)", url: "http://h/\(id).png", previewURL: "http://h/\(id)s.png", description: alt)
        ],
        tags: tags)
    change(&status)
    return status
}
