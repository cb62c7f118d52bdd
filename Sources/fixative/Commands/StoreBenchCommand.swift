import ArgumentParser
import Core
import Foundation

/// `fixative store-bench`: pages and searches of the local store alone, for benchmarks.
struct StoreBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-bench", abstract: "Measure pages and offline searches of the local store, for benchmarks.",
        discussion: """
            Walks down the home, local and tag timelines in pages of 40, now and then from the top again, and runs \
            each search of a file. Prints the milliseconds of every one, in order.
            """)

    @Option(help: "A file with one search a line.") var queries: String
    @Option(help: "Pages to turn.") var pages = 1_000
    @Flag(help: "Print one JSON object.") var json = false

    private struct Times: Encodable {
        var pages: [Double]
        var searches: [Double]
    }

    func run() throws {
        guard (1...100_000).contains(pages) else { throw UserError("--pages is a number from 1 to 100000.") }
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        let lines = String(decoding: try Workshop.read(queries), as: UTF8.self).split(separator: "\n").map(String.init)
        let searches = try lines.map { line in
            let query = try SearchParser.parse(line)
            return try milliseconds { _ = try workshop.store.search(query, limit: 40) }
        }
        let times = Times(pages: try turnPages(workshop), searches: searches)
        if json { return try Console.json(times) }
        for (name, values) in [("page of 40", times.pages), ("search", times.searches)] {
            let sorted = values.sorted()
            guard let worst = sorted.last else { continue }
            Console.columns([
                name, String(format: "p50 %.2f ms", sorted[sorted.count / 2]),
                String(format: "p99 %.2f ms", sorted[sorted.count * 99 / 100]), String(format: "worst %.2f ms", worst),
            ])
        }
    }

    private func turnPages(_ workshop: Workshop) throws -> [Double] {
        let lists: [Timeline] = [.home, .local, .tag("ink")]
        var before: String?
        return try (0..<pages).map { turn in
            if turn % 50 == 0 { before = nil }
            return try milliseconds {
                before = try workshop.store.timeline(lists[turn / 50 % lists.count], limit: 40, before: before).last?
                    .status.id
            }
        }
    }

    private func milliseconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        let passed = (ContinuousClock.now - start).components
        return Double(passed.seconds) * 1e3 + Double(passed.attoseconds) / 1e15
    }
}
