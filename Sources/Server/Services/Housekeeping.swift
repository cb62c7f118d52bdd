import Foundation
import Logging

/// Does the jobs that are due, until the server stops.
struct Housekeeping: Sendable {
    private static let pause = Duration.seconds(30)
    private static let unattachedLifetime: TimeInterval = 86_400

    let community: Community
    let logger: Logger

    /// Returns when its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await community.jobs.enqueue(.expire, at: community.clock.now().addingTimeInterval(3_600))
                while try await runNext() {}
                try await Task.sleep(for: Self.pause)
            } catch is CancellationError {
                return
            } catch {
                logger.error("jobs failed", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// False when nothing is due.
    private func runNext() async throws -> Bool {
        guard let job = try await community.jobs.claim(now: community.clock.now(), lease: 600) else { return false }
        do {
            try await perform(job.kind)
            try await community.jobs.finish(job)
        } catch {
            logger.error("job failed", metadata: ["kind": "\(job.kind.rawValue)", "reason": "\(error)"])
            let wait = min(3_600, 30 * Double(1 << min(job.attempts, 7)))
            try await community.jobs.fail(job, retryAt: community.clock.now().addingTimeInterval(wait))
        }
        return true
    }

    private func perform(_ kind: Job.Kind) async throws {
        switch kind {
        case .sweepMedia: try await community.sweepMedia(unattachedFor: Self.unattachedLifetime)
        case .expire:
            try await community.expire()
            try await community.expireUploads()
        }
    }
}

extension Community {
    /// Removes uploads that no post took in time, and the objects that no row needs any more.
    package func sweepMedia(unattachedFor lifetime: TimeInterval) async throws {
        let limit = clock.now().addingTimeInterval(-lifetime)
        let objects = objects
        try await database.write { db in
            for media in try db.unattachedMedia(before: limit) { try db.deleteMedia(media.id) }
        }
        let needed = try await database.read { db in try db.referencedObjects() }
        for name in try objects.allNames() where !needed.contains(name) {
            try await database.write { db in
                // Young objects may belong to an upload whose row is still to come.
                let date = try? objects.url(of: name).resourceValues(forKeys: [.contentModificationDateKey])
                    .contentModificationDate
                if let date, date < Date().addingTimeInterval(-3_600), try !db.isReferenced(object: name) {
                    try objects.delete(name)
                }
            }
        }
        try objects.removeTemporaryFiles(before: Date().addingTimeInterval(-86_400))
    }

    /// Removes what is past its time: tombstones, codes, idempotency keys.
    package func expire() async throws {
        let now = clock.now()
        let tombstones = now.addingTimeInterval(-86_400 * Double(configuration.tombstoneDays))
        try await database.write { db in
            try db.deleteTombstones(before: tombstones)
            try db.deleteExpiredGrants(now: now)
            try db.deleteExpiredKeys(before: now.addingTimeInterval(-86_400))
        }
    }
}
