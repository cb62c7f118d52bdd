import Core
import Foundation
import Synchronization

/// A schedule as the list of choices that made it: 0 where nothing happened, n for the n-th thing that can happen there.
final class ScriptedChooser: Chooser {
    private let script: [Int]
    /// How many choices there were at each point.
    private(set) var widths: [Int] = []
    /// Before and after the part under test nothing goes wrong.
    var isArmed = false
    /// The run did not come to the same points as the one that the script was made from.
    private(set) var hasDiverged = false

    init(_ script: [Int]) { self.script = script }

    private func choose(among count: Int) -> Int {
        let index = widths.count
        widths.append(count)
        guard index < script.count else { return 0 }
        if script[index] >= count { hasDiverged = true }
        return min(script[index], count - 1)
    }

    func fault(for request: HTTPRequest) -> NetworkFault? {
        guard isArmed else { return nil }
        let kinds = NetworkFault.kinds(of: request)
        let choice = choose(among: kinds.count + 1)
        return choice == 0 ? nil : kinds[choice - 1]
    }

    func crashes(before change: SimulatedDisk.Change) -> Bool {
        isArmed && change.isVaultCommit && choose(among: 2) == 1
    }

    func meanwhile(_ process: SimulatedProcess) {}
}

/// Runs every schedule with up to so many faults: each run shows where faults are possible after its last one, and
/// each of them is a further run.
final class Enumeration: Sendable {
    struct Failure: Sendable {
        var script: [Int]
        var reason: String
    }

    private struct State {
        var waiting: [[Int]] = [[]]
        var running = 0
        var count = 0
        var failures: [Failure] = []
    }

    private let state = Mutex(State())
    private let faults: Int
    /// Runs a schedule and returns the widths of its points.
    private let schedule: @Sendable (_ worker: Int, _ script: [Int]) throws -> [Int]

    init(upTo faults: Int, _ schedule: @escaping @Sendable (_ worker: Int, _ script: [Int]) throws -> [Int]) {
        self.faults = faults
        self.schedule = schedule
    }

    /// - Returns: how many schedules ran, and those that failed.
    func run() async -> (count: Int, failures: [Failure]) {
        await Workers.run { [self] worker in
            while true {
                let next: [Int]?? = state.withLock { state in
                    if state.failures.count > 20 { return .none }
                    if let script = state.waiting.popLast() {
                        state.running += 1
                        return .some(script)
                    }
                    return state.running == 0 ? .none : .some(nil)
                }
                guard let found = next else { return }
                guard let script = found else {
                    usleep(200)
                    continue
                }
                explore(script, worker)
            }
        }
        return state.withLock { ($0.count, $0.failures) }
    }

    private func explore(_ script: [Int], _ worker: Int) {
        var more: [[Int]] = []
        var failure: Failure?
        do {
            let widths = try schedule(worker, script)
            if script.count(where: { $0 != 0 }) < faults, script.count < widths.count {
                for index in script.count..<widths.count {
                    let quiet = script + Array(repeating: 0, count: index - script.count)
                    for choice in 1..<widths[index] { more.append(quiet + [choice]) }
                }
            }
        } catch {
            failure = Failure(script: script, reason: "\(error)")
        }
        state.withLock { state in
            state.count += 1
            state.running -= 1
            state.waiting += more
            if let failure { state.failures.append(failure) }
        }
    }
}
