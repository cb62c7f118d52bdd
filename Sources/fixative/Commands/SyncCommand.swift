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

    private struct Round: Encodable {
        var phase: String
        var pulled: Int
        var published: Int
        var waiting: Int
        var needsAttention: Int
        var error: String?
    }

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
            } else if summary.phase == .needsLogin {
                throw UserError(summary.lastError ?? "Log in again: 'fixative login URL'.", .attention)
            } else if summary.phase == .offline {
                throw UserError(
                    summary.lastError ?? "The server cannot be reached; what waits stays queued.", .unavailable)
            }
        } while watch
    }

    private func print(_ summary: SyncSummary) throws {
        if json {
            try Console.json(
                Round(
                    phase: summary.phase.rawValue, pulled: summary.pulled, published: summary.published,
                    waiting: summary.waiting, needsAttention: summary.needsAttention, error: summary.lastError))
            return
        }
        var line = "\(summary.pulled) fetched, \(summary.published) published, \(summary.waiting) waiting"
        if summary.needsAttention > 0 { line += ", \(summary.needsAttention) need attention: see 'fixative queue'" }
        Console.out(line)
        if watch, let problem = summary.lastError { Console.error(problem) }
    }
}
