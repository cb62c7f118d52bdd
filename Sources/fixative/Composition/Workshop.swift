import AntiAI
import Core
import Foundation
import Imaging
import Store
import Sync
import Transport

/// Where the parts are put together: the one place that knows every module.
struct Workshop {
    let directories: Directories
    let preferences: Preferences
    let store: LocalStore
    let http: any HTTPClient
    let recipes: RecipeBook
    let protector: Protector
    /// Where very large pictures lie while they are worked on.
    let scratch: URL
    let localCommunity: LocalCommunity

    init() throws {
        directories = Directories(environment: ProcessInfo.processInfo.environment)
        preferences = try Preferences(contentsOf: Self.configFile(directories))
        store = LocalStore(directories, mediaLimit: Int64(preferences.number("cache_limit_mb")) << 20)
        http = CurlClient()
        guard let local = URL(string: preferences["local_community"]) else {
            throw UserError("'local_community' is no address: write it like http://127.0.0.1:8420.")
        }
        localCommunity = LocalCommunity(address: local, directories: directories, http: http)
        recipes = RecipeBook(directory: directories.config.appendingPathComponent("recipes"))
        scratch = directories.data.appendingPathComponent("scratch", isDirectory: true)
        protector = Protector(
            book: recipes, watermarkKeys: try Self.watermarkKeys(preferences["mark_key"], directories), scratch: scratch
        )
    }

    /// - Parameter choice: that of the setting `mark_key`.
    static func watermarkKeys(_ choice: String, _ directories: Directories) throws -> [WatermarkKey] {
        switch choice {
        case "private": [try privateKey(directories)]
        case "both": [try privateKey(directories), .community]
        default: [.community]
        }
    }

    /// The private watermark key of the artist's identity on this machine, which is made at first use.
    static func privateKey(_ directories: Directories) throws -> WatermarkKey {
        WatermarkKey(bytes: try ReceiptSigner(keyFile: ReceiptSigner.keyFile(directories)).watermarkKey())
    }

    /// The same where there is an identity already.
    var knownPrivateKey: WatermarkKey? {
        guard FileManager.default.fileExists(atPath: ReceiptSigner.keyFile(directories).path) else { return nil }
        return try? Self.privateKey(directories)
    }

    static func configFile(_ directories: Directories) -> URL {
        directories.config.appendingPathComponent("config.toml")
    }

    /// The account that commands work for. Throws where nobody is logged in.
    func signedIn() throws -> SignedInAccount {
        guard let account = try store.currentAccount() else {
            throw UserError(
                "Nobody is logged in: run 'fixative login URL', or 'fixative' for the first steps.", .attention)
        }
        return account
    }

    /// Reads a file of the artist's; never changes it.
    ///
    /// - Parameter scratch: where a large file is copied to, instead of into memory.
    static func read(_ path: String, scratch: URL? = nil) throws -> Data {
        let url = URL(fileURLWithPath: path)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw UserError("There is no file '\(path)': check the name.")
        }
        if isDirectory.boolValue { throw UserError("'\(path)' is a directory: name the image files in it.") }
        if let scratch { return try ImageCodec.read(fileAt: url, scratch: scratch) }
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
        guard size <= 256 << 20 else {
            throw UserError("'\(path)' is larger than 256 MiB, the most that is read: export it smaller.")
        }
        do { return try Data(contentsOf: url) } catch {
            throw UserError("'\(path)' cannot be read: check its permissions.")
        }
    }

    func signIn() -> AccountSignIn {
        AccountSignIn(registry: store.registry, http: http, launchLocalCommunity: localCommunity.start)
    }

    /// The engine for a command. The community on this machine is started first where the account lives there.
    ///
    /// - Parameter events: called with what happens, besides the log.
    func engine(_ events: @escaping @Sendable (SyncEvent) -> Void = { _ in }) -> SyncEngine {
        startCommunityOfAccount()
        return makeEngine(events: events)
    }

    /// Where it does not start, the engine finds the server unreachable and says so.
    func startCommunityOfAccount() {
        if let account = try? store.currentAccount(), localCommunity.isHome(of: account.server) {
            _ = try? localCommunity.start()
        }
    }

    /// The engine alone.
    func makeEngine(
        of own: LocalStore? = nil, events: @escaping @Sendable (SyncEvent) -> Void = { _ in }
    ) -> SyncEngine {
        let log = EventLog(directories.state)
        return SyncEngine(
            store: own ?? store, http: http, protection: protector,
            pullInterval: TimeInterval(preferences.number("sync_interval_seconds")),
            events: { event in
                log.write(event)
                events(event)
            })
    }

    /// Engines for the accounts of this machine, each with its own store.
    func fleet(
        sparesCurrent: Bool, events: @escaping @Sendable (SignedInAccount) -> @Sendable (SyncEvent) -> Void
    ) -> SyncFleet {
        let limit = Int64(preferences.number("cache_limit_mb")) << 20
        return SyncFleet(registry: store.registry, sparesCurrent: sparesCurrent) { account in
            makeEngine(of: LocalStore(directories, mediaLimit: limit, account: account), events: events(account))
        }
    }

    func entry(_ id: String) throws -> LibraryEntry {
        _ = try signedIn()
        guard let entry = try store.entry(id) else {
            throw UserError("There is no status \(id) on this machine: 'fixative sync' fetches.", .no)
        }
        return entry
    }

    /// A status of the artist's own.
    func ownEntry(_ id: String) throws -> LibraryEntry {
        let entry = try entry(id)
        guard entry.isMine else { throw UserError("Status \(id) is not yours.", .no) }
        return entry
    }

    /// The id of an account by `name`, `name@host` or id, as the store knows it.
    func accountID(_ name: String) throws -> String {
        if try store.account(name) != nil { return name }
        let acct = name.hasPrefix("@") ? String(name.dropFirst()) : name
        guard let account = try store.search(.by(acct.lowercased()), limit: 1).first?.status.account else {
            throw UserError("There is no account '\(name)' on this machine.", .no)
        }
        return account.id
    }

    /// Sends what the artist just did, and says how far it got.
    func send(_ done: String) throws {
        let summary = try engine().runOnce(pulling: false)
        if summary.needsLogin {
            throw UserError("\(done) here; to send it, log in again: 'fixative login URL'.", .attention)
        }
        if summary.offline {
            throw UserError("\(done) here; it is sent when the server can be reached.", .unavailable)
        }
        if summary.failed > 0 {
            throw UserError(
                "\(done) here, but the server does not take it: see 'fixative queue changes' and 'fixative queue'.",
                .attention)
        }
        Console.out("\(done).")
    }
}
