import Core
import Foundation

/// Standard output and standard error. Everything that goes out passes the sanitiser; nothing else writes.
enum Console {
    /// Colours and progress only where a person looks.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    static func out(_ text: String) { write(Sanitiser.text(text) + "\n", to: STDOUT_FILENO) }

    /// One line whose columns are separated by tabs; each column is sanitised by itself.
    static func columns(_ columns: [String]) {
        write(columns.map { Sanitiser.line($0) }.joined(separator: "\t") + "\n", to: STDOUT_FILENO)
    }

    /// What the program says of itself (help, completion scripts): not from outside, and longer than a text may be.
    static func ownText(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// A message for the person, not the answer.
    static func error(_ text: String) { write("fixative: " + Sanitiser.text(text) + "\n", to: STDERR_FILENO) }

    /// A line that replaces itself; only on a terminal. What is wider than that would stay and be written again below.
    static func progress(_ text: String) {
        guard errorIsTerminal else { return }
        var size = winsize()
        let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        // The last column stays free: in it some terminals begin a new line.
        let line = TextFit.tail(Sanitiser.line(text), columns: known ? Int(size.ws_col) - 1 : 79)
        write("\r\u{1B}[K" + line, to: STDERR_FILENO)
    }

    static func endProgress() {
        if errorIsTerminal { write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    /// One JSON document on one line, keys sorted.
    static func json(_ value: some Encodable) throws {
        write(try JSONText.encode(value) + "\n", to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                // The reader is gone: there is nobody to tell.
                if errno == EPIPE { exit(ExitStatus.done.rawValue) }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
