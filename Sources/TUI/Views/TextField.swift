import Terminal

/// A line (or lines) of text being typed.
struct TextField: Hashable {
    private(set) var characters: [Character]
    private(set) var cursor: Int
    /// Whether the end is shown where there is not room for all: of paths, it says more.
    var showsEnd = false
    /// Longest text, in characters.
    var limit = 5_000

    init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    var text: String {
        get { String(characters) }
        set {
            characters = Array(newValue.prefix(limit))
            cursor = characters.count
        }
    }

    mutating func insert(_ text: String) {
        let fitting = text.prefix(max(0, limit - characters.count))
        // Marks join what is before them, so the text is put together anew.
        let before = String(characters[..<cursor]) + fitting
        let after = characters[cursor...]
        characters = Array(before)
        cursor = characters.count
        characters += after
    }

    /// Takes an editing key; false for any other.
    mutating func handle(_ key: Key) -> Bool {
        switch (key.code, key.modifiers) {
        case (.character(let character), []), (.character(let character), .shift): insert(String(character))
        case (.backspace, []):
            guard cursor > 0 else { return true }
            cursor -= 1
            characters.remove(at: cursor)
        case (.delete, _):
            guard cursor < characters.count else { return true }
            characters.remove(at: cursor)
        case (.left, []): cursor = max(0, cursor - 1)
        case (.right, []): cursor = min(characters.count, cursor + 1)
        case (.home, _), (.character("a"), .control): cursor = 0
        case (.end, _): cursor = characters.count
        case (.character("u"), .control):
            characters.removeFirst(cursor)
            cursor = 0
        case (.character("w"), .control), (.backspace, .alt):
            var start = cursor
            while start > 0, characters[start - 1] == " " { start -= 1 }
            while start > 0, characters[start - 1] != " " { start -= 1 }
            characters.removeSubrange(start..<cursor)
            cursor = start
        default: return false
        }
        return true
    }

    /// Draws one row of it with the place of the cursor in sight.
    func draw(on surface: any Surface, in rect: Rect, focused: Bool, style: Style = .normal, hidden: Bool = false) {
        let shown = hidden ? [Character](repeating: "•", count: characters.count) : characters
        let width = surface.width
        func columns(_ part: ArraySlice<Character>) -> Int { width.columns(String(part)) }
        var start = 0
        if focused {
            while start < cursor, columns(shown[start..<cursor]) > rect.width - 2 { start += 1 }
        }
        if !focused, showsEnd {
            while start < shown.count, columns(shown[start...]) > rect.width - 1 { start += 1 }
            if start > 0 {
                surface.put("…" + String(shown[start...]), in: rect, style)
                return
            }
        }
        let visible = String(shown[start...]).replacing("\n", with: "⏎")
        surface.put(visible, in: rect, style)
        if focused { surface.cursor = Point(x: rect.x + columns(shown[start..<cursor]), y: rect.y) }
    }
}
