import Core
import Terminal

/// The publishing queue: where each piece is on its way and, where it waits for the artist, why.
@MainActor final class QueueScreen: Screen {
    private var items: [OutboxItem] = []
    private var position = ListPosition()
    private var showsDone = true
    private var visible = 1

    let context = CommandContext.queue

    func title(_ app: App) -> String {
        let waiting = items.filter { $0.state != .published && $0.state != .cancelled }.count
        return "\(app.text(ChromeText.queue))   \(app.text(ChromeText.queued, String(waiting)))"
    }

    func refresh(app: App) {
        guard let outbox = app.session?.outbox else { return }
        let kept = item?.id
        do {
            items = try outbox.items(includingDone: showsDone)
        } catch {
            app.report(error)
        }
        if let kept, let index = items.firstIndex(where: { $0.id == kept }) {
            position.select(index, count: items.count)
        }
    }

    private var item: OutboxItem? { items.indices.contains(position.selected) ? items[position.selected] : nil }

    func availability(_ command: CommandID, app: App) -> Availability {
        if CommandID.motions.contains(command) || command == .showDone || command == .changes { return .enabled }
        guard [.open, .details, .retry, .cancel, .edit].contains(command) else { return .absent }
        guard let item else { return .disabled(app.text(ChromeText.nothingSelected)) }
        let isDone = item.state == .published || item.state == .cancelled
        switch command {
        case .retry:
            let mayRetry = item.state == .needsAttention || item.state == .conflict || item.nextAttempt != nil
            return mayRetry ? .enabled : .disabled(app.text(FormText.cannotRetry))
        case .cancel: return isDone || item.cancelRequested ? .disabled(app.text(FormText.cannotCancel)) : .enabled
        case .edit: return isDone ? .disabled(app.text(FormText.cannotEdit)) : .enabled
        default: return .enabled
        }
    }

    func perform(_ command: CommandID, app: App) {
        if position.perform(command, page: visible, count: items.count) { return }
        guard let session = app.session else { return }
        switch command {
        case .changes: app.push(ChangesScreen())
        case .showDone:
            showsDone.toggle()
            refresh(app: app)
        case .open, .details: if let item { app.push(TextScreen.report(item)) }
        case .edit: if let item { app.push(PublishScreen(mode: .edit(item))) }
        case .retry: change(app) { try session.outbox.retry($0) }
        case .cancel:
            guard let item else { return }
            let name = item.draft.title.isEmpty ? item.fileName : item.draft.title
            app.ask(app.text(FormText.ask, Sanitiser.line(name, limit: 80))) { [weak self] in
                self?.change(app) { try session.outbox.cancel($0) }
            }
        default: break
        }
    }

    private func change(_ app: App, _ body: (ClientID) throws -> OutboxItem) {
        guard let item else { return }
        do {
            _ = try body(item.id)
            app.session?.syncStatus.requestSync()
            refresh(app: app)
        } catch {
            app.report(error)
        }
    }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        guard !items.isEmpty else {
            surface.put(app.text(FormText.queueEmpty), in: area.row(area.height / 2), .dim, alignment: .center)
            return
        }
        let (list, detail) = area.split(top: max(3, area.height - 7))
        visible = list.height
        position.reveal(visible: visible, count: items.count)
        let stateWidth = 17
        for row in 0..<list.height {
            let index = position.offset + row
            guard index < items.count else { break }
            let item = items[index]
            let line = list.row(row).inset(1)
            surface.put(Self.icon(item.state), in: line, Self.style(item.state))
            let state = line.split(left: 2).1.split(left: stateWidth)
            surface.put(Self.stateText(item, app), in: state.0, Self.style(item.state))
            let (name, right) = state.1.split(left: state.1.width - 22, gap: 1)
            let title = item.draft.title.isEmpty ? item.fileName : item.draft.title
            surface.put(Sanitiser.line(title, limit: 200), in: name)
            surface.put(Sanitiser.line(item.fileName, limit: 100), in: right.split(left: 14).0, .dim)
            surface.put(app.ago(item.createdAt), in: right, .dim, alignment: .right)
            if index == position.selected { surface.restyle(list.row(row)) { $0 = .selected } }
            app.hit(list.row(row)) { [weak self] in
                guard let self else { return }
                if position.selected == index { app.run(.open) } else { position.select(index, count: items.count) }
            }
        }
        surface.horizontalLine(x: area.x, y: detail.y, width: area.width)
        if let item { drawDetail(item, on: surface, in: detail.split(top: 1).1.inset(1, 0), app: app) }
    }

    private func drawDetail(_ item: OutboxItem, on surface: any Surface, in area: Rect, app: App) {
        var column = Column(surface: surface, area: area)
        column.add(
            Sanitiser.line(item.draft.title.isEmpty ? item.fileName : item.draft.title, limit: 200), .strong, limit: 1)
        if let attention = item.attention {
            column.add(app.inWords(Sanitiser.line(attention.message)), .error, limit: 2)
        }
        var facts = [
            "\(app.text(FormText.recipe)) \(Sanitiser.line(item.draft.recipe, limit: 40))",
            app.text(item.draft.visibility.text),
        ]
        if item.attempts > 0 { facts.append(app.text(FormText.queueAttempts, String(item.attempts))) }
        if let next = item.nextAttempt, next > app.now {
            facts.append(app.text(FormText.queueNext, next.formatted(.iso8601.time(includingFractionalSeconds: false))))
        }
        if let date = item.draft.publishAt, date > app.now {
            facts.append(app.text(ChangeText.scheduled, date.formatted(.iso8601)))
        }
        if item.cancelRequested, item.state != .cancelled { facts.append(app.text(FormText.queueCancelling)) }
        column.add(facts.joined(separator: " · "), .dim, limit: 1)
        if let report = item.report {
            column.add(ReportText.summary(report, app), .dim, limit: 1)
        }
        if let progress = item.progress, !item.state.isResting {
            Gauge.draw(progress, on: surface, in: column.area.row(0).split(left: min(40, area.width)).0)
        }
    }

    static func stateText(_ item: OutboxItem, _ app: App) -> String {
        let state = app.text(item.state.text)
        guard let progress = item.progress, !item.state.isResting else { return state }
        return "\(state) \(Int(progress * 100)) %"
    }

    static func icon(_ state: OutboxState) -> String {
        switch state {
        case .draft: "·"
        case .protecting, .protected, .uploading, .uploaded, .publishing: "↑"
        case .published: "✓"
        case .needsAttention, .conflict: "!"
        case .cancelled: "×"
        }
    }

    static func style(_ state: OutboxState) -> Style {
        switch state {
        case .published: .good
        case .needsAttention, .conflict: .error
        case .cancelled, .draft: .dim
        default: .accent
        }
    }
}

extension CommandID {
    static let motions: Set<CommandID> = [.up, .down, .pageUp, .pageDown, .first, .last]
}

extension ListPosition {
    /// Does a command of moving in a list; false for any other.
    mutating func perform(_ command: CommandID, page: Int, count: Int) -> Bool {
        switch command {
        case .up: move(by: -1, count: count)
        case .down: move(by: 1, count: count)
        case .pageUp: move(by: -page, count: count)
        case .pageDown: move(by: page, count: count)
        case .first: select(0, count: count)
        case .last: select(count - 1, count: count)
        default: return false
        }
        return true
    }
}
