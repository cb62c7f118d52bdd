import Core
import Foundation
import Logging

/// The server over a data directory: what the program's subcommands call.
public struct Server: Sendable {
    /// Where a server listens.
    public struct Address: Hashable, Sendable {
        public var host: String
        public var port: Int

        /// Reads `HOST:PORT`, with IPv6 addresses in brackets; port 0 takes a free one.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            guard !host.isEmpty else { return nil }
            self.host = String(host)
            self.port = Int(port)
        }

        /// Whether only this machine can connect.
        public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

        func url(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
    }

    package let community: Community
    private let lock: DirectoryLock
    private let logger: Logger

    /// Opens the data directory, making it where it is missing, and holds it. Throws `UserError` when another process
    /// has it.
    public init(
        directory: URL, configuration: ServerConfiguration, logger: Logger, clock: any WallClock = SystemClock()
    ) throws {
        do {
            try PrivateFiles.makeDirectory(directory)
        } catch {
            throw UserError("Cannot use \(directory.path) for data: \(error.localizedDescription)")
        }
        lock = try DirectoryLock(directory)
        let database = try SQLiteDatabase(path: directory.appendingPathComponent("community.db").path)
        let objects = try FileObjectStore(directory: directory.appendingPathComponent("media", isDirectory: true))
        for name in ["community.db", "community.db-wal", "community.db-shm"] {
            try? PrivateFiles.tighten(directory.appendingPathComponent(name))
        }
        community = Community(
            configuration: configuration, database: database, objects: objects,
            partials: try PartialFiles(directory: directory.appendingPathComponent("uploads", isDirectory: true)),
            search: SQLiteSearchIndex(database), jobs: SQLiteJobQueue(database),
            workshop: CodecWorkshop(
                maximumPixels: configuration.maximumPixels, maximumBytes: configuration.maximumMediaBytes), clock: clock
        )
        self.logger = logger
    }

    /// Where data goes that no option names: `$XDG_DATA_HOME/fixative-server`.
    public static func standardDirectory(environment: [String: String]) -> URL {
        Directories(environment: environment).data.deletingLastPathComponent()
            .appendingPathComponent("fixative-server", isDirectory: true)
    }

    /// Serves until SIGTERM or SIGINT. `ready` gets the URL once connections are taken.
    public func serve(_ address: Address, ready: @escaping @Sendable (String) -> Void) async throws {
        let application = ServerApplication(community: community, logger: logger)
        do {
            try await application.serve(host: address.host, port: address.port) { port in
                community.setAddress(address.url(port: port))
                ready(address.url(port: port))
            }
        } catch let error as UserError {
            throw error
        } catch {
            let reason = String(describing: error)
            if reason.contains("Address already in use") || reason.contains("errno: 98") {
                throw UserError(
                    "\(address.host):\(address.port) is taken by another program: stop it, or give another --listen.",
                    .unavailable)
            }
            throw UserError("Cannot listen on \(address.host):\(address.port): \(reason).", .unavailable)
        }
    }

    /// Makes an account. Throws `UserError`.
    public func createAccount(name: String, email: String, password: String) async throws {
        do {
            _ = try await community.accounts.register(username: name, email: email, password: password)
        } catch let error as APIError {
            throw UserError("\(error.error).")
        }
    }

    /// Looks at everything that is stored. Returns one sentence for each problem; none when all is well.
    public func check() async throws -> [String] { try await IntegrityCheck(community: community).problems() }
}
