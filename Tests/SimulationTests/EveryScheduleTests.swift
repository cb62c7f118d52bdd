import Foundation
import Synchronization
import Testing

/// Every schedule with up to so many faults: the real engine, the real store on a disk that can die before every
/// transaction, the real server in the same process.
@Suite(.serialized) struct EveryScheduleTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var scenario: Scenario
        var hasExtension: Bool
        /// Also in the pulls that follow; else in everything that is sent.
        var pulls: Bool
        var testDescription: String {
            "\(scenario) \(hasExtension ? "extension" : "plain")\(pulls ? " with pulls" : "")"
        }
    }

    /// All of them, or those that are named with commas between: a schedule that is run again belongs to one.
    static let cases = [true, false].flatMap { pulls in
        [true, false].flatMap { hasExtension in
            Scenario.allCases.map { Case(scenario: $0, hasExtension: hasExtension, pulls: pulls) }
        }
    }.filter { named?.contains($0.testDescription) ?? true }
    private static let named = SimulationSettings.text("FIXATIVE_SIMULATE_CASE")?.components(separatedBy: ",")

    /// How many faults a schedule has at most. `./bench simulate` asks for three in what is sent and two in pulls; a
    /// test run has time for one less of each.
    private static let sending = SimulationSettings.number("FIXATIVE_SIMULATE_FAULTS") ?? 2
    private static let pulling = SimulationSettings.number("FIXATIVE_SIMULATE_PULL_FAULTS") ?? 1

    @Test(arguments: cases)
    func nothingIsLostOrRepeated(_ chosen: Case) async throws {
        let runners: [ScenarioRunner] = (0..<Workers.count).map { _ in
            ScenarioRunner(chosen.scenario, hasExtension: chosen.hasExtension, pulls: chosen.pulls)
        }
        if let script = SimulationSettings.script("FIXATIVE_SIMULATE_SCRIPT") {
            let failure = Mutex<String?>(nil)
            await Workers.run { worker in
                guard worker == 0 else { return }
                do { _ = try runners[0].run(script) } catch { failure.withLock { $0 = "\(error)" } }
            }
            #expect(failure.withLock { $0 } == nil, "\(chosen.testDescription)")
            return
        }
        let start = Date()
        let faults = chosen.pulls ? Self.pulling : Self.sending
        let enumeration = Enumeration(upTo: faults) { worker, script in try runners[worker].run(script) }
        let (count, failures) = await enumeration.run()
        print(
            "simulation: \(chosen.testDescription): \(count) schedules with up to \(faults) faults in",
            "\(Int(Date().timeIntervalSince(start))) s")
        // Into a file it would come when all is over only, and these runs are long.
        fflush(nil)
        for failure in failures.prefix(5) {
            let script = failure.script.map { String($0) }.joined(separator: ".")
            Issue.record(
                """
                \(failure.reason) in \(chosen.testDescription) \(script)
                again: FIXATIVE_SIMULATE_CASE='\(chosen.testDescription)' FIXATIVE_SIMULATE_SCRIPT=\(script) \
                ./test --filter EveryScheduleTests
                """)
        }
        #expect(failures.isEmpty)
        #expect(count > 20)
    }
}
