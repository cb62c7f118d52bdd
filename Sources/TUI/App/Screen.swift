import Core
import Terminal

/// One screen: draws itself, does commands, and says which it can do.
@MainActor protocol Screen: AnyObject {
    var context: CommandContext { get }
    func title(_ app: App) -> String
    func draw(on surface: any Surface, in area: Rect, app: App)
    /// Whether the screen does a command of its context now. App-wide commands are not asked for here.
    func availability(_ command: CommandID, app: App) -> Availability
    func perform(_ command: CommandID, app: App)
    /// Takes an event before the keymap does: text being typed. True when it was taken.
    func handle(_ event: InputEvent, app: App) -> Bool
    /// The store changed, or the screen became the top one.
    func refresh(app: App)
    /// Asked before the screen is left; false keeps it (and it asks its own question).
    func mayLeave(app: App) -> Bool
}

extension Screen {
    func handle(_ event: InputEvent, app: App) -> Bool { false }
    func refresh(app: App) {}
    func mayLeave(app: App) -> Bool { true }
}

/// Something over the screen: help, a question, a line to type.
@MainActor protocol Popup: AnyObject {
    func draw(on surface: any Surface, app: App)
    /// Takes every event while it is open.
    func handle(_ event: InputEvent, app: App)
    /// The cells that it covers are all of the bottom line, and nothing else.
    var isPrompt: Bool { get }
}

extension Popup {
    var isPrompt: Bool { false }
}
