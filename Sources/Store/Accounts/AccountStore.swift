import Core
import Foundation

/// The store of one account: its vault and its cache.
public final class AccountStore: Sendable {
    public let signedIn: SignedInAccount
    public let vault: Vault
    public let cache: Cache
    public let library: AccountLibrary
    let layout: StoreLayout

    /// Bytes of others' pictures that are kept.
    public static let defaultMediaLimit: Int64 = 512 << 20

    /// Opens the account's store, making or migrating what is needed.
    ///
    /// - Throws: `UserError` when the store was written by a newer program, or cannot be read.
    public static func open(
        directories: Directories, account: SignedInAccount, clock: any WallClock = SystemClock(),
        mediaLimit: Int64 = defaultMediaLimit
    ) throws -> AccountStore {
        try Vault.translating {
            try AccountStore(directories: directories, account: account, clock: clock, mediaLimit: mediaLimit)
        }
    }

    private init(
        directories: Directories, account: SignedInAccount, clock: any WallClock, mediaLimit: Int64
    ) throws {
        for folder in [directories.data, directories.cache] { try PrivateFiles.makeDirectory(folder) }
        signedIn = account
        layout = StoreLayout(directories: directories, account: AccountRegistry.storeID(of: account))
        try layout.prepare()
        let signer = try ReceiptSigner(keyFile: ReceiptSigner.keyFile(directories))
        vault = try Vault(layout: layout, signer: signer, clock: clock)
        cache = try Cache(layout: layout, accountID: account.account.id, mediaLimit: mediaLimit, clock: clock)
        library = AccountLibrary(signedIn: account, vault: vault, cache: cache)
    }

    /// The bearer token; nil after a logout. Readable by its owner only.
    public func token() throws -> String? { try AccountRegistry.readToken(layout.token) }

    /// Adds an operation of the artist's, for an edit with what the artist saw.
    public func perform(_ operation: PendingOperation) throws {
        guard case .edit(let id, let draft) = operation, let seen = try cache.status(id) else {
            return try vault.perform(operation, revision: nil)
        }
        try vault.perform(
            operation, revision: seen.provenance?.revision, base: Draft(editing: seen, recipe: draft.recipe))
    }

    /// Keeps two processes from pulling into one cache at once. Waits for the other.
    public func whilePulling<T>(_ body: () throws -> T) throws -> T {
        try FileLock.holding(layout.pullLock, body)
    }

    /// Keeps two processes from sending the same operations. Nil when another is at it.
    public func whileSendingOperations<T>(_ body: () throws -> T) throws -> T? {
        guard let held = try FileLock.attempt(at: layout.locks.appendingPathComponent("operations")) else {
            return nil
        }
        return try withExtendedLifetime(held, body)
    }

    /// Numbers of which one is different after every change.
    func versions() -> [UInt64] { [vault.version(), cache.version()] }
}
