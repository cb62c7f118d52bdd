import CNcurses
import Core
import Foundation
import Glibc

/// How the terminal is to be used.
public struct TerminalOptions: Sendable {
    /// The user's own choice of colours; nil decides by the terminal.
    public var depth: PictureMode.Depth?
    /// Whether terminals' own graphics may be used.
    public var graphics: Bool
    public var mouse: Bool
    /// Columns of characters of ambiguous width: 1 or 2.
    public var ambiguousWidth: Int
    /// Where standard error goes while the screen is in use.
    public var errorLog: URL?
    public var environment: [String: String]

    public init(
        depth: PictureMode.Depth? = nil, graphics: Bool = true, mouse: Bool = true, ambiguousWidth: Int = 1,
        errorLog: URL? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.depth = depth
        self.graphics = graphics
        self.mouse = mouse
        self.ambiguousWidth = ambiguousWidth
        self.errorLog = errorLog
        self.environment = environment
    }
}

/// What the main loop gets.
public enum TerminalEvent: Hashable, Sendable {
    case input(InputEvent)
    case resized
    /// The terminal said more about itself: pictures are to be made anew.
    case capabilities
    /// A signal asked for the end.
    case terminate(signal: Int32)
    /// `Waker.wake` was called.
    case wake
}

/// The terminal while the program has it. Whatever happens, it is given back as it was: at the end, on Ctrl-Z, on
/// signals, on a crash. One at a time, on the main thread.
public final class TerminalSession {
    public let surface: CursesSurface
    public private(set) var capabilities: Capabilities
    public let waker = Waker()
    private let options: TerminalOptions
    private var decoder = InputDecoder()
    private var capture: StandardErrorCapture?
    private var isOpen = false
    /// Bracketed paste, mouse reports.
    private var modes: (enter: [UInt8], leave: [UInt8])

    /// Takes the terminal over. Throws `UserError` when there is none or it is of an unknown kind.
    public init(options: TerminalOptions) throws {
        self.options = options
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw UserError("the terminal interface needs a terminal; see `fixative --help` for the commands")
        }
        let width = CharacterWidth(ambiguous: options.ambiguousWidth)
        let term = options.environment["TERM"] ?? ""
        guard fx_screen_start() == 0 else {
            throw UserError("unknown terminal type TERM=\(Sanitiser.line(term, limit: 40)); try TERM=xterm-256color")
        }
        capabilities = Capabilities(
            environment: options.environment, colors: Int(fx_screen_colors()), forced: options.depth,
            graphicsAllowed: options.graphics)
        surface = CursesSurface(size: Size(columns: 80, rows: 24), width: width, write: Self.send)
        surface.usesColor = capabilities.usesColor
        let isPlain = term == "dumb" || term == "linux"
        let mouse = options.mouse && !isPlain
        modes.enter = isPlain ? [] : Array("\u{1B}[?2004h\(mouse ? "\u{1B}[?1000h\u{1B}[?1006h" : "")".utf8)
        modes.leave = isPlain ? [] : Array("\(mouse ? "\u{1B}[?1006l\u{1B}[?1000l" : "")\u{1B}[?2004l".utf8)
        // ncurses's own modes end as terminfo says; after a crash only these bytes do it.
        let screen =
            isPlain || term.hasPrefix("vt") ? "\u{1B}[0m\r\n" : "\u{1B}[?2026l\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
        let restore = modes.leave + Array(screen.utf8)
        if let log = options.errorLog { capture = StandardErrorCapture(log: log) }
        fx_crash_guard(restore, restore.count, capture?.file ?? -1, capture?.original ?? -1)
        fx_signals_route(waker.writing)
        isOpen = true
        Self.send(modes.enter)
        Self.send(Capabilities.questions(environment: options.environment))
        measure()
    }

    /// Gives the terminal back. Safe to call twice.
    public func end() {
        guard isOpen else { return }
        isOpen = false
        Self.send(surface.removePictures() + modes.leave)
        fx_screen_end()
        fx_signals_release()
        fx_crash_release()
        capture?.finish()
        tcflush(STDIN_FILENO, TCIFLUSH)
    }

    /// What happened, waiting at most `timeout` seconds for something.
    public func events(timeout: TimeInterval) -> [TerminalEvent] {
        var waits = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.reading, events: Int16(POLLIN), revents: 0),
        ]
        // A lone ESC is the key when nothing follows soon; while answers are awaited they may come split and late.
        let patience = capabilities.isComplete ? 0.03 : 0.25
        let wait = decoder.isPending ? min(timeout, patience) : timeout
        let ready = poll(&waits, 2, Int32(max(0, wait) * 1000))
        var result: [TerminalEvent] = []
        if ready == 0, decoder.isPending { result += decoder.flush().map(TerminalEvent.input) }
        if waits[1].revents != 0 {
            for number in waker.drain() { result += handle(signal: number) }
        }
        if waits[0].revents & Int16(POLLIN) != 0 {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            if count > 0 {
                result += decoder.feed(bytes[..<count]).compactMap(event)
            } else if count == 0 {
                result.append(.terminate(signal: SIGHUP))
            }
        } else if waits[0].revents & Int16(POLLHUP | POLLERR) != 0 {
            result.append(.terminate(signal: SIGHUP))
        }
        return result
    }

    /// Stops the program as the shell expects after Ctrl-Z, and takes the terminal again when it is continued.
    public func suspend() {
        leave()
        fx_stop_self()
        enter()
    }

    /// Lends the terminal to another program, such as an editor.
    public func lend<Result>(_ body: () throws -> Result) rethrows -> Result {
        leave()
        defer { enter() }
        return try body()
    }

    public func flush() {
        surface.synchronizes = capabilities.synchronizedOutput
        surface.flush(graphics: capabilities.pictures.graphics)
    }

    /// The size now; asks the kernel.
    public func measure() {
        var (rows, columns, width, height): (Int32, Int32, Int32, Int32) = (24, 80, 0, 0)
        _ = fx_terminal_size(STDOUT_FILENO, &rows, &columns, &width, &height)
        let size = Size(columns: min(1_000, Int(columns)), rows: min(500, Int(rows)))
        // The kernel's pixels are the terminal's own unless tmux is between; some say nonsense.
        if width > 2 * columns, height > 4 * rows, !capabilities.isTmux {
            capabilities.setCell(width: Int(width / columns), height: Int(height / rows))
        }
        surface.begin(size: size)
    }

    private func event(_ input: InputEvent) -> TerminalEvent? {
        if case .report(let report) = input { return capabilities.absorb(report) ? .capabilities : nil }
        return .input(input)
    }

    private func handle(signal number: Int32) -> [TerminalEvent] {
        switch number {
        case 0: return [.wake]
        case SIGWINCH:
            measure()
            return [.resized]
        case SIGTSTP:
            suspend()
            return [.resized]
        case SIGCONT:
            // Continued after a stop that could not be caught: the shell had the terminal meanwhile.
            leave()
            enter()
            return [.resized]
        default: return [.terminate(signal: number)]
        }
    }

    private func leave() {
        Self.send(surface.removePictures() + modes.leave)
        fx_screen_suspend()
        fx_signals_release()
        if let capture { dup2(capture.original, STDERR_FILENO) }
    }

    private func enter() {
        if let capture { dup2(capture.file, STDERR_FILENO) }
        fx_signals_route(waker.writing)
        _ = waker.drain()
        fx_screen_resume()
        Self.send(modes.enter)
        Self.send(Capabilities.questions(environment: options.environment))
        surface.invalidate()
        measure()
    }

    private static func send(_ bytes: [UInt8]) {
        var at = 0
        bytes.withUnsafeBytes { raw in
            while at < raw.count {
                let count = write(STDOUT_FILENO, raw.baseAddress! + at, raw.count - at)
                if count > 0 {
                    at += count
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, 1_000)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
