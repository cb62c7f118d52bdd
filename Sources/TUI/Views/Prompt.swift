import Core
import Terminal

/// A line to type at the bottom of the screen, with help or the mistake above it.
@MainActor final class Prompt: Popup {
    struct Mistake {
        var message: String
        /// Unicode scalars before the place.
        var offset: Int
    }

    private let label: String
    private var field: TextField
    private let submit: @MainActor (String, App) -> Mistake?
    private var mistake: Mistake?
    var help: String?
    var completions: [String] = []
    var isPrompt: Bool { true }

    init(label: String, text: String = "", submit: @escaping @MainActor (String, App) -> Mistake?) {
        self.label = label
        field = TextField(text)
        field.limit = 1_000
        self.submit = submit
    }

    func handle(_ event: InputEvent, app: App) {
        switch event {
        case .paste(let pasted): field.insert(Sanitiser.line(pasted))
        case .key(let key):
            switch key.code {
            case .escape: app.close(self)
            case .enter:
                app.close(self)
                if let mistake = submit(field.text, app) {
                    self.mistake = mistake
                    app.open(self)
                }
            case .backspace where field.characters.isEmpty: app.close(self)
            case .tab: complete()
            default:
                if field.handle(key) { mistake = nil }
            }
        case .mouse, .report: break
        }
    }

    private func complete() {
        let matching = completions.filter { $0.lowercased().hasPrefix(field.text.lowercased()) }
        let common = PathCompletion.commonPrefix(matching)
        if common.count > field.characters.count { field.text = common }
    }

    func draw(on surface: any Surface, app: App) {
        let bottom = surface.size.rows - 1
        // The mistake and a caret under its place go below the line.
        let row = Rect(x: 1, y: bottom - (mistake == nil ? 0 : 2), width: surface.size.columns - 2, height: 1)
        let label = Rect(x: 1, y: row.y, width: surface.width.columns(self.label), height: 1)
        let typed = row.split(left: label.width).1
        let matching = completions.filter { !field.text.isEmpty && $0.lowercased().hasPrefix(field.text.lowercased()) }
        let above = mistake == nil ? (matching.isEmpty ? help : matching.joined(separator: "  ")) : nil
        let top = row.y - (above == nil ? 0 : 1)
        surface.clear(Rect(x: 0, y: top - 1, width: surface.size.columns, height: bottom - top + 2))
        surface.horizontalLine(x: 0, y: top - 1, width: surface.size.columns)
        if let above { surface.put(above, in: row.row(-1), .dim) }
        surface.put(self.label, in: label, .title)
        field.draw(on: surface, in: typed, focused: true)
        if let mistake {
            let scalars = String(String.UnicodeScalarView(field.text.unicodeScalars.prefix(mistake.offset)))
            let place = min(typed.width - 1, surface.width.columns(scalars))
            surface.put("^", in: Rect(x: typed.x + place, y: row.y + 1, width: 1, height: 1), .error)
            surface.put(mistake.message, in: row.row(2), .error)
        }
    }
}

/// A question with yes and no.
@MainActor final class Question: Popup {
    private let question: String
    private let yes: @MainActor () -> Void

    init(_ question: String, yes: @escaping @MainActor () -> Void) {
        self.question = question
        self.yes = yes
    }

    func handle(_ event: InputEvent, app: App) {
        guard case .key(let key) = event else { return }
        switch key.code {
        case .character("y"), .character("Y"), .enter:
            app.close(self)
            yes()
        case .character("n"), .character("N"), .character("q"), .escape: app.close(self)
        default: break
        }
    }

    func draw(on surface: any Surface, app: App) {
        let lines = surface.width.wrapped(question, to: min(56, surface.size.columns - 8), limit: 6)
        let longest = max(
            lines.map(surface.width.columns).max() ?? 0, surface.width.columns(app.text(ChromeText.confirmKeys)))
        let box = surface.bounds.centered(width: longest + 6, height: lines.count + 4)
        surface.clear(box)
        surface.frame(box, .accent)
        for (index, line) in lines.enumerated() { surface.put(line, in: box.row(index + 1).inset(3)) }
        surface.put(app.text(ChromeText.confirmKeys), in: box.row(box.height - 2).inset(3), .dim)
    }
}
