import Foundation

/// How a program ended.
public struct Ending: Hashable, Sendable {
    /// The exit code; nil when a signal ended it.
    public var exitCode: Int32?
    public var signal: Int32?

    public init(exitCode: Int32?, signal: Int32?) {
        self.exitCode = exitCode
        self.signal = signal
    }
}

/// A program that runs beside the test; killed with the object.
public final class RunningProgram: @unchecked Sendable {
    private struct State {
        var output = Data()
        var errors = Data()
        var openStreams = 2
        var ending: Ending?
    }

    public let processID: pid_t
    private let state = Monitor(State())

    /// Starts it; throws `POSIXError`.
    ///
    /// - Parameters:
    ///   - environment: Everything that it sees; nothing is inherited.
    ///   - input: What it reads from its standard input.
    public init(
        _ program: URL, _ arguments: [String] = [], environment: [String: String] = CommandLineTool.environment,
        directory: URL? = nil, input: Data = Data()
    ) throws {
        let toChild = try Spawn.pipe()
        let output = try Spawn.pipe()
        let errors = try Spawn.pipe()
        let processID: pid_t
        do {
            defer { [toChild.reading, output.writing, errors.writing].forEach { close($0) } }
            processID = try Spawn.start(
                program, arguments, environment: environment, directory: directory,
                streams: .descriptors(input: toChild.reading, output: output.writing, errors: errors.writing))
        } catch {
            [toChild.writing, output.reading, errors.reading].forEach { close($0) }
            throw error
        }
        self.processID = processID
        let state = state
        Thread.detachNewThread { feed(input, to: toChild.writing) }
        Thread.detachNewThread {
            drain(output.reading) { piece in state.withLock { $0.output.append(piece) } }
            state.withLock { $0.openStreams -= 1 }
        }
        Thread.detachNewThread {
            drain(errors.reading) { piece in state.withLock { $0.errors.append(piece) } }
            state.withLock { $0.openStreams -= 1 }
        }
        Thread.detachNewThread {
            let ending = reap(processID)
            state.withLock { $0.ending = ending }
        }
    }

    deinit { kill() }

    public var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
    public var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
    public var isRunning: Bool { state.withLock { $0.ending == nil } }

    /// Sends a signal unless the program has already ended.
    public func signal(_ number: Int32) {
        state.withLock { if $0.ending == nil { _ = Glibc.kill(processID, number) } }
    }

    public func kill() { signal(SIGKILL) }

    /// Waits until the output so far satisfies the body; nil after the deadline, or when the program ended without.
    public func wait<Result>(_ seconds: TimeInterval, forOutput body: (String) -> Result?) -> Result? {
        let found: Result?? = state.wait(seconds) { state in
            if let result = body(String(decoding: state.output, as: UTF8.self)) { return .some(result) }
            return state.ending != nil && state.openStreams == 0 ? .some(nil) : nil
        }
        return found ?? nil
    }

    /// Waits for its end; nil when it is still running after the deadline.
    public func waitForEnd(_ seconds: TimeInterval) -> Ending? { state.wait(seconds) { $0.ending } }

    /// Waits for its end and for everything that it wrote. A child that keeps the streams open is not waited for.
    public func result(_ seconds: TimeInterval) -> CommandLineTool.Result? {
        guard let ending = waitForEnd(seconds) else { return nil }
        _ = state.wait(2) { $0.openStreams == 0 ? true : nil }
        return state.withLock { CommandLineTool.Result(ending: ending, outputData: $0.output, errorData: $0.errors) }
    }
}

/// Waits for a child's end and takes it away.
func reap(_ processID: pid_t) -> Ending {
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? Ending(exitCode: (status >> 8) & 0xFF, signal: nil) : Ending(exitCode: nil, signal: signal)
}

/// Reads to the end and closes.
func drain(_ descriptor: Int32, _ take: (Data) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        take(Data(buffer[..<count]))
    }
    close(descriptor)
}

/// Writes all and closes; a reader that went away is no signal here.
private func feed(_ data: Data, to descriptor: Int32) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var rest = data[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        rest = rest.dropFirst(count)
    }
    close(descriptor)
}
