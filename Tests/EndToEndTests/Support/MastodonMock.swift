import Foundation
import TestSupport
import Testing

/// `mastodon_mock` (PyPI) as a process: a server of Mastodon's client API that we did not write, with faults on demand.
/// It differs from Mastodon where that hurts: a media id can be attached as often as one likes.
final class MastodonMock {
    static let program: URL? = {
        let named = ProcessInfo.processInfo.environment["FIXATIVE_MASTODON_MOCK"].map { URL(fileURLWithPath: $0) }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let built = root.appendingPathComponent(".build-tests/mastodon_mock/bin/mastodon_mock")
        return [named, built].compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    let port: UInt16
    private let running: RunningProgram

    init(folder: TemporaryDirectory) throws {
        let program = try #require(Self.program)
        // A port that is free now; nobody else takes ports of this range during the tests.
        let probe = try Listener { _ in }
        port = probe.port
        probe.stop()
        running = try RunningProgram(
            program, ["serve", "--in-memory", "--demo", "--port", "\(port)", "--log-level", "warning"],
            environment: CommandLineTool.environment, directory: folder.url)
        let base = "http://127.0.0.1:\(port)"
        let isUp = eventually(within: 60) { (try? WebUser(base: base, token: nil).call("GET", "/api/v2/instance")) }
        _ = try #require(isUp, "mastodon_mock does not answer: \(running.errors)")
    }

    var base: String { "http://127.0.0.1:\(port)" }
    var ada: WebUser { WebUser(base: base, token: "ada_token") }

    /// The code that the server's page would show after approval.
    func code(for name: String) -> String {
        let answer = try? CommandLineTool.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["curl", "-s", "-X", "POST", "-d", "username=\(name)", "\(base)/oauth/authorize"],
            environment: CommandLineTool.environment)
        let page = answer?.output ?? ""
        guard let start = page.range(of: "code: "), let end = page.range(of: "</p>") else { return "" }
        return String(page[start.upperBound..<end.lowerBound])
    }

    /// The next requests of that kind meet a fault.
    func fail(_ method: String, _ path: String, type: String, status: Int = 500, count: Int = 1) throws {
        try WebUser(base: base, token: nil).call(
            "POST", "/api/v1/_mock/faults",
            [
                "match": ["methods": [method], "path": path], "effect": ["type": type, "status": status],
                "count": count,
            ])
    }
}
