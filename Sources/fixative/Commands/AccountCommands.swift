import ArgumentParser
import Core
import Foundation
import Sync

/// `fixative login`
struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Log in to a community.",
        discussion: """
            With --username the password is read from standard input (--password-stdin). Without it the server's \
            own page asks: open the address that is printed and approve. On a terminal the browser's answer is taken \
            from a port of this machine; where the browser runs elsewhere, or with --paste, the code (or the address \
            that the browser ends at) is pasted here.
            """)

    @Argument(help: "Address of the server, for example https://art.example.") var server: String
    @Option(help: "User name, for a server that allows passwords.") var username: String?
    @Flag(help: "Read the password from standard input.") var passwordStdin = false
    @Flag(help: "Show a code in the browser, to be pasted here.") var paste = false
    @Flag(help: "Print one JSON object.") var json = false

    /// How long somebody may take to approve, in seconds.
    private static let patience: TimeInterval = 900

    func run() throws {
        let workshop = try Workshop()
        let url = try TypedAddress.parse(server)
        let signIn = workshop.signIn()
        let account: SignedInAccount
        if let username {
            guard passwordStdin else {
                throw UserError("Passwords are read from standard input only: add --password-stdin.")
            }
            guard let password = readLine(strippingNewline: true), !password.isEmpty else {
                throw UserError("There is no password on standard input.")
            }
            account = try signIn.signIn(server: url, username: username, password: password)
        } else {
            account = try approve(signIn, url)
        }
        if json {
            try Console.json(AccountAnswer(account, isCurrent: true))
        } else {
            Console.out("Logged in as \(account.account.acct) at \(account.server.absoluteString).")
        }
    }

    /// OAuth's code flow with PKCE.
    private func approve(_ signIn: AccountSignIn, _ url: URL) throws -> SignedInAccount {
        let redirect = paste || !Console.inputIsTerminal ? nil : try? LoopbackRedirect()
        let request = try signIn.beginAuthorization(server: url, redirectURI: redirect?.address)
        Console.error("Open this address, log in and approve:")
        Console.out(request.page.absoluteString)
        let code: String?
        if let redirect {
            Console.error("Waiting for the browser; or paste the code, or the address that the browser ends at:")
            code = redirect.code(state: request.state, input: STDIN_FILENO, seconds: Self.patience)
        } else {
            Console.error("Then paste the code here:")
            code = readLine(strippingNewline: true)?.trimmingCharacters(in: .whitespaces)
        }
        guard let code, !code.isEmpty else { throw UserError("No code was given: nothing was changed.", .attention) }
        return try signIn.finishAuthorization(request, code: code)
    }
}

/// `fixative logout`
struct LogoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forget the token of the current account. Its queue and receipts stay.")

    func run() throws {
        let workshop = try Workshop()
        let account = try workshop.signedIn()
        try workshop.store.registry.remove(account)
        Console.out("Logged out of \(account.server.absoluteString). The queue and the receipts are kept.")
    }
}

/// `fixative accounts`
struct AccountsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts", abstract: "List the accounts on this machine, or switch to another one.")

    @Option(help: "Make this account the current one: NAME, or NAME@HOST where a name is taken twice.")
    var use: String?
    @Flag(help: "Print a JSON array.") var json = false

    func run() throws {
        let workshop = try Workshop()
        let registry = workshop.store.registry
        if let use {
            let matches = try registry.accounts().filter { known in
                let host = known.server.host ?? ""
                return known.account.acct == use || "\(known.account.username)@\(host)" == use
            }
            guard let match = matches.first, matches.count == 1 else {
                throw UserError(
                    matches.isEmpty
                        ? "There is no account '\(use)' here: 'fixative accounts' shows them."
                        : "Several accounts are called '\(use)': write NAME@HOST.")
            }
            try registry.makeCurrent(match)
        }
        let current = try registry.current()
        let answers = try registry.accounts().map { AccountAnswer($0, isCurrent: $0 == current) }
        if json {
            try Console.json(answers)
        } else if answers.isEmpty {
            Console.out("No accounts yet: 'fixative login URL' adds one.")
        } else {
            for answer in answers {
                Console.out("\(answer.current ? "*" : " ") \(answer.acct)  \(answer.server)")
            }
        }
    }
}

/// `fixative whoami`
struct WhoAmICommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "whoami", abstract: "Print the current account.")

    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let account = try Workshop().signedIn()
        if json {
            try Console.json(AccountAnswer(account, isCurrent: true))
        } else {
            Console.out("\(account.account.acct) at \(account.server.absoluteString)")
        }
    }
}

/// An account as `--json` prints it.
private struct AccountAnswer: Encodable {
    var id: String
    var acct: String
    var displayName: String
    var server: String
    var current: Bool

    enum CodingKeys: String, CodingKey {
        case id, acct, server, current
        case displayName = "display_name"
    }

    init(_ account: SignedInAccount, isCurrent: Bool) {
        id = account.account.id
        acct = account.account.acct
        displayName = account.account.displayName
        server = account.server.absoluteString
        current = isCurrent
    }
}
