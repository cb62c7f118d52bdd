import ArgumentParser
import Core
import Dispatch
import Foundation
import Sync

/// `fixative sync`
struct SyncCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Fetch what is new and publish what waits.",
        discussion: """
            --watch serves every account that is logged in here, until SIGTERM or SIGINT; a systemd unit for it is \
            in packaging/. With --json every event is one object on a line of its own, and --once ends with its \
            summary ("event": "round").
            """)

    @Flag(help: "One round; the default.") var once = false
    @Flag(help: "Go on until it is stopped, for every account.") var watch = false
    @Flag(help: "Print one JSON object per line.") var json = false

    func run() throws {
        if once, watch { throw UserError("Choose --once or --watch, not both.") }
        let workshop = try Workshop()
        let account = try workshop.signedIn()
        watch ? try watchAll(workshop) : try runOnce(workshop, account)
    }

    private func runOnce(_ workshop: Workshop, _ account: SignedInAccount) throws {
        let printer = EventPrinter(json: json, account: account, progress: isatty(STDERR_FILENO) == 1 && !json)
        let summary = try workshop.engine(printer.print).runOnce()
        printer.finish(summary)
        if summary.needsLogin {
            throw UserError(summary.problem ?? "Log in again: 'fixative login URL'.", .attention)
        }
        if summary.offline {
            throw UserError(summary.problem ?? "The server cannot be reached; what waits stays queued.", .unavailable)
        }
    }

    private func watchAll(_ workshop: Workshop) throws {
        let isDone = DispatchSemaphore(value: 0)
        // The default action would end the program before it gives back what it holds.
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { isDone.signal() }
            source.resume()
            return source
        }
        workshop.startCommunityOfAccount()
        let json = json
        let fleet = workshop.fleet(sparesCurrent: false) { account in
            EventPrinter(json: json, account: account, progress: false).print
        }
        fleet.start()
        isDone.wait()
        for source in sources { source.cancel() }
        fleet.stop(waiting: 10)
    }
}

/// What the engine does, as lines on standard output.
struct EventPrinter: Sendable {
    let json: Bool
    let account: SignedInAccount
    /// Shows how far a first synchronisation is, on standard error.
    let progress: Bool

    private struct Line: Encodable {
        var event: String
        var account: String
        var id: String?
        var state: String?
        var statusID: String?
        var url: String?
        var count: Int?
        var message: String?
        var summary: SyncSummary?

        enum CodingKeys: String, CodingKey {
            case event, account, id, state, url, count, message, summary
            case statusID = "status_id"
        }
    }

    private var name: String { "\(account.account.username)@\(account.server.host ?? "")" }

    func print(_ event: SyncEvent) {
        var line = Line(event: "", account: name)
        var text: String?
        switch event {
        case .item(let item):
            line.event = "item"
            (line.id, line.state, line.message) = (item.id.description, item.state.rawValue, item.attention?.message)
            if let attention = item.attention { text = "\(item.id) needs attention: \(attention.message)" }
        case .published(let id, let status, let url):
            line.event = "published"
            (line.id, line.statusID, line.url) = (id.description, status, url)
            text = "\(id) published: \(url ?? status)"
        case .pulling(let count):
            line.event = "pulling"
            line.count = count
            if progress { Console.error("\(count) fetched so far") }
        case .pulled(let count):
            line.event = "pulled"
            line.count = count
            text = "\(count) fetched"
        case .sent(let operation):
            line.event = "sent"
            line.id = operation.subject
        case .problem(let message):
            line.event = "problem"
            line.message = message
            if !json { Console.error("\(name): \(Sanitiser.line(message))") }
        }
        if json {
            try? Console.json(line)
        } else if let text, !progress {
            Console.out("\(Sanitiser.line(name)): \(Sanitiser.line(text))")
        }
    }

    /// The last line of one round.
    func finish(_ summary: SyncSummary) {
        if json {
            try? Console.json(Line(event: "round", account: name, summary: summary))
            return
        }
        var line = "\(summary.pulled) fetched, \(summary.published) published, \(summary.waiting) waiting"
        if summary.failed > 0 { line += ", \(summary.failed) need attention: see 'fixative queue'" }
        Console.out(line)
    }
}
