import Foundation

/// Runs tasks that block, on threads of their own, so that they take none of the threads that all other tests share.
final class BlockingExecutor: TaskExecutor, Sendable {
    static let shared = BlockingExecutor()
    private let queue = DispatchQueue(label: "fixative.tests.blocking", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
