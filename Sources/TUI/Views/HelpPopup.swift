import Core
import Terminal

/// All commands of the screen below: searchable; Enter runs one; what cannot be done says why.
@MainActor final class HelpPopup: Popup {
    private var field = TextField()
    private var position = ListPosition()

    private func matching(_ app: App) -> [(Command, Availability)] {
        let words = field.text.lowercased().split(separator: " ")
        return CommandID.commands(in: app.top.context).compactMap { command in
            let text =
                "\(command.title[app.language]) \(command.name) \(command.keys.map(\.name).joined(separator: " "))"
            guard words.allSatisfy({ text.lowercased().contains($0) }), command.id != .help else { return nil }
            let availability = app.availability(command.id)
            return availability == .absent ? nil : (command, availability)
        }
    }

    func handle(_ event: InputEvent, app: App) {
        let items = matching(app)
        switch event {
        case .mouse(let mouse):
            if mouse.action == .wheelUp { position.move(by: -1, count: items.count) }
            if mouse.action == .wheelDown { position.move(by: 1, count: items.count) }
        case .paste, .report: break
        case .key(let key):
            switch key.code {
            case .escape, .function(1): app.close(self)
            case .character("?") where field.characters.isEmpty: app.close(self)
            case .up: position.move(by: -1, count: items.count)
            case .down, .tab: position.move(by: 1, count: items.count)
            case .pageUp: position.move(by: -8, count: items.count)
            case .pageDown: position.move(by: 8, count: items.count)
            case .enter: run(items, app)
            default:
                if field.handle(key) { position.select(0, count: items.count) }
            }
        }
    }

    private func run(_ items: [(Command, Availability)], _ app: App) {
        guard items.indices.contains(position.selected) else { return }
        app.close(self)
        app.run(items[position.selected].0.id)
    }

    func draw(on surface: any Surface, app: App) {
        let items = matching(app)
        let size = surface.size
        let box = surface.bounds.centered(width: min(70, size.columns - 4), height: min(size.rows - 2, 30))
        surface.clear(box)
        surface.frame(box, title: app.text(ChromeText.helpKeys), .accent)
        let inside = box.inset(2, 1)
        let used = surface.put("/ ", in: inside.row(0), .title)
        field.draw(on: surface, in: inside.row(0).split(left: used).1, focused: true)
        if field.characters.isEmpty {
            surface.put(app.text(ChromeText.helpSearch), in: inside.row(0).split(left: used + 1).1, .dim)
        }
        let list = inside.split(top: 1, gap: 1).1
        position.reveal(visible: list.height, count: items.count)
        if items.isEmpty { surface.put(app.text(ChromeText.helpNothing), in: list.row(0), .dim) }
        let keysWidth = 13
        for row in 0..<list.height {
            let index = position.offset + row
            guard index < items.count else { break }
            let (command, availability) = items[index]
            let line = list.row(row)
            let names = command.keys(in: app.top.context).map(\.name).joined(separator: " ")
            var style = Style.normal
            var text = command.title[app.language]
            if case .disabled(let reason) = availability {
                style = .dim
                text += " (\(reason))"
            }
            surface.put(names, in: line.split(left: keysWidth).0, availability == .enabled ? .strong : .dim)
            surface.put(text, in: line.split(left: keysWidth, gap: 1).1, style)
            if index == position.selected { surface.restyle(line) { $0 = .selected } }
            app.hit(line) { [weak self] in
                self?.position.select(index, count: items.count)
                self?.run(items, app)
            }
        }
    }
}
