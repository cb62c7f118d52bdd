import API
import Core
import Foundation
import Store

/// Logging in and registering: the account, its token and this program's registration go into the registry.
public struct AccountSignIn: SignIn {
    private let registry: AccountRegistry
    private let http: any HTTPClient
    private let clock: any WallClock
    private let launchLocalCommunity: @Sendable () throws -> URL

    /// - Parameter launchLocalCommunity: starts (or finds) the community on this machine and gives its address.
    public init(
        registry: AccountRegistry, http: any HTTPClient, clock: any WallClock = SystemClock(),
        launchLocalCommunity: @escaping @Sendable () throws -> URL
    ) {
        self.registry = registry
        self.http = http
        self.clock = clock
        self.launchLocalCommunity = launchLocalCommunity
    }

    public func signIn(server: URL, username: String, password: String) throws -> SignedInAccount {
        let server = try ServerAddress.check(server)
        return try telling {
            let token = try withApplication(server, redirectURI: MastodonClient.outOfBand) { client, application in
                try client.token(.password(username: username, password: password), application)
            }
            return try finish(server, token)
        } refused: { _ in
            "\(server.host ?? "The server") does not accept this name and password, or no logins by password."
        }
    }

    public func joinLocalCommunity(username: String) throws -> SignedInAccount {
        let server = try ServerAddress.check(try launchLocalCommunity())
        return try telling {
            if let known = try rejoin(server, username) { return known }
            let secret = try registry.localPassword(of: username, at: server)
            let token = try withApplication(server, redirectURI: MastodonClient.outOfBand) { client, application in
                // Registered before, and logged out since?
                if secret.isKnown,
                    let token = try? client.token(
                        .password(username: username, password: secret.password), application)
                {
                    return token
                }
                let registering = MastodonClient(
                    server: server, token: try client.token(.client, application).accessToken, http: http, clock: clock)
                return try registering.register(
                    username: username, email: "\(username)@fixative.localhost", password: secret.password)
            }
            return try finish(server, token)
        } refused: { message in
            "The local community does not take the name \(Sanitiser.line(username, limit: 40)): \(message)"
        }
    }

    // MARK: Authorisation code with PKCE

    /// An authorisation that waits for the person's answer.
    public struct Authorization: Hashable, Sendable {
        /// To be opened in a browser.
        public let page: URL
        /// Comes back with a redirect to a loopback address; another value there means that it is not our answer.
        public let state: String
        let server: URL
        let verifier: String
        let redirectURI: String
    }

    /// Begins logging in without a password (RFC 8252): the person approves in a browser.
    ///
    /// - Parameter redirectURI: a loopback address that the caller listens at; nil shows a code to paste.
    public func beginAuthorization(server: URL, redirectURI: String? = nil) throws -> Authorization {
        let server = try ServerAddress.check(server)
        let redirect = redirectURI ?? MastodonClient.outOfBand
        return try telling {
            let application = try application(server, redirectURI: redirect)
            let proof = PKCE()
            let state = PKCE().verifier
            var components = URLComponents(url: server, resolvingAgainstBaseURL: false)
            components?.path = "/oauth/authorize"
            components?.percentEncodedQuery = [
                ("response_type", "code"), ("client_id", application.clientID), ("redirect_uri", redirect),
                ("scope", MastodonClient.scopes), ("state", state), ("code_challenge", proof.challenge),
                ("code_challenge_method", "S256"),
            ].map { "\($0.0)=\(MastodonClient.escape($0.1))" }.joined(separator: "&")
            guard let page = components?.url else { throw UserError("\(server) is not a usable address.") }
            return Authorization(
                page: page, state: state, server: server, verifier: proof.verifier, redirectURI: redirect)
        } refused: {
            $0
        }
    }

    /// Ends it with the code that the server gave.
    public func finishAuthorization(_ authorization: Authorization, code: String) throws -> SignedInAccount {
        try telling {
            let application = try application(authorization.server, redirectURI: authorization.redirectURI)
            let client = client(authorization.server, token: nil)
            let trimmed = code.trimmingCharacters(in: .whitespacesAndNewlines)
            let token = try client.token(.code(trimmed, verifier: authorization.verifier), application)
            return try finish(authorization.server, token)
        } refused: { _ in
            "\(authorization.server.host ?? "The server") does not accept this code: begin the login again."
        }
    }

    // MARK: Parts

    private func client(_ server: URL, token: String?) -> MastodonClient {
        MastodonClient(server: server, token: token, http: http, clock: clock)
    }

    private func finish(_ server: URL, _ token: TokenEntity) throws -> SignedInAccount {
        try finish(server, token.accessToken, refresh: token.refreshToken)
    }

    private func finish(_ server: URL, _ token: String, refresh: String?) throws -> SignedInAccount {
        let account = SignedInAccount(server: server, account: try client(server, token: token).verifyCredentials())
        try registry.add(account, token: token, refresh: refresh)
        return account
    }

    /// An account of that name that is logged in here already, if its token is still good.
    private func rejoin(_ server: URL, _ username: String) throws -> SignedInAccount? {
        let known = try registry.accounts().first { account in
            AccountRegistry.origin(account.server) == AccountRegistry.origin(server)
                && account.account.username.lowercased() == username.lowercased()
        }
        guard let known, let token = try registry.token(of: known) else { return nil }
        do {
            return try finish(server, token, refresh: try registry.refreshToken(of: known))
        } catch ServerFault.unauthorized {
            return nil
        }
    }

    private func application(_ server: URL, redirectURI: String) throws -> AccountRegistry.Application {
        if let known = try registry.application(at: server), known.redirectURI == redirectURI { return known }
        let made = try client(server, token: nil).registerApplication(redirectURI: redirectURI)
        try registry.setApplication(made, at: server)
        return made
    }

    /// Runs with this program's registration; one that the server has forgotten is made anew, once.
    private func withApplication<T>(
        _ server: URL, redirectURI: String,
        _ body: (MastodonClient, AccountRegistry.Application) throws -> T
    ) throws -> T {
        let wasKnown = try registry.application(at: server) != nil
        let client = client(server, token: nil)
        do {
            return try body(client, application(server, redirectURI: redirectURI))
        } catch let fault as ServerFault {
            guard wasKnown, case .unauthorized = fault else { throw fault }
            try registry.setApplication(nil, at: server)
            return try body(client, application(server, redirectURI: redirectURI))
        }
    }

    /// Turns faults into sentences for the person who waits.
    private func telling<T>(_ body: () throws -> T, refused: (String) -> String) throws -> T {
        do {
            return try body()
        } catch let fault as ServerFault {
            switch fault {
            case .unauthorized(let message): throw UserError(refused(message), .attention)
            case .refused(_, let message): throw UserError(refused(message), .attention)
            default: throw fault.userError
            }
        }
    }
}

/// Proof Key for Code Exchange (RFC 7636), method S256.
struct PKCE {
    /// 43 unreserved characters out of 32 random bytes.
    let verifier: String
    let challenge: String

    init() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.init(verifier: Self.base64URL(Data(bytes)))
    }

    init(verifier: String) {
        self.verifier = verifier
        challenge = Self.base64URL(Self.bytes(hex: Digest.sha256(Data(verifier.utf8))))
    }

    private static func bytes(hex: String) -> Data {
        let digits = hex.compactMap(\.hexDigitValue)
        return Data(stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}

/// Addresses of servers that we may log in to.
enum ServerAddress {
    /// The origin alone. A password or a token goes over https, or stays on this machine.
    static func check(_ url: URL) throws -> URL {
        guard let scheme = url.scheme?.lowercased(), let host = url.host, !host.isEmpty else {
            throw UserError("\(Sanitiser.line(url.absoluteString)) is not the address of a server: try https://NAME.")
        }
        guard scheme == "https" || (scheme == "http" && LocalAddress.isLoopback(host)) else {
            throw UserError("\(Sanitiser.line(host)) would be reached without encryption: use https.")
        }
        var components = URLComponents()
        components.scheme = scheme
        components.host = host
        components.port = url.port
        guard let origin = components.url else { throw UserError("\(host) is not a usable address.") }
        return origin
    }
}
