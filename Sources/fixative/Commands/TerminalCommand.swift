import ArgumentParser
import Core
import Foundation
import TUI
import Terminal

/// `fixative` without a subcommand: the terminal interface.
struct TerminalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminal", abstract: "Open the terminal interface; the same as no subcommand.")

    func run() throws {
        guard Console.inputIsTerminal, Console.outputIsTerminal else {
            throw UserError("There is no terminal here: use a subcommand ('fixative --help' lists them).")
        }
        let workshop = try Workshop()
        let engine = workshop.makeEngine()
        // What is queued in other accounts goes out as well.
        let others = workshop.fleet(sparesCurrent: true) { _ in { _ in } }
        defer {
            others.stop(waiting: 0)
            engine.stop()
        }
        let services = TUIServices(
            signIn: workshop.signIn(), protection: workshop.protector,
            session: {
                guard try workshop.store.currentAccount() != nil else { return nil }
                return SessionServices(library: workshop.store, outbox: workshop.store, syncStatus: engine)
            })
        let status = try runTUI(services, options: try options(workshop)) {
            engine.start()
            others.start()
            // The first frame waits for nothing.
            DispatchQueue.global().async {
                workshop.startCommunityOfAccount()
                engine.requestSync()
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func options(_ workshop: Workshop) throws -> TUIOptions {
        let environment = ProcessInfo.processInfo.environment
        let preferences = workshop.preferences
        try PrivateFiles.makeDirectory(workshop.directories.state)
        let depth: PictureMode.Depth? =
            switch preferences["colors"] {
            case "truecolor": .trueColor
            case "256": .colors256
            case "16": .colors16
            case "mono": .mono
            default: nil
            }
        let terminal = TerminalOptions(
            depth: depth, graphics: preferences["graphics"] == "auto", mouse: preferences.flag("mouse"),
            ambiguousWidth: preferences["ambiguous_width"] == "2" ? 2 : 1,
            errorLog: workshop.directories.state.appendingPathComponent("stderr.log"), environment: environment)
        return TUIOptions(
            language: Language(environment: environment, configured: preferences["language"]), terminal: terminal,
            version: Version.text, errorLog: workshop.directories.state.appendingPathComponent("errors.log"))
    }
}

/// `fixative keys`
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Print the keys of the terminal interface as Markdown or as a manual section.")

    @Option(help: "en or zh-Hans.") var language = "en"
    @Flag(help: "A section for a manual page (man macros).") var manual = false

    func run() throws {
        guard let language = Language(rawValue: language) else {
            throw UserError("There is no language '\(language)': choose en or zh-Hans.")
        }
        Console.out(manual ? KeySheet.manual(language) : KeySheet.markdown(language))
    }
}
