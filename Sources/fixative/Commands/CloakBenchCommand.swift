import AntiAI
import ArgumentParser
import Core
import Foundation

/// `fixative cloak-bench`: the arithmetic of the cloak alone, for benchmarks.
struct CloakBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloak-bench",
        abstract: "Measure one step of the cloak's descent on one thread, for benchmarks.",
        discussion: """
            A step is one pass forward and one backward, to the gradient by the picture. The picture is noise. Prints \
            the least CPU time of the rounds, for each network in milliseconds, and that of SSIMULACRA2 with its \
            gradient.
            """)

    @Argument(help: "Networks (safetensors).") var networks: [String]
    @Option(help: "Side of the square picture, a multiple of 16.") var side = 256
    @Option(help: "Rounds.") var rounds = 10
    @Option(help: "Instructions: portable, avx2, avx512 or bf16; the best where it is not given.") var level: String?
    @Flag(help: "Print one JSON object per network.") var json = false

    func run() throws {
        guard side % 16 == 0, (32...2048).contains(side), (1...1000).contains(rounds) else {
            throw UserError("--side is a multiple of 16 from 32 to 2048, and --rounds a number from 1 to 1000.")
        }
        for name in networks {
            let result = try CloakBenchmark.run(
                URL(fileURLWithPath: name), side: side, rounds: rounds, level: level)
            if json {
                try Console.json(result)
            } else {
                Console.columns([
                    result.name, result.level, String(format: "%.2f ms a step", result.stepMilliseconds),
                    String(format: "%.0f GFLOP/s", result.gigaflops),
                    String(format: "%.2f ms SSIMULACRA2 with gradient", result.visibilityMilliseconds),
                    String(format: "%.2f ms butteraugli with gradient", result.butteraugliMilliseconds),
                ])
            }
        }
    }
}
