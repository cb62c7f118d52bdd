import Core
import Foundation

/// The accounts of this machine and which of them is the current one: `data/accounts.json`, tokens in files of their
/// own. Several processes may use it at once.
public struct AccountRegistry: Sendable {
    /// This program as it is registered at a server (OAuth 2.0 client, RFC 6749 section 2).
    public struct Application: Hashable, Sendable, Codable {
        public var clientID: String
        public var clientSecret: String
        public var redirectURI: String

        public init(clientID: String, clientSecret: String, redirectURI: String) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.redirectURI = redirectURI
        }
    }

    private struct Contents: Codable {
        var current: String?
        var accounts: [String: SignedInAccount] = [:]
        /// By server.
        var applications: [String: Application] = [:]
    }

    private let directories: Directories
    private let file: URL
    /// The same as text: `stamp()` is asked for with every tile of every frame.
    private let path: String

    public init(_ directories: Directories) {
        self.directories = directories
        file = directories.data.appendingPathComponent("accounts.json")
        path = file.path
    }

    /// The name of an account's folder: nothing in it comes from outside.
    public static func storeID(of account: SignedInAccount) -> String {
        let identity = origin(account.server) + "\n" + account.account.id
        return String(Digest.sha256(Data(identity.utf8)).prefix(32))
    }

    /// All accounts, the current one first.
    public func accounts() throws -> [SignedInAccount] {
        let contents = try read()
        return contents.accounts.sorted { one, other in
            let (first, second) = (one.key == contents.current, other.key == contents.current)
            return first == second ? one.value.account.acct < other.value.account.acct : first
        }.map(\.value)
    }

    /// What is known of an account that is logged in here; nil when it is not, or not any more.
    func known(_ account: SignedInAccount) throws -> SignedInAccount? { try read().accounts[Self.storeID(of: account)] }

    public func current() throws -> SignedInAccount? {
        let contents = try read()
        return contents.current.flatMap { contents.accounts[$0] }
    }

    /// Stores an account with its token, and makes it the current one.
    ///
    /// - Parameter refresh: gets the next token, where this one expires.
    public func add(_ account: SignedInAccount, token: String, refresh: String? = nil) throws {
        let id = Self.storeID(of: account)
        let layout = StoreLayout(directories: directories, account: id)
        try layout.prepare()
        try setTokens(of: account, token: token, refresh: refresh)
        try change { contents in
            contents.accounts[id] = account
            contents.current = id
        }
    }

    /// Writes what the server says of an account now.
    public func update(_ account: SignedInAccount) throws {
        let id = Self.storeID(of: account)
        guard let known = try read().accounts[id], known != account else { return }
        try change { contents in if contents.accounts[id] != nil { contents.accounts[id] = account } }
    }

    public func makeCurrent(_ account: SignedInAccount) throws {
        let id = Self.storeID(of: account)
        guard try read().accounts[id] != nil else { throw UserError("There is no such account here.", .no) }
        try change { $0.current = id }
    }

    /// Logs an account out: its token goes at once. Its queue and receipts stay on disk, and are there again after the
    /// next login.
    public func remove(_ account: SignedInAccount) throws {
        let id = Self.storeID(of: account)
        let layout = StoreLayout(directories: directories, account: id)
        for file in [layout.token, layout.refreshToken] where FileManager.default.fileExists(atPath: file.path) {
            try FileManager.default.removeItem(at: file)
            try DurableFile.syncDirectory(layout.root)
        }
        try change { contents in
            contents.accounts[id] = nil
            if contents.current == id { contents.current = contents.accounts.keys.min() }
        }
    }

    public func token(of account: SignedInAccount) throws -> String? {
        try Self.readToken(StoreLayout(directories: directories, account: Self.storeID(of: account)).token)
    }

    /// Puts other tokens in place of an account's, also without one to refresh with.
    public func setTokens(of account: SignedInAccount, token: String, refresh: String?) throws {
        let layout = StoreLayout(directories: directories, account: Self.storeID(of: account))
        if let refresh {
            try DurableFile.write(Data(refresh.utf8), to: layout.refreshToken)
        } else if FileManager.default.fileExists(atPath: layout.refreshToken.path) {
            try FileManager.default.removeItem(at: layout.refreshToken)
        }
        try DurableFile.write(Data(token.utf8), to: layout.token)
    }

    /// What gets the next token of an account, where its server gave something of the kind.
    public func refreshToken(of account: SignedInAccount) throws -> String? {
        try Self.readToken(StoreLayout(directories: directories, account: Self.storeID(of: account)).refreshToken)
    }

    /// How this program is registered at a server.
    public func application(at server: URL) throws -> Application? { try read().applications[Self.origin(server)] }

    public func setApplication(_ application: Application?, at server: URL) throws {
        try change { $0.applications[Self.origin(server)] = application }
    }

    /// The password of an account that this program registered by itself in the community on this machine: made at
    /// first use, kept in a file of its own.
    public func localPassword(of username: String, at server: URL) throws -> (password: String, isKnown: Bool) {
        let keys = directories.data.appendingPathComponent("keys", isDirectory: true)
        try PrivateFiles.makeDirectory(keys)
        let identity = Data((Self.origin(server) + "\n" + username.lowercased()).utf8)
        let file = keys.appendingPathComponent("local-" + Digest.sha256(identity).prefix(32))
        if let known = try Self.readToken(file) { return (known, true) }
        let password = Digest.hex((0..<24).map { _ in UInt8.random(in: .min ... .max) })
        try DurableFile.write(Data(password.utf8), to: file)
        return (password, false)
    }

    /// Scheme, host and port, as one text (RFC 6454).
    public static func origin(_ url: URL) -> String {
        let scheme = (url.scheme ?? "").lowercased()
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        return "\(scheme)://\((url.host ?? "").lowercased()):\(port)"
    }

    /// Changes whenever the registry was written.
    func stamp() -> UInt64 {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return 0 }
        return UInt64(facts.st_ino) &+ UInt64(bitPattern: Int64(facts.st_mtim.tv_nsec))
            &+ UInt64(bitPattern: Int64(facts.st_mtim.tv_sec)) &* 1_000_000_007
    }

    static func readToken(_ file: URL) throws -> String? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        try PrivateFiles.tighten(file)
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    private func read() throws -> Contents {
        guard FileManager.default.fileExists(atPath: file.path) else { return Contents() }
        try PrivateFiles.tighten(file)
        do {
            return try StoreJSON.value(Contents.self, String(decoding: Data(contentsOf: file), as: UTF8.self))
        } catch is DecodingError {
            throw UserError("The list of accounts \(file.path) is damaged: move it away and log in again.", .internal)
        }
    }

    private func change(_ body: (inout Contents) -> Void) throws {
        try PrivateFiles.makeDirectory(directories.data)
        try FileLock.holding(directories.data.appendingPathComponent("accounts.lock")) {
            var contents = try read()
            body(&contents)
            try DurableFile.write(Data(try StoreJSON.text(contents).utf8), to: file)
        }
    }
}
