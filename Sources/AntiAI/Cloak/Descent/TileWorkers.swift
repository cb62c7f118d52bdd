import Core
import Foundation
import Synchronization

/// What the workers of one picture share: what is left to do, how far they are, and whether to go on.
final class WorkBoard: Sendable {
    private let next = Atomic<Int>(0)
    private let units = Atomic<Int>(0)
    private let cancelled = Atomic<Bool>(false)
    private let failed = Atomic<Bool>(false)
    private let seconds = Mutex(0.0)

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    var hasFailed: Bool { failed.load(ordering: .relaxed) }
    var progress: Int { units.load(ordering: .relaxed) }
    var cpuSeconds: Double { seconds.withLock { $0 } }

    func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Counts one unit; false when the work is no longer wanted.
    func finishUnit() -> Bool {
        units.wrappingAdd(1, ordering: .relaxed)
        return !isCancelled
    }

    fileprivate func takeTask() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }

    fileprivate func fail() {
        failed.store(true, ordering: .relaxed)
        cancel()
    }

    fileprivate func addSeconds(_ amount: Double) { seconds.withLock { $0 += amount } }
}

/// Worker threads that take tiles, while the calling thread reports progress and listens for a wish to stop.
enum TileWorkers {
    /// How often progress is reported and cancelling noticed, in seconds.
    private static let interval = 0.1

    /// Runs tasks on `threads` threads and waits for all of them.
    ///
    /// - Parameters:
    ///   - report: gets the units that `finishUnit` has counted; throwing stops the workers, then is thrown on.
    ///   - worker: makes one thread's work: a function that does a task and returns false when it could not.
    /// - Returns: CPU seconds of all threads.
    /// - Throws: what `report` throws; `UserError` when a task could not be done.
    static func run(
        tasks: Int, threads: Int, report: (Int) throws -> Void,
        worker: @escaping @Sendable (WorkBoard) -> (Int) -> Bool
    ) throws -> Double {
        let board = WorkBoard()
        let ended = DispatchSemaphore(value: 0)
        var running = max(1, min(threads, tasks))
        for _ in 0..<running {
            let thread = Thread {
                let start = CPUTime.now()
                let work = worker(board)
                while !board.isCancelled {
                    let task = board.takeTask()
                    guard task < tasks else { break }
                    if !work(task), !board.isCancelled { board.fail() }
                }
                board.addSeconds(CPUTime.now() - start)
                ended.signal()
            }
            thread.stackSize = 2 << 20
            thread.start()
        }
        var stop: (any Error)?
        while running > 0 {
            if ended.wait(timeout: .now() + interval) == .success { running -= 1 }
            guard stop == nil else { continue }
            do {
                try report(board.progress)
            } catch {
                stop = error
                board.cancel()
            }
        }
        if let stop { throw stop }
        if board.hasFailed { throw UserError("There is not enough memory for the cloak.", .internal) }
        return board.cpuSeconds
    }
}
