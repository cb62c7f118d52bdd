import CTestSupport
import Foundation

/// A program in a terminal of its own: a pseudo-terminal with an emulator behind it. Killed with the object.
public final class TerminalSession: @unchecked Sendable {
    private struct State {
        let emulator: Emulator
        var transcript = Data()
        var ending: Ending?
        var isClosed = false
    }

    /// What the terminal shows at one moment.
    public struct Screen: Sendable, CustomStringConvertible {
        public var lines: [String]
        /// The alternate screen, which full-screen programs use and must leave.
        public var isAlternate: Bool
        public var isCursorVisible: Bool
        public var text: String { lines.joined(separator: "\n") }
        public var description: String { text }
    }

    /// How the line discipline stands: what a program must give back as it found it.
    public struct LineSettings: Hashable, Sendable {
        public var echoes: Bool
        public var isCanonical: Bool
        public var handlesSignals: Bool
        public var translatesOutput: Bool
    }

    public let processID: pid_t
    private let primary: Int32
    private let state: Monitor<State>

    /// Starts it in a terminal of that size; throws `POSIXError`. `TERM` is `xterm-256color` unless the environment
    /// says otherwise.
    public init(
        _ program: URL, _ arguments: [String] = [], environment: [String: String] = CommandLineTool.environment,
        directory: URL? = nil, rows: Int = 24, columns: Int = 80
    ) throws {
        var name = [CChar](repeating: 0, count: 128)
        let primary = fixative_test_open_terminal(&name, name.count)
        guard primary >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let path = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        self.primary = primary
        state = Monitor(State(emulator: Emulator(rows: rows, columns: columns)))
        Self.setSize(primary, rows, columns)
        var environment = environment
        if environment["TERM"] == nil { environment["TERM"] = "xterm-256color" }
        // Keeps the terminal alive, and its settings readable, after the program has ended.
        let secondary = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        do {
            processID = try Spawn.start(
                program, arguments, environment: environment, directory: directory, streams: .terminal(path: path))
        } catch {
            close(primary)
            close(secondary)
            throw error
        }
        let (processID, state) = (processID, state)
        Thread.detachNewThread {
            let ending = reap(processID)
            state.withLock { $0.ending = ending }
        }
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                var ready = pollfd(fd: primary, events: Int16(POLLIN), revents: 0)
                let count = poll(&ready, 1, 50) > 0 ? read(primary, &buffer, buffer.count) : 0
                if count > 0 {
                    let piece = Array(buffer[..<count])
                    let answer = state.withLock { state in
                        state.transcript.append(contentsOf: piece)
                        return state.emulator.write(piece)
                    }
                    if !answer.isEmpty { Self.write(answer, to: primary) }
                }
                if state.withLock({ $0.isClosed }) {
                    close(primary)
                    close(secondary)
                    return
                }
            }
        }
    }

    deinit {
        signal(SIGKILL)
        state.withLock { $0.isClosed = true }
    }

    // MARK: What the person does

    /// Types text as it stands.
    public func type(_ text: String) { Self.write(Array(text.utf8), to: primary) }

    public func press(_ key: Key) { type(key.rawValue) }

    /// Keys that are more than one character.
    public enum Key: String, Sendable {
        case enter = "\r"
        case escape = "\u{1B}"
        case tab = "\t"
        case backspace = "\u{7F}"
        case up = "\u{1B}OA"
        case down = "\u{1B}OB"
        case right = "\u{1B}OC"
        case left = "\u{1B}OD"
        case f1 = "\u{1B}OP"
        case controlC = "\u{03}"
        case controlQ = "\u{11}"
        case controlZ = "\u{1A}"
        case controlL = "\u{0C}"
    }

    /// Changes the size of the window, which tells the program by `SIGWINCH`.
    public func resize(rows: Int, columns: Int) {
        state.withLock { $0.emulator.resize(rows: rows, columns: columns) }
        Self.setSize(primary, rows, columns)
    }

    /// Sends a signal unless the program has already ended.
    public func signal(_ number: Int32) {
        state.withLock { if $0.ending == nil { _ = Glibc.kill(processID, number) } }
    }

    // MARK: What the person sees

    public var screen: Screen { state.withLock(Self.screen) }
    /// Every byte that the program wrote.
    public var transcript: Data { state.withLock { $0.transcript } }

    /// Waits until the screen satisfies the body; nil after the deadline.
    @discardableResult
    public func wait(_ seconds: TimeInterval = 20, until body: (Screen) -> Bool) -> Screen? {
        state.wait(seconds) { state in
            let screen = Self.screen(&state)
            return body(screen) ? screen : nil
        }
    }

    /// Waits until the text is somewhere on the screen; nil after the deadline.
    @discardableResult
    public func wait(_ seconds: TimeInterval = 20, for text: String) -> Screen? {
        wait(seconds) { $0.text.contains(text) }
    }

    /// Waits for its end; nil when it is still running after the deadline.
    public func waitForEnd(_ seconds: TimeInterval = 20) -> Ending? { state.wait(seconds) { $0.ending } }

    public var lineSettings: LineSettings {
        var settings = termios()
        tcgetattr(primary, &settings)
        return LineSettings(
            echoes: settings.c_lflag & tcflag_t(ECHO) != 0, isCanonical: settings.c_lflag & tcflag_t(ICANON) != 0,
            handlesSignals: settings.c_lflag & tcflag_t(ISIG) != 0,
            translatesOutput: settings.c_oflag & tcflag_t(ONLCR) != 0)
    }

    private static func screen(_ state: inout State) -> Screen {
        Screen(
            lines: state.emulator.lines(), isAlternate: state.emulator.isAlternate,
            isCursorVisible: state.emulator.isCursorVisible)
    }

    private static func setSize(_ descriptor: Int32, _ rows: Int, _ columns: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
