import Core
import Foundation
import Synchronization
import TUI
import Terminal

@_spi(Protection) import struct Core.ProtectedImage

/// A small community in memory: the services that screens get, without a store or a network.
final class FakeServices: Library, Outbox, SyncStatus, SignIn, Protection, WallClock {
    struct State {
        var statuses: [Status] = []
        var items: [OutboxItem] = []
        var joined = true
        var version: UInt64 = 1
        var sync = SyncState(phase: .offline, lastSync: FakeServices.noon.addingTimeInterval(-300), waiting: 3)
        var enqueued: [Draft] = []
        var operations: [PendingOperation] = []
        var changes: [OperationItem] = []
    }

    /// 2026-03-01 12:00 UTC: the time of every test.
    static let noon = Date(timeIntervalSince1970: 1_772_366_400)
    let world = Mutex(State())
    let folder: URL
    let me = Account(
        id: "1", username: "mei", displayName: "Mei Lin 梅林", note: "Ink, water and light. 水墨与光。", followersCount: 128,
        followingCount: 42, statusesCount: 31)

    /// - Parameter folder: where tiny files stand for pictures; their first byte says which is drawn.
    init(folder: URL, titles: [String]? = nil) throws {
        self.folder = folder
        for index in 0..<8 { try Data([UInt8(index)]).write(to: folder.appendingPathComponent("p\(index).png")) }
        let names = titles ?? ["Altai at dusk", "清晨草茎上的瓢虫", "Storm over the lake, seen from the old pier", "Moor"]
        world.withLock { state in
            for index in 0..<max(24, names.count) {
                let artist = Account(
                    id: "\(index % 3 + 1)", username: ["mei", "hero", "xiaoyu"][index % 3],
                    displayName: ["Mei Lin 梅林", "Hero", "王小雨"][index % 3], note: "Paintings.", statusesCount: 8)
                state.statuses.append(
                    Status(
                        id: "\(100 - index)",
                        createdAt: Self.noon.addingTimeInterval(-Double(index * index) * 1_800 - 120), account: artist,
                        text: names[index % names.count]
                            + "\n\nPainted beside the lake in one sitting. 湖边写生，纸本水彩。\n\n#watercolour #plein_air",
                        sensitive: index == 4,
                        media: [
                            MediaAttachment(
                                id: "m\(index)", url: "x",
                                description: index % 2 == 0 ? "Far mountains under a red sky." : nil)
                        ], tags: ["watercolour", "plein_air"], favouritesCount: index * 3 % 17,
                        provenance: StatusProvenance(
                            markID: MarkID(rawValue: 0x1234_5678_9ABC_DEF0), license: "CC-BY-NC-4.0", recipe: "subtle"))
                )
            }
            let attention = AttentionReason(
                kind: .refused, message: "The server refused the picture: it is larger than 16 MB. Edit it or cancel.")
            state.items = [
                item(1, "Heron", .uploading, progress: 0.42), item(2, "雨后", .protecting, progress: 0.7),
                item(3, "Lighthouse", .needsAttention, attention: attention), item(4, "Moor", .published),
            ]
        }
    }

    private func item(
        _ number: Int, _ title: String, _ state: OutboxState, progress: Double? = nil, attention: AttentionReason? = nil
    ) -> OutboxItem {
        OutboxItem(
            id: ClientID("01890a5d-ac96-774b-bcce-b302099a805\(number)")!,
            draft: Draft(title: title, caption: "On the moor.", altText: "A bird.", tags: ["ink"]),
            fileName: "\(number).png", state: state, progress: progress, attention: attention,
            attempts: attention == nil ? 0 : 2, markID: MarkID(rawValue: UInt64(number)),
            originalSHA256: String(repeating: "a", count: 64), report: state == .published ? report("subtle") : nil,
            createdAt: Self.noon.addingTimeInterval(-3_900), updatedAt: Self.noon)
    }

    /// Three changes that wait: one to be sent, one that was refused, one that met another.
    func addChanges() {
        let base = Draft(title: "Heron", caption: "On the moor.\nIn March.", altText: "A bird.", tags: ["ink"])
        var mine = base
        mine.title = "Grey heron"
        mine.caption = "On the moor.\nEarly in March."
        mine.altText = "A grey bird in reeds."
        var theirs = base
        theirs.title = "Heron 苍鹭"
        theirs.altText = "A heron stands in shallow water."
        world.withLock { state in
            state.changes = [
                OperationItem(
                    id: 3, operation: .edit(statusID: "100", mine), state: .conflict,
                    message: "This piece was changed elsewhere in the same place: decide between the two versions.",
                    conflict: EditConflict(base: base, mine: mine, theirs: theirs),
                    createdAt: Self.noon.addingTimeInterval(-300)),
                OperationItem(
                    id: 2, operation: .boost(statusID: "99", true), state: .refused,
                    message: "community.example refused (403): This action is not allowed.", attempts: 1,
                    createdAt: Self.noon.addingTimeInterval(-4_000)),
                OperationItem(
                    id: 1, operation: .favourite(statusID: "98", true), state: .waiting,
                    createdAt: Self.noon.addingTimeInterval(-90_000)),
            ]
        }
    }

    private func report(_ recipe: String) -> ProtectionReport {
        ProtectionReport(
            width: 64, height: 48, recipe: recipe, methods: [.watermark, .rights], payload: MarkID(rawValue: 7),
            visibility: 88.4, psnr: 43.21, ssim: 0.9931, worstDeltaE: 4.2, seconds: .init(),
            selfCheck: .init(jpeg75: true, scale50: false), cloak: nil, originalSHA256: "a",
            protectedSHA256: String(repeating: "b", count: 64), limits: "Does not stop training.")
    }

    /// Hills under a sun, different for each number.
    static func draw(_ number: UInt8) -> PixelImage {
        let shift = Double(number) * 0.7
        return PixelImage(width: 96, height: 72) { x, y in
            let horizon = 40 + 8 * sin(Double(x) / 14 + shift) + 4 * sin(Double(x) / 5 + shift * 2)
            let dx = Double(x) - 60 + shift * 4
            let dy = Double(y) - 16
            if dx * dx + dy * dy < 80 { return (250, 240, 200) }
            if Double(y) > horizon { return (UInt8(20 + y / 3), UInt8(60 + y / 2), 50) }
            return (UInt8(120 + y), UInt8(150 - y / 2), UInt8(220 - y * 2))
        }
    }

    func options(_ language: Language) -> TUIOptions {
        TUIOptions(
            language: language, terminal: TerminalOptions(environment: ["USER": "mei"]), version: "0.1.0",
            workingDirectory: folder, homeDirectory: folder)
    }

    var services: TUIServices {
        TUIServices(
            signIn: self, protection: self,
            session: { [self] in
                world.withLock(\.joined) ? SessionServices(library: self, outbox: self, syncStatus: self) : nil
            }, decode: { data, _ in Self.draw(data.first ?? 0) }, clock: self)
    }

    func now() -> Date { Self.noon }
    func currentAccount() throws -> SignedInAccount? {
        SignedInAccount(server: URL(string: "https://community.example")!, account: me)
    }

    private func entry(_ status: Status) -> LibraryEntry {
        LibraryEntry(status: status, state: .synced, isMine: status.account.id == "1" && !status.sensitive)
    }

    func timeline(_ timeline: Timeline, limit: Int, before: String?) throws -> [LibraryEntry] {
        var all = world.withLock(\.statuses)
        if case .account(let id) = timeline { all = all.filter { $0.account.id == id } }
        if case .bookmarks = timeline { all = [] }
        if let before, let index = all.firstIndex(where: { $0.id == before }) { all.removeFirst(index + 1) }
        return all.prefix(limit).map(entry)
    }

    func entry(_ statusID: String) throws -> LibraryEntry? {
        world.withLock { $0.statuses.first { $0.id == statusID } }.map(entry)
    }
    func account(_ id: String) throws -> Account? { id == "1" ? me : nil }
    func search(_ query: SearchQuery, limit: Int) throws -> [LibraryEntry] {
        world.withLock(\.statuses).prefix(5).map(entry)
    }
    func file(of media: MediaAttachment, _ variant: MediaVariant) -> URL? {
        Int(media.id.dropFirst()).map { folder.appendingPathComponent("p\($0 % 8).png") }
    }
    func version() -> UInt64 { world.withLock(\.version) }

    func items(includingDone: Bool) throws -> [OutboxItem] {
        world.withLock(\.items).filter { includingDone || $0.state != .published }
    }
    func item(_ id: ClientID) throws -> OutboxItem? { world.withLock { $0.items.first { $0.id == id } } }
    func enqueue(file: URL, draft: Draft) throws -> OutboxItem {
        world.withLock { state in
            state.enqueued.append(draft)
            return state.items[0]
        }
    }
    func edit(_ id: ClientID, _ draft: Draft) throws -> OutboxItem { try change(id) { $0.draft = draft } }
    func retry(_ id: ClientID) throws -> OutboxItem { try change(id) { $0.state = .uploading } }
    func cancel(_ id: ClientID) throws -> OutboxItem { try change(id) { $0.state = .cancelled } }
    private func change(_ id: ClientID, _ body: (inout OutboxItem) -> Void) throws -> OutboxItem {
        try world.withLock { state in
            guard let index = state.items.firstIndex(where: { $0.id == id }) else { throw UserError("no such item") }
            body(&state.items[index])
            state.version += 1
            return state.items[index]
        }
    }
    func perform(_ operation: PendingOperation) throws { world.withLock { $0.operations.append(operation) } }
    func operations() throws -> [OperationItem] { world.withLock(\.changes) }
    func retryOperation(_ id: Int64) throws { world.withLock { $0.changes[0].state = .waiting } }
    func dropOperation(_ id: Int64) throws { world.withLock { $0.changes.removeAll { $0.id == id } } }
    func resolveConflict(_ id: Int64, with draft: Draft) throws {
        world.withLock { state in
            state.changes.removeAll { $0.id == id }
            state.enqueued.append(draft)
        }
    }
    func receipt(_ id: ClientID) throws -> Receipt? { nil }
    func receipts() throws -> [Receipt] { [] }

    func state() -> SyncState { world.withLock(\.sync) }
    func requestSync() {}
    func wantMedia(_ media: [MediaAttachment], _ variant: MediaVariant) {}

    func signIn(server: URL, username: String, password: String) throws -> SignedInAccount {
        throw UserError("Cannot reach \(server.host ?? ""): check the name.")
    }
    func joinLocalCommunity(username: String) throws -> SignedInAccount {
        world.withLock { $0.joined = true }
        return try currentAccount()!
    }

    func recipes() -> [Recipe] {
        [
            Recipe(name: "off", methods: [], visibilityTarget: 100),
            Recipe(name: "mark", methods: [.watermark, .rights], visibilityTarget: 88),
            Recipe(name: "subtle", methods: [.watermark, .rights, .noise], visibilityTarget: 85),
        ]
    }
    func protect(
        _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
    ) throws -> ProtectedImage {
        guard progress(0.5) else { throw CancellationError() }
        return ProtectedImage(data: original, format: .png, report: report(request.recipe))
    }
}

/// A folder of the test's own, removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tui-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
