/// A key as the keymap knows it.
public struct Key: Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        case character(Character)
        case enter, tab, escape, backspace, delete, insert
        case up, down, left, right, home, end, pageUp, pageDown
        case function(Int)
    }

    public struct Modifiers: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let shift = Modifiers(rawValue: 1)
        public static let alt = Modifiers(rawValue: 2)
        public static let control = Modifiers(rawValue: 4)
    }

    public var code: Code
    public var modifiers: Modifiers

    public init(_ code: Code, _ modifiers: Modifiers = []) {
        self.code = code
        self.modifiers = modifiers
    }

    public static func character(_ character: Character) -> Key { Key(.character(character)) }
    public static func control(_ character: Character) -> Key { Key(.character(character), .control) }

    /// As help writes it: `q`, `^S`, `Enter`, `↑`, `F1`.
    public var name: String {
        let base: String
        switch code {
        case .character(" "): base = "Space"
        case .character(let character):
            base = modifiers.contains(.control) ? "^" + character.uppercased() : String(character)
        case .enter: base = "Enter"
        case .tab: base = modifiers.contains(.shift) ? "⇧Tab" : "Tab"
        case .escape: base = "Esc"
        case .backspace: base = "⌫"
        case .delete: base = "Del"
        case .insert: base = "Ins"
        case .up: base = "↑"
        case .down: base = "↓"
        case .left: base = "←"
        case .right: base = "→"
        case .home: base = "Home"
        case .end: base = "End"
        case .pageUp: base = "PgUp"
        case .pageDown: base = "PgDn"
        case .function(let number): base = "F\(number)"
        }
        return modifiers.contains(.alt) ? "M-" + base : base
    }
}

/// A click or a turn of the wheel.
public struct MouseEvent: Hashable, Sendable {
    public enum Action: Hashable, Sendable { case press, wheelUp, wheelDown }
    public var action: Action
    public var at: Point

    public init(_ action: Action, at point: Point) {
        self.action = action
        self.at = point
    }
}

/// What a terminal says about itself. Never becomes a key, however late it comes.
public enum TerminalReport: Hashable, Sendable {
    /// DA1: ends every batch of questions, because every terminal answers it.
    case primaryAttributes([Int])
    /// XTVERSION, such as `kitty(0.26.5)`.
    case version(String)
    /// DECRPM: a private mode and its setting (0 unknown, 1 set, 2 reset…).
    case mode(Int, Int)
    /// XTWINOPS: 4 (text area in pixels), 6 (cell in pixels), 8 (text area in cells), then the numbers.
    case window([Int])
    /// The answer to kitty's graphics query.
    case kittyGraphics(String)
    /// Anything else.
    case other
}

/// What comes in from the terminal.
public enum InputEvent: Hashable, Sendable {
    case key(Key)
    /// Bracketed paste; also what a terminal sends for dropped files.
    case paste(String)
    case mouse(MouseEvent)
    case report(TerminalReport)
}
