import Core
import Terminal

/// Text laid out below one another in a column.
@MainActor struct Column {
    let surface: any Surface
    var area: Rect

    var isFull: Bool { area.height <= 0 }

    /// Puts a text over as many lines as it needs, at most `limit`.
    mutating func add(_ text: String, _ style: Style = .normal, limit: Int = .max) {
        guard !isFull else { return }
        for line in surface.width.wrapped(text, to: area.width, limit: min(limit, area.height)) {
            surface.put(line, in: area.row(0), style)
            skip(1)
        }
    }

    mutating func skip(_ rows: Int = 1) {
        area = Rect(x: area.x, y: area.y + rows, width: area.width, height: area.height - rows)
    }

    /// A small heading and its text.
    mutating func add(heading: String, _ text: String, _ style: Style = .normal, limit: Int = .max) {
        guard area.height > 1 else { return }
        add(heading, .dim)
        add(text, style, limit: limit)
    }
}
