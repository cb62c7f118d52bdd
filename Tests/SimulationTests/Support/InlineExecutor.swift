import Foundation

/// Runs asynchronous code to its end on the thread that asks for it, so that a simulation neither waits for other tests
/// in Swift's shared pool nor depends on how that schedules.
final class InlineExecutor: TaskExecutor, @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var next = 0

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    /// Blocks until the body is done.
    func run<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws -> T {
        let answer = Answer<T>()
        Task(executorPreference: self) {
            do { answer.result = .success(try await body()) } catch { answer.result = .failure(error) }
        }
        // The answer is written by a job, and jobs run here: no other thread sees it.
        while answer.result == nil { take().runSynchronously(on: asUnownedTaskExecutor()) }
        return try answer.result!.get()
    }

    private final class Answer<T>: @unchecked Sendable {
        var result: Result<T, any Error>?
    }

    private func take() -> UnownedJob {
        condition.lock()
        defer { condition.unlock() }
        while next == jobs.count { condition.wait() }
        let job = jobs[next]
        next += 1
        if next == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            next = 0
        }
        return job
    }
}
