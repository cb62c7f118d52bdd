/// The exit codes of the command line; a contract with scripts.
public enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The answer is no.
    case no = 1
    /// The input or the call was wrong.
    case usage = 2
    /// The network or the server failed; the work is queued or untouched.
    case unavailable = 3
    /// Login needed, or a conflict to resolve.
    case attention = 4
    /// Our own fault.
    case `internal` = 70
}

/// An error that is told to a person: one clear sentence that says what is wrong and what to do.
public struct UserError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public var status: ExitStatus

    public init(_ message: String, _ status: ExitStatus = .usage) {
        self.message = message
        self.status = status
    }

    public var description: String { message }
}
