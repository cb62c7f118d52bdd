import Core
import Terminal

/// The two lines above a screen and the one below.
@MainActor enum Chrome {
    static func drawHead(on surface: any Surface, in area: Rect, app: App) {
        let row = area.row(0).inset(1)
        var x = row.x + surface.put("fixative", in: row, .title) + 2
        let badge = badge(app)
        let name = app.account.map { "@" + Sanitiser.line($0.account.username, limit: 40) } ?? ""
        let width = surface.width
        let rightText = [badge.text, width.truncated(name, to: 16)].filter { !$0.isEmpty }
        let rightWidth = rightText.map(width.columns).reduce(0, +) + 2 * max(0, rightText.count - 1)
        let limit = row.right - rightWidth - 1
        if let timeline = app.top as? TimelineScreen, timeline.isMainPlace {
            let places: [(CommandID, ChromeText, Timeline)] = [
                (.home, .home, .home), (.local, .local, .local), (.bookmarks, .bookmarks, .bookmarks),
                (.favourites, .favourites, .favourites),
            ]
            for (command, label, place) in places {
                let text = app.text(label)
                let columns = width.columns(text)
                if x + columns > limit { break }
                let here = timeline.source == .timeline(place)
                let rect = Rect(x: x, y: row.y, width: columns, height: 1)
                surface.put(text, in: rect, here ? Style(.bold.union(.underline)) : .dim)
                app.hit(rect) { app.run(command) }
                x += columns + 2
            }
        } else {
            let title = Rect(x: x, y: row.y, width: limit - x, height: 1)
            surface.put(app.top.title(app), in: title, .strong)
        }
        var right = row.right - rightWidth
        if !badge.text.isEmpty {
            let rect = Rect(x: right, y: row.y, width: width.columns(badge.text), height: 1)
            surface.put(badge.text, in: rect, badge.style)
            app.hit(rect) { app.run(.queue) }
            right = rect.right + 2
        }
        if !name.isEmpty {
            surface.put(width.truncated(name, to: 16), in: Rect(x: right, y: row.y, width: 16, height: 1), .dim)
        }
        surface.horizontalLine(x: area.x, y: area.y + 1, width: area.width)
    }

    /// `offline · 3 queued`, or nothing when there is nothing to say.
    private static func badge(_ app: App) -> (text: String, style: Style) {
        guard let state = app.session?.syncStatus.state() else { return (app.text(ChromeText.onlyProtect), .dim) }
        let waiting = String(state.waiting)
        switch state.phase {
        case .offline:
            let text = state.waiting > 0 ? app.text(ChromeText.queuedOffline, waiting) : app.text(ChromeText.offline)
            return (text, .warning)
        case .needsLogin: return (app.text(ChromeText.needsLogin), .error)
        case .signedOut: return (app.text(ChromeText.signedOut), .warning)
        case .publishing: return (app.text(ChromeText.publishing, app.text(ChromeText.queued, waiting)), .accent)
        case .pulling: return (app.text(ChromeText.syncing), .dim)
        case .idle: return state.waiting > 0 ? (app.text(ChromeText.queued, waiting), .accent) : ("", .dim)
        }
    }

    /// What was just said, or the keys of the screen: as many as fit, but always `?`.
    static func drawHints(on surface: any Surface, in area: Rect, app: App) {
        let width = surface.width
        let row = area.inset(1)
        let helpKey = app.top.context == .form ? "F1" : "?"
        let help = app.text(ChromeText.helpHint)
        let helpWidth = width.columns(helpKey) + 1 + width.columns(help)
        let helpRect = Rect(x: row.right - helpWidth, y: row.y, width: helpWidth, height: 1)
        drawHint(helpKey, help, on: surface, in: helpRect, enabled: true)
        app.hit(helpRect) { app.run(.help) }
        if let notice = app.notice {
            surface.put(
                notice.text, in: Rect(x: row.x, y: row.y, width: helpRect.x - row.x - 2, height: 1), notice.style)
            return
        }
        var x = row.x
        // What belongs to this screen comes before what works everywhere.
        let commands = CommandID.commands(in: app.top.context).enumerated().sorted { left, right in
            (left.element.contexts.count, left.offset) < (right.element.contexts.count, right.offset)
        }
        for command in commands.map(\.element) {
            guard let hint = command.hint?[app.language], let key = command.keys(in: app.top.context).first?.name else {
                continue
            }
            let availability = app.availability(command.id)
            if availability == .absent { continue }
            if case .disabled = availability { continue }
            let columns = width.columns(key) + 1 + width.columns(hint)
            if x + columns > helpRect.x - 2 { continue }
            let rect = Rect(x: x, y: row.y, width: columns, height: 1)
            drawHint(key, hint, on: surface, in: rect, enabled: true)
            app.hit(rect) { app.run(command.id) }
            x += columns + 3
        }
    }

    private static func drawHint(_ key: String, _ text: String, on surface: any Surface, in rect: Rect, enabled: Bool) {
        let used = surface.put(key, in: rect, .strong)
        let (_, rest) = rect.split(left: used + 1)
        surface.put(text, in: rest, .dim)
    }
}
