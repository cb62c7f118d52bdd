import ArgumentParser
import Core
import Foundation
import Logging
import Server

@main
struct FixativeServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixative-server", abstract: "A community's server.",
        subcommands: [Serve.self, Seed.self, Draw.self, AccountCommand.self, Check.self])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as UserError {
            complain(error.message, error.status)
        } catch let error as ExitCode {
            Foundation.exit(error.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code == .success { exit(withError: error) }
            complain(fullMessage(for: error), code == .validationFailure ? .usage : .internal)
        }
    }

    private static func complain(_ message: String, _ status: ExitStatus) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        Foundation.exit(status.rawValue)
    }
}

/// The options that every subcommand has.
struct DataOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: "Directory of the data.")
    var directory: String?

    @Option(help: "Configuration file (TOML).")
    var config: String?

    func open(loopback: Bool, plain: Bool = false) throws -> Server {
        let url =
            directory.map { URL(fileURLWithPath: $0, isDirectory: true) }
            ?? Server.standardDirectory(environment: ProcessInfo.processInfo.environment)
        var logger = Logger(label: "fixative-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        var configuration = try configuration(loopback: loopback)
        if plain { configuration.hasSyncExtension = false }
        return try Server(directory: url, configuration: configuration, logger: logger)
    }

    private func configuration(loopback: Bool) throws -> ServerConfiguration {
        guard let config else { return ServerConfiguration(loopback: loopback) }
        guard let text = try? String(contentsOfFile: config, encoding: .utf8) else {
            throw UserError("The configuration \(config) cannot be read.")
        }
        return try ServerConfiguration(loopback: loopback, toml: text)
    }
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the community until SIGTERM or SIGINT.")

    @OptionGroup var data: DataOptions

    @Option(help: "Address and port; port 0 takes a free one.")
    var listen = "127.0.0.1:8420"

    @Flag(help: "Serve Mastodon's client API alone, without the sync extension: for trying clients.")
    var plain = false

    @Flag(help: "Stop when standard input ends: for a program that runs the server for itself.")
    var untilStdinCloses = false

    func run() async throws {
        guard let address = Server.Address(listen) else {
            throw UserError("--listen must be HOST:PORT, such as 127.0.0.1:8420.")
        }
        let server = try data.open(loopback: address.isLoopback, plain: plain)
        if untilStdinCloses { Self.stopWhenInputEnds() }
        try await server.serve(address) { url in
            FileHandle.standardOutput.write(Data("listening on \(url)\n".utf8))
        }
    }

    /// The pipe's other end closes with the parent, however it ended; then the server stops as for SIGTERM.
    private static func stopWhenInputEnds() {
        Thread.detachNewThread {
            while readLine() != nil {}
            kill(getpid(), SIGTERM)
        }
    }
}

struct Seed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fill the community with artists and pictures that the program draws; twice adds nothing.")

    @OptionGroup var data: DataOptions

    @Option(help: "How many artists.")
    var accounts = 12

    @Option(help: "How many pictures.")
    var pictures = 60

    @Option(help: "Another number gives other pictures.")
    var seed: UInt64 = 1

    func run() async throws {
        let showsProgress = isatty(STDERR_FILENO) == 1
        let summary = try await data.open(loopback: true).seed(
            accounts: accounts, pictures: pictures, seed: seed
        ) { done, total in
            if showsProgress {
                FileHandle.standardError.write(Data("\rdrawing and protecting \(done) of \(total)".utf8))
            }
        }
        if showsProgress { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        print("Added \(summary.accounts) artists and \(summary.pictures) pictures.")
    }
}

struct Draw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw pictures like the seed's into a new directory, without protection.")

    @Option(help: "New directory.")
    var output: String

    @Option(help: "How many pictures.")
    var pictures = 15

    @Option(help: "Another number gives other pictures.")
    var seed: UInt64 = 2

    func run() async throws {
        try Server.draw(into: URL(fileURLWithPath: output, isDirectory: true), pictures: pictures, seed: seed)
    }
}

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Accounts of the community.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account.")

        @OptionGroup var data: DataOptions

        @Argument(help: "User name.")
        var name: String

        @Option(help: "E-mail address.")
        var email: String

        @Flag(help: "Read the password from standard input; it is never taken from the command line.")
        var passwordStdin = false

        func run() async throws {
            guard passwordStdin else { throw UserError("Give the password on standard input with --password-stdin.") }
            guard let password = readLine(strippingNewline: true) else {
                throw UserError("There is no password on standard input.")
            }
            try await data.open(loopback: true).createAccount(name: name, email: email, password: password)
        }
    }
}

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check the database and every file; 0 when all is well.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        let problems = try await data.open(loopback: true).check()
        for problem in problems { print(problem) }
        if !problems.isEmpty { throw ExitCode(ExitStatus.no.rawValue) }
        print("All is well.")
    }
}
