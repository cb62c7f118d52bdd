import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The proofs of `Tests/FaultProofs`, which kill, starve and cut off the real programs; what each of them does is at
    /// its top. `./bench faults` runs them as long as they take.
    @Suite struct FaultProofs {
        struct Proof: CustomTestStringConvertible, Sendable {
            var script: String
            var options: [String] = []
            var testDescription: String { ([script] + options).joined(separator: " ") }
        }

        /// Whole, but for the writers, who get a minute of their ten.
        static let proofs = [
            Proof(script: "crash_points.py"),
            Proof(script: "disk_errors.py"),
            Proof(script: "power_loss.py", options: ["--states=100000"]),
            // A disk that loses what it was told to keep must be found out, or the proof would prove nothing.
            Proof(script: "power_loss.py", options: ["--states=200", "--ignore=vault.db-journal"]),
            Proof(script: "three_writers.py", options: ["--seconds=60"]),
        ]

        private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("FaultProofs", isDirectory: true)

        @Test(.needs([(name: "python3", package: "python3")]), .timeLimit(.minutes(20)), arguments: proofs)
        func holds(_ proof: Proof) throws {
            let python = try #require(CommandLineTool.find("python3"))
            var environment = CommandLineTool.environment
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
            let script = Self.folder.appendingPathComponent(proof.script).path
            let result = try CommandLineTool.run(
                python, [script, Programs.folder.path] + proof.options, environment: environment, timeout: 1_000)
            print(result.output, terminator: "")
            #expect(result.succeeded, "\(proof): \(result.output.suffix(4_000)) \(result.errors.suffix(4_000))")
        }
    }
}
