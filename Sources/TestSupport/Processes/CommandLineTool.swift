import Foundation

/// Runs a program to its end.
public enum CommandLineTool {
    public struct Result: Sendable {
        public var ending: Ending
        public var outputData: Data
        public var errorData: Data
        public var output: String { String(decoding: outputData, as: UTF8.self) }
        public var errors: String { String(decoding: errorData, as: UTF8.self) }
        public var exitCode: Int32? { ending.exitCode }
        public var succeeded: Bool { ending.exitCode == 0 }
    }

    public struct TimedOut: Error, CustomStringConvertible {
        public var description: String
    }

    /// The least that programs need: a path, a home, and a UTF-8 locale that every Debian has.
    public static var environment: [String: String] {
        let inherited = ProcessInfo.processInfo.environment
        return [
            "PATH": inherited["PATH"] ?? "/usr/bin:/bin", "HOME": inherited["HOME"] ?? "/", "LC_ALL": "C.UTF-8",
            "TMPDIR": FileManager.default.temporaryDirectory.path,
        ]
    }

    /// Where a program is; nil when it is not installed.
    public static func find(_ name: String) -> URL? {
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin"]
        return folders.lazy.map { URL(fileURLWithPath: $0).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Runs it and waits. Throws `TimedOut` after killing it, or `POSIXError` when it cannot be started.
    @discardableResult
    public static func run(
        _ program: URL, _ arguments: [String] = [], environment: [String: String] = environment,
        directory: URL? = nil, input: Data = Data(), timeout: TimeInterval = 120
    ) throws -> Result {
        let running = try RunningProgram(
            program, arguments, environment: environment, directory: directory, input: input)
        guard let result = running.result(timeout) else {
            running.kill()
            throw TimedOut(
                description: """
                    \(program.lastPathComponent) \(arguments.joined(separator: " ")) did not end in \(timeout) s
                    \(running.output.suffix(2000))
                    \(running.errors.suffix(2000))
                    """)
        }
        return result
    }
}
