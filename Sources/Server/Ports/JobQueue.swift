import Foundation

/// A piece of work that is done later, at least once.
package struct Job: Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// Removes uploads that no post took within a day, and objects that nobody refers to any more.
        case sweepMedia
        /// Removes tombstones, codes and keys that are past their time.
        case expire
    }

    package var id: Int64
    package var kind: Kind
    package var attempts: Int
}

/// Work that survives a restart.
package protocol JobQueue: Sendable {
    /// Does nothing where the same kind already waits.
    func enqueue(_ kind: Job.Kind, at date: Date) async throws
    /// The next job that is due, hidden from others for the lease; nil where nothing is.
    func claim(now: Date, lease: TimeInterval) async throws -> Job?
    func finish(_ job: Job) async throws
    /// Puts it back.
    func fail(_ job: Job, retryAt: Date) async throws
}
