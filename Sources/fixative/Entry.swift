import ArgumentParser
import Core
import Foundation

/// Runs the command line and turns whatever went wrong into one sentence and the documented exit code.
@main
enum Entry {
    static func main() {
        // A reader that goes away (`fixative timeline | head`) is no fault of ours or of the network's.
        signal(SIGPIPE, SIG_IGN)
        do {
            try refuseUnknownCommand(CommandLine.arguments.dropFirst())
            var command = try Fixative.parseAsRoot()
            try command.run()
        } catch let error as UserError {
            leave(error.status, error.message)
        } catch let error as SearchSyntaxError {
            leave(.usage, error.description)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch is CancellationError {
            leave(.no, "Cancelled.")
        } catch {
            if Fixative.exitCode(for: error) == .success {
                Console.ownText(Fixative.fullMessage(for: error))
                exit(0)
            }
            if error is any CustomNSError || error is CocoaError || error is POSIXError {
                leave(.usage, error.localizedDescription)
            }
            let message = Fixative.fullMessage(for: error)
            // Parsing errors come with a usage text; anything else that arrives here was not foreseen.
            message.contains("Usage:")
                ? leave(.usage, message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
                : leave(.internal, "This should not have happened: \(message). Please report it; nothing was lost.")
        }
    }

    /// With a default subcommand the argument parser would take a mistyped name for an argument of that one.
    private static func refuseUnknownCommand(_ arguments: ArraySlice<String>) throws {
        guard let name = arguments.first, !name.hasPrefix("-") else { return }
        let known = Fixative.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard !known.contains(name) else { return }
        func changes(_ command: String) -> Int { command.difference(from: name).count }
        let nearest = known.min { changes($0) < changes($1) }.flatMap { changes($0) <= 2 ? $0 : nil }
        let hint = nearest.map { " Did you mean '\($0)'?" } ?? ""
        throw UserError("There is no command '\(name)'.\(hint) 'fixative --help' lists them.")
    }

    private static func leave(_ status: ExitStatus, _ message: String) -> Never {
        Console.error(message)
        exit(status.rawValue)
    }
}

/// The root command. Without a subcommand it opens the terminal interface.
struct Fixative: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixative",
        abstract: "Browse, search, publish and protect images in an artists' community.",
        discussion: """
            Without a subcommand the terminal interface opens. Exit codes: 0 done; 1 the answer is no; 2 the input \
            or the call was wrong; 3 the network or the server failed and the work is queued or untouched; 4 needs \
            attention (login, conflict); 70 our own fault.
            """,
        version: Version.text,
        subcommands: [
            TerminalCommand.self, ProtectCommand.self, VerifyCommand.self, CompareCommand.self, WatermarkCommand.self,
            LoginCommand.self, LogoutCommand.self, AccountsCommand.self, WhoAmICommand.self, PublishCommand.self,
            QueueCommand.self, SyncCommand.self, TimelineCommand.self, SearchCommand.self, ShowCommand.self,
            FetchCommand.self, EditCommand.self, DeleteCommand.self, FavouriteCommand.self, BookmarkCommand.self,
            BoostCommand.self, FollowCommand.self, ReplyCommand.self,
            ReceiptCommand.self, DoctorCommand.self, ConfigCommand.self, ExportCommand.self, KeysCommand.self,
            CloakBenchCommand.self, StoreBenchCommand.self,
        ],
        defaultSubcommand: TerminalCommand.self)
}
