import AntiAI
import ArgumentParser
import Core
import Foundation
import Terminal

/// `fixative doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check this machine: store, terminal, server; and say what to do.",
        discussion: "Exit code 1 when something needs a hand.")

    @Flag(help: "Print one JSON object.") var json = false

    private struct Check: Encodable {
        var name: String
        var good: Bool
        var finding: String
    }

    func run() throws {
        var checks: [Check] = []
        func check(_ name: String, _ body: () throws -> String) {
            do { checks.append(Check(name: name, good: true, finding: try body())) } catch {
                checks.append(Check(name: name, good: false, finding: "\(error)"))
            }
        }
        let directories = Directories(environment: ProcessInfo.processInfo.environment)
        check("settings") {
            _ = try Preferences(contentsOf: Workshop.configFile(directories))
            return Workshop.configFile(directories).path
        }
        check("recipes") {
            let book = try Workshop().recipes
            if let error = book.errors.first { throw error }
            return book.recipes.map(\.name).joined(separator: ", ")
        }
        check("cloak") { try CloakEquipment.describe() }
        check("store") {
            try PrivateFiles.makeDirectory(directories.data)
            let workshop = try Workshop()
            guard let store = try workshop.store.current() else { return "no account yet" }
            try store.checkIntegrity()
            let waiting = try workshop.store.items(includingDone: false).count
            return "vault and cache are whole, \(waiting) waiting"
        }
        check("disk") {
            let values = try FileManager.default.attributesOfFileSystem(forPath: directories.data.path)
            let free = (values[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
            guard free > 200 << 20 else {
                throw UserError("Only \(free >> 20) MiB are free at \(directories.data.path): make room.")
            }
            return "\(free >> 20) MiB free"
        }
        check("server") {
            let workshop = try Workshop()
            guard let account = try workshop.store.currentAccount() else { return "no account yet" }
            let summary = try workshop.engine().runOnce()
            if let problem = summary.problem { throw UserError(problem) }
            guard let server = try workshop.store.current()?.cache.server() else {
                return "\(account.server.absoluteString) answers"
            }
            let name = Sanitiser.line("\(server.software) \(server.version)", limit: 100)
            let limit = server.tellsChanges ? "" : "; it does not tell of edits and deletions, which are noticed late"
            return "\(account.server.absoluteString) answers: \(name)\(limit)"
        }
        var size = winsize()
        let columns = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : nil
        let terminal = TerminalAdvice(environment: ProcessInfo.processInfo.environment, ttyColumns: columns)
        check("terminal") { ([terminal.finding] + terminal.advice).joined(separator: "\n     ") }
        if json {
            try Console.json(checks)
        } else {
            for item in checks { Console.out("\(item.good ? "ok  " : "HELP") \(item.name): \(item.finding)") }
        }
        if checks.contains(where: { !$0.good }) { throw ExitCode(ExitStatus.no.rawValue) }
    }
}
