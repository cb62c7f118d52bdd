import Core
import Foundation
import Synchronization

/// Work of the interface's own that takes a while: a login, a protection. Publications have their own list.
@MainActor final class Job: Identifiable {
    enum State: Equatable { case running, done, failed(String), cancelled }

    let id: Int
    let title: String
    let startedAt: Date
    fileprivate(set) var progress: Double?
    fileprivate(set) var state = State.running
    fileprivate let flag = CancelFlag()

    init(id: Int, title: String, startedAt: Date) {
        self.id = id
        self.title = title
        self.startedAt = startedAt
    }

    func cancel() {
        guard state == .running else { return }
        flag.set()
    }

    /// Seconds that are left at the pace so far; nil while it is too early to say.
    func secondsLeft(at now: Date) -> Int? {
        progress.flatMap { RemainingTime.seconds(elapsed: now.timeIntervalSince(startedAt), fraction: $0) }
    }

    var isCancelling: Bool { state == .running && flag.isSet }
}

/// Set once, from any thread.
final class CancelFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

/// Runs work on other threads and brings its result to the main one.
@MainActor final class JobCenter {
    private(set) var jobs: [Job] = []
    private let mailbox: Mailbox
    private let clock: any WallClock
    private var nextID = 1
    private let queue = DispatchQueue(label: "fixative.jobs", qos: .userInitiated, attributes: .concurrent)

    init(mailbox: Mailbox, clock: any WallClock) {
        self.mailbox = mailbox
        self.clock = clock
    }

    /// - Parameters:
    ///   - work: gets a progress function that returns false once the job is cancelled.
    ///   - then: called on the main thread with what came of it.
    @discardableResult
    func run<Value: Sendable>(
        _ title: String, _ work: @escaping @Sendable (@Sendable (Double) -> Bool) throws -> Value,
        then: @escaping @MainActor @Sendable (Result<Value, any Error>) -> Void
    ) -> Job {
        let job = Job(id: nextID, title: title, startedAt: clock.now())
        nextID += 1
        jobs.insert(job, at: 0)
        if jobs.count > 50, let old = jobs.lastIndex(where: { $0.state != .running }) { jobs.remove(at: old) }
        let flag = job.flag
        let mailbox = mailbox
        queue.async {
            let result = Result<Value, any Error> {
                try work { fraction in
                    mailbox.post { job.progress = min(1, max(0, fraction)) }
                    return !flag.isSet
                }
            }
            mailbox.post {
                switch result {
                case .success: job.state = .done
                case .failure(let error):
                    let cancelled = error is CancellationError || flag.isSet
                    job.state = cancelled ? .cancelled : .failed(App.message(of: error))
                }
                job.progress = nil
                then(result)
            }
        }
        return job
    }
}
