import ArgumentParser
import Core
import Foundation
import Sync

/// `fixative sync`
struct SyncCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Fetch what is new and publish what waits.")

    @Flag(help: "One round; the default.") var once = false
    @Flag(help: "Go on until it is stopped.") var watch = false
    @Flag(help: "Print one JSON object per round.") var json = false

    func run() throws {
        if once, watch { throw UserError("Choose --once or --watch, not both.") }
        let workshop = try Workshop()
        _ = try workshop.signedIn()
        let engine = workshop.engine()
        let interval = UInt32(workshop.preferences.number("sync_interval_seconds"))
        repeat {
            let summary = try engine.runOnce()
            try print(summary)
            if watch {
                sleep(interval)
            } else if summary.needsLogin {
                throw UserError(summary.problem ?? "Log in again: 'fixative login URL'.", .attention)
            } else if summary.offline {
                throw UserError(
                    summary.problem ?? "The server cannot be reached; what waits stays queued.", .unavailable)
            }
        } while watch
    }

    private func print(_ summary: SyncSummary) throws {
        if json {
            try Console.json(summary)
            return
        }
        var line = "\(summary.pulled) fetched, \(summary.published) published, \(summary.waiting) waiting"
        if summary.failed > 0 { line += ", \(summary.failed) need attention: see 'fixative queue'" }
        Console.out(line)
        if watch, let problem = summary.problem { Console.error(problem) }
    }
}
