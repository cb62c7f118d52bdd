import CTestSupport

/// What a terminal shows after the bytes that a program wrote. Not safe for several threads at once.
final class Emulator {
    private let terminal: OpaquePointer
    private(set) var rows: Int
    private(set) var columns: Int

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        terminal = fixative_vterm_new(Int32(rows), Int32(columns))
    }

    deinit { fixative_vterm_free(terminal) }

    func resize(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        fixative_vterm_resize(terminal, Int32(rows), Int32(columns))
    }

    /// Feeds bytes; returns what the terminal answers to queries among them.
    func write(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes {
            fixative_vterm_write(terminal, $0.bindMemory(to: CChar.self).baseAddress, $0.count)
        }
        var answer: [UInt8] = []
        var room = [CChar](repeating: 0, count: 4096)
        while true {
            let count = fixative_vterm_answer(terminal, &room, room.count)
            guard count > 0 else { return answer }
            answer += room[..<count].map { UInt8(bitPattern: $0) }
        }
    }

    var isAlternate: Bool { fixative_vterm_is_alternate(terminal) != 0 }
    var isCursorVisible: Bool { fixative_vterm_is_cursor_visible(terminal) != 0 }

    /// The screen as lines, without the blanks at their ends.
    func lines() -> [String] {
        (0..<rows).map { row in
            var text = String.UnicodeScalarView()
            for column in 0..<columns {
                var combining: [UInt32] = [0, 0, 0, 0, 0]
                let first = fixative_vterm_cell(terminal, Int32(row), Int32(column), &combining, 5)
                if first == .max { continue }
                text.append(Unicode.Scalar(first == 0 ? 0x20 : first) ?? "\u{FFFD}")
                for mark in combining where mark != 0 { text.append(Unicode.Scalar(mark) ?? "\u{FFFD}") }
            }
            while text.last == " " { text.removeLast() }
            return String(text)
        }
    }

    /// The columns of a row that are shown in reverse video: where a list's cursor is.
    func reversed(row: Int) -> [Int] {
        (0..<columns).filter { fixative_vterm_is_reverse(terminal, Int32(row), Int32($0)) != 0 }
    }
}
