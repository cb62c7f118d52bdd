import Core
import Terminal

/// What is under way: the interface's own jobs, publications on their way, and synchronisation.
@MainActor final class JobsScreen: Screen {
    private enum Row {
        case sync(SyncState)
        case job(Job)
        case item(OutboxItem)
    }

    private var position = ListPosition()
    private var items: [OutboxItem] = []
    private var visible = 1

    let context = CommandContext.jobs

    func title(_ app: App) -> String { app.text(ChromeText.jobs) }

    func refresh(app: App) {
        do {
            items = try app.session?.outbox.items(includingDone: false).filter { !$0.state.isResting } ?? []
        } catch {
            app.report(error)
        }
    }

    private func rows(_ app: App) -> [Row] {
        var rows: [Row] = []
        if let state = app.session?.syncStatus.state() { rows.append(.sync(state)) }
        rows += app.jobs.jobs.map(Row.job)
        rows += items.map(Row.item)
        return rows
    }

    private func selected(_ app: App) -> Row? {
        let rows = rows(app)
        return rows.indices.contains(position.selected) ? rows[position.selected] : nil
    }

    func availability(_ command: CommandID, app: App) -> Availability {
        if CommandID.motions.contains(command) { return .enabled }
        switch (command, selected(app)) {
        case (.cancel, .job(let job)):
            return job.state == .running ? .enabled : .disabled(app.text(FormText.cannotCancelJob))
        case (.cancel, .item), (.open, .item): return .enabled
        case (.cancel, _): return .disabled(app.text(FormText.cannotCancelJob))
        case (.open, _): return .disabled(app.text(ChromeText.nothingSelected))
        default: return .absent
        }
    }

    func perform(_ command: CommandID, app: App) {
        if position.perform(command, page: visible, count: rows(app).count) { return }
        switch (command, selected(app)) {
        case (.cancel, .job(let job)): job.cancel()
        case (.cancel, .item(let item)):
            do {
                _ = try app.session?.outbox.cancel(item.id)
                refresh(app: app)
            } catch {
                app.report(error)
            }
        case (.open, .item(let item)): app.push(TextScreen.report(item))
        default: break
        }
    }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        let rows = rows(app)
        guard !rows.isEmpty else {
            surface.put(app.text(FormText.jobsEmpty), in: area.row(area.height / 2), .dim, alignment: .center)
            return
        }
        visible = area.height
        position.reveal(visible: visible, count: rows.count)
        for (offset, row) in rows.dropFirst(position.offset).prefix(area.height).enumerated() {
            let line = area.row(offset).inset(1)
            let (name, rest) = line.split(left: line.width / 2, gap: 2)
            let (state, gauge) = rest.split(left: 20, gap: 1)
            switch row {
            case .sync(let sync):
                surface.put(app.text(FormText.jobsSync), in: name)
                surface.put(Self.phase(sync, app), in: state, .dim)
                let last =
                    sync.lastSync.map { app.text(FormText.jobsLast, app.ago($0)) } ?? app.text(FormText.jobsNever)
                surface.put(last, in: gauge, .dim)
            case .job(let job):
                surface.put(job.title, in: name)
                surface.put(Self.state(job, app), in: state, .dim)
                if let progress = job.progress { Gauge.draw(progress, on: surface, in: gauge) }
            case .item(let item):
                surface.put(
                    Sanitiser.line(item.draft.title.isEmpty ? item.fileName : item.draft.title, limit: 200), in: name)
                surface.put(app.text(item.state.text), in: state, QueueScreen.style(item.state))
                if let progress = item.progress { Gauge.draw(progress, on: surface, in: gauge) }
            }
            if position.offset + offset == position.selected {
                surface.restyle(area.row(offset)) { $0 = .selected }
            }
        }
    }

    private static func state(_ job: Job, _ app: App) -> String {
        switch job.state {
        case .running where job.isCancelling: app.text(FormText.queueCancelling)
        case .running:
            job.secondsLeft(at: app.now).map { app.text(FormText.runningLeft, String($0)) }
                ?? app.text(FormText.running)
        case .done: app.text(ChromeText.done)
        case .cancelled: app.text(DomainText.stateCancelled)
        case .failed(let message): "\(app.text(ChromeText.failed)): \(app.inWords(message))"
        }
    }

    private static func phase(_ state: SyncState, _ app: App) -> String {
        switch state.phase {
        case .idle: app.text(ChromeText.done)
        case .pulling: app.text(ChromeText.syncing)
        case .publishing: app.text(DomainText.statePublishing)
        case .offline: app.text(ChromeText.offline)
        case .needsLogin: app.text(ChromeText.needsLogin)
        case .signedOut: app.text(ChromeText.signedOut)
        }
    }
}
