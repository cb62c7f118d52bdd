/// What one round did.
public struct SyncSummary: Hashable, Sendable, Codable {
    /// Statuses that came in, changed or went.
    public var pulled = 0
    /// Pieces that were published.
    public var published = 0
    /// Operations that were sent.
    public var sent = 0
    /// Pictures that were fetched.
    public var media = 0
    /// Items and operations that need the artist.
    public var failed = 0
    /// Items and operations that still wait to be sent.
    public var waiting = 0
    /// The server could not be reached: everything is as it was.
    public var offline = false
    /// The login is no longer good.
    public var needsLogin = false
    /// One sentence about what went wrong last.
    public var problem: String?

    public init() {}
}
