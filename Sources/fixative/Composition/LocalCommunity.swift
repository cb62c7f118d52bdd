import Core
import Foundation
import Synchronization

/// The community on this machine: `fixative-server` beside this program, started when it is needed and told to stop
/// when this process ends, however it ends.
final class LocalCommunity: Sendable {
    private struct Running {
        var process: Process
        /// The server lives as long as this end is open.
        var lifeline: Pipe
    }

    private let address: URL
    private let directories: Directories
    private let http: any HTTPClient
    private let running = Mutex<Running?>(nil)

    init(address: URL, directories: Directories, http: any HTTPClient) {
        self.address = address
        self.directories = directories
        self.http = http
    }

    /// Whether an account lives there.
    func isHome(of server: URL) -> Bool {
        server.host == address.host && server.port == address.port
    }

    /// The address of the running community; starts it where nobody answers there. Blocks up to 30 s.
    func start() throws -> URL {
        if answers() { return address }
        try running.withLock { state in
            if state?.process.isRunning == true { return }
            state = try launch()
        }
        let deadline = Date().addingTimeInterval(30)
        while Date() < deadline {
            if answers() { return address }
            guard running.withLock({ $0?.process.isRunning == true }) else { break }
            usleep(100_000)
        }
        throw UserError(
            "The community on this machine did not start: see \(log.path), or set another port with "
                + "'fixative config set local_community http://127.0.0.1:PORT'.", .unavailable)
    }

    private var log: URL { directories.state.appendingPathComponent("local-community.log") }

    private func answers() -> Bool {
        var request = HTTPRequest(url: address.appendingPathComponent("health"))
        request.timeout = 2
        return (try? http.send(request))?.status == 200
    }

    private func launch() throws -> Running {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = own.deletingLastPathComponent().appendingPathComponent("fixative-server")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw UserError("There is no fixative-server beside this program: install it, or log in elsewhere.", .usage)
        }
        guard let host = address.host, let port = address.port else {
            throw UserError("'local_community' needs a host and a port, like http://127.0.0.1:8420.")
        }
        try PrivateFiles.makeDirectory(directories.state)
        _ = FileManager.default.createFile(atPath: log.path, contents: nil, attributes: [.posixPermissions: 0o600])
        let output = try FileHandle(forWritingTo: log)
        let process = Process()
        let lifeline = Pipe()
        process.executableURL = program
        process.arguments = ["serve", "--listen", "\(host):\(port)", "--until-stdin-closes"]
        process.standardInput = lifeline
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return Running(process: process, lifeline: lifeline)
    }
}
