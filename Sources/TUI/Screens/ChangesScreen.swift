import Core
import Terminal

/// What the artist did to published pieces and the server has not taken: waiting, refused, or in conflict.
@MainActor final class ChangesScreen: Screen {
    private var items: [OperationItem] = []
    private var position = ListPosition()
    private var visible = 1

    let context = CommandContext.changes

    func title(_ app: App) -> String {
        "\(app.text(ChangeText.changes))   \(app.text(ChangeText.toDecide, String(items.filter { $0.state != .waiting }.count)))"
    }

    func refresh(app: App) {
        guard let outbox = app.session?.outbox else { return }
        let kept = item?.id
        do {
            items = try outbox.operations()
        } catch {
            app.report(error)
        }
        let index = kept.flatMap { id in items.firstIndex { $0.id == id } } ?? position.selected
        position.select(index, count: items.count)
    }

    private var item: OperationItem? { items.indices.contains(position.selected) ? items[position.selected] : nil }

    func availability(_ command: CommandID, app: App) -> Availability {
        if CommandID.motions.contains(command) { return .enabled }
        guard [.open, .retry, .cancel].contains(command) else { return .absent }
        guard let item else { return .disabled(app.text(ChromeText.nothingSelected)) }
        if command == .retry, item.state != .refused { return .disabled(app.text(FormText.cannotRetry)) }
        return .enabled
    }

    func perform(_ command: CommandID, app: App) {
        if position.perform(command, page: visible, count: items.count) { return }
        guard let item, let session = app.session else { return }
        switch command {
        case .open:
            let name = ChangeText.subject(item, app)
            if let conflict = item.conflict {
                app.push(ConflictScreen(item.id, conflict, name: name))
            } else {
                app.push(Self.details(item, name))
            }
        case .retry: change(app) { try session.outbox.retryOperation(item.id) }
        case .cancel:
            app.ask(app.text(ChangeText.forget, ChangeText.kind(item.operation, app))) { [weak self] in
                self?.change(app) { try session.outbox.dropOperation(item.id) }
            }
        default: break
        }
    }

    private func change(_ app: App, _ body: () throws -> Void) {
        do {
            try body()
            app.session?.syncStatus.requestSync()
            refresh(app: app)
        } catch {
            app.report(error)
        }
    }

    /// Why it waits, and the artist's words: they are kept whatever the server says.
    private static func details(_ item: OperationItem, _ name: String) -> TextScreen {
        TextScreen(ChangeText.changes) { app in
            var lines = [
                TextScreen.Line(text: "\(ChangeText.kind(item.operation, app))  \(name)", style: .strong)
            ]
            if let message = item.message { lines.append(.init(text: Sanitiser.line(message), style: .error)) }
            switch item.operation {
            case .edit(_, let draft): lines += [.init(text: ""), .init(text: Sanitiser.text(draft.statusText))]
            case .reply(_, let text, _, _): lines += [.init(text: ""), .init(text: Sanitiser.text(text))]
            default: break
            }
            return lines
        }
    }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        guard !items.isEmpty else {
            surface.put(app.text(ChangeText.none), in: area.row(area.height / 2), .dim, alignment: .center)
            return
        }
        let (list, detail) = area.split(top: max(3, area.height - 4))
        visible = list.height
        position.reveal(visible: visible, count: items.count)
        for row in 0..<list.height {
            let index = position.offset + row
            guard index < items.count else { break }
            let item = items[index]
            let line = list.row(row).inset(1)
            surface.put(Self.icon(item.state), in: line, Self.style(item.state))
            let (kind, rest) = line.split(left: 2).1.split(left: 14)
            surface.put(ChangeText.kind(item.operation, app), in: kind)
            let (state, name) = rest.split(left: 12)
            surface.put(app.text(ChangeText.state(item.state)), in: state, Self.style(item.state))
            surface.put(ChangeText.subject(item, app), in: name.split(left: max(0, name.width - 8), gap: 1).0)
            surface.put(app.ago(item.createdAt), in: name, .dim, alignment: .right)
            if index == position.selected { surface.restyle(list.row(row)) { $0 = .selected } }
            app.hit(list.row(row)) { [weak self] in
                guard let self else { return }
                if position.selected == index { app.run(.open) } else { position.select(index, count: items.count) }
            }
        }
        surface.horizontalLine(x: area.x, y: detail.y, width: area.width)
        var column = Column(surface: surface, area: detail.split(top: 1).1.inset(1, 0))
        if let message = item?.message { column.add(Sanitiser.line(message), .error, limit: 2) }
        if let item, item.attempts > 0 {
            column.add(app.text(FormText.queueAttempts, String(item.attempts)), .dim, limit: 1)
        }
    }

    private static func icon(_ state: OperationItem.State) -> String { state == .waiting ? "↑" : "!" }
    private static func style(_ state: OperationItem.State) -> Style { state == .waiting ? .accent : .error }
}

/// Three versions of a piece side by side: what the artist saw, what the artist wrote, and what the server has. What
/// does not conflict is merged already; each field in dispute is decided for.
@MainActor final class ConflictScreen: Screen {
    private let id: Int64
    private let conflict: EditConflict
    private let name: String
    private var mine: Set<DraftField>
    private var position = ListPosition()

    let context = CommandContext.conflict

    init(_ id: Int64, _ conflict: EditConflict, name: String) {
        self.id = id
        self.conflict = conflict
        self.name = name
        mine = Set(conflict.fields)
    }

    private var fields: [DraftField] { conflict.fields }

    func title(_ app: App) -> String { "\(app.text(ChangeText.conflict))   \(name)" }

    func availability(_ command: CommandID, app: App) -> Availability {
        let known: Set<CommandID> = [.keepMine, .keepTheirs, .submit]
        return known.contains(command) || CommandID.motions.contains(command) ? .enabled : .absent
    }

    func perform(_ command: CommandID, app: App) {
        if position.perform(command, page: fields.count, count: fields.count) { return }
        let selected = fields.indices.contains(position.selected) ? fields[position.selected] : nil
        switch command {
        case .keepMine: if let selected { mine.insert(selected) }
        case .keepTheirs: if let selected { mine.remove(selected) }
        case .submit:
            do {
                try app.session?.outbox.resolveConflict(id, with: conflict.resolved(mine: mine))
                app.session?.syncStatus.requestSync()
                app.pop()
                app.tell(app.text(ChangeText.decided))
            } catch {
                app.report(error)
            }
        default: break
        }
    }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        var column = Column(surface: surface, area: area.inset(1, 0))
        column.add(app.text(ChangeText.explain), .dim)
        column.skip()
        for (index, field) in fields.enumerated() {
            guard !column.isFull else { return }
            let isMine = mine.contains(field)
            let head = "\(app.text(ChangeText.field(field)))  \(app.text(isMine ? ChangeText.keepsMine : .keepsTheirs))"
            let row = column.area.row(0)
            column.add(head, index == position.selected ? .selected : .title, limit: 1)
            app.hit(row) { [weak self] in self?.position.select(index, count: self?.fields.count ?? 0) }
            let versions: [(ChangeText, Draft, Bool)] = [
                (.before, conflict.base, false), (.yours, conflict.mine, isMine), (.theirs, conflict.theirs, !isMine),
            ]
            if area.width >= 100 {
                drawColumns(versions, field, &column, app)
            } else {
                for (title, draft, isKept) in versions {
                    column.add(
                        heading: app.text(title), Self.text(field, draft), isKept ? .strong : .normal, limit: 4)
                }
            }
            column.skip()
        }
    }

    private func drawColumns(
        _ versions: [(ChangeText, Draft, Bool)], _ field: DraftField, _ column: inout Column, _ app: App
    ) {
        let width = column.area.width / versions.count
        var used = 0
        for (place, version) in versions.enumerated() {
            let area = Rect(
                x: column.area.x + place * width, y: column.area.y, width: width - 2,
                height: min(12, column.area.height))
            var part = Column(surface: column.surface, area: area)
            part.add(
                heading: app.text(version.0), Self.text(field, version.1), version.2 ? .strong : .normal, limit: 10)
            used = max(used, part.area.y - area.y)
        }
        column.skip(used)
    }

    private static func text(_ field: DraftField, _ draft: Draft) -> String {
        let text = Sanitiser.text(field.text(of: draft))
        return text.isEmpty ? "–" : text
    }
}
