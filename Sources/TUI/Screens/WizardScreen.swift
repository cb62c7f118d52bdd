import Core
import Foundation
import Terminal

/// The first steps: a community on this machine, a server, or only protecting files. Nothing that goes wrong here ends
/// the program; every step goes back.
@MainActor final class WizardScreen: Screen {
    enum Choice: CaseIterable { case local, login, protect }
    private enum Step { case choose, name, server, running, done }

    private var step = Step.choose
    private var choice = 0
    private var fields = [TextField(), TextField(), TextField()]
    private var focus = 0
    private var failure: String?
    private var job: Job?
    private var joined: SignedInAccount?
    private var running = ""

    /// In the steps that take text, keys are text; the other steps are a list.
    var context: CommandContext { step == .choose || step == .done ? .wizard : .form }

    init() { fields[1].text = "" }

    func title(_ app: App) -> String { app.text(ChromeText.welcome) }

    private var chosen: Choice { Choice.allCases[choice] }

    func availability(_ command: CommandID, app: App) -> Availability {
        switch command {
        case .up, .down: step == .choose ? .enabled : .absent
        case .open: step == .choose || step == .done ? .enabled : .absent
        default: .absent
        }
    }

    func perform(_ command: CommandID, app: App) {
        switch command {
        case .up: choice = (choice + 2) % 3
        case .down: choice = (choice + 1) % 3
        case .open: step == .done ? finish(app) : choose(app)
        default: break
        }
    }

    private func choose(_ app: App) {
        failure = nil
        focus = 0
        switch chosen {
        case .local:
            step = .name
            if fields[0].text.isEmpty { fields[0].text = Self.suggestedName(app.options.terminal.environment) }
        case .login: step = .server
        case .protect: app.push(PublishScreen(mode: .protectOnly))
        }
    }

    func handle(_ event: InputEvent, app: App) -> Bool {
        switch step {
        case .choose:
            guard event == .key(Key(.escape)), app.screens.count > 1 else { return false }
            app.pop()
            return true
        case .done: return false
        case .running:
            if event == .key(Key(.escape)) {
                job?.cancel()
                step = .choose
            }
            return true
        case .name, .server:
            return type(event, app)
        }
    }

    private func type(_ event: InputEvent, _ app: App) -> Bool {
        let count = step == .name ? 1 : 3
        switch event {
        case .paste(let pasted):
            fields[focus].insert(Sanitiser.line(pasted))
            return true
        case .key(let key):
            switch key.code {
            case .escape:
                step = .choose
                fields[2].text = ""
            case .enter: if focus + 1 < count { focus += 1 } else { submit(app) }
            case .down: focus = (focus + 1) % count
            case .tab: focus = (focus + (key.modifiers.contains(.shift) ? count - 1 : 1)) % count
            case .up: focus = (focus + count - 1) % count
            default: return fields[focus].handle(key)
            }
            return true
        case .mouse, .report: return false
        }
    }

    private func submit(_ app: App) {
        let signIn = app.services.signIn
        failure = nil
        if step == .name {
            let name = fields[0].text.trimmingCharacters(in: .whitespaces)
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
                failure = app.text(WizardText.nameEmpty)
                return
            }
            start(app.text(WizardText.joining), back: .name, app) { try signIn.joinLocalCommunity(username: name) }
        } else {
            guard let server = Self.server(fields[0].text), let host = server.host else {
                failure = app.text(WizardText.serverBad)
                focus = 0
                return
            }
            let user = fields[1].text.trimmingCharacters(in: .whitespaces)
            let password = fields[2].text
            start(app.text(WizardText.loggingIn, Sanitiser.line(host, limit: 80)), back: .server, app) {
                try signIn.signIn(server: server, username: user, password: password)
            }
        }
    }

    private func start(
        _ title: String, back: Step, _ app: App, _ work: @escaping @Sendable () throws -> SignedInAccount
    ) {
        step = .running
        running = title
        job = app.jobs.run(title) { _ in
            try work()
        } then: { [weak self] result in
            guard let self, step == .running else { return }
            fields[2].text = ""
            switch result {
            case .success(let account):
                joined = account
                step = .done
                app.loadSession()
            case .failure(let error):
                failure = app.text(WizardText.failed, App.message(of: error))
                step = back
            }
        }
    }

    private func finish(_ app: App) {
        guard app.session != nil else { return app.show(WizardScreen()) }
        app.session?.syncStatus.requestSync()
        app.show(TimelineScreen(chosen == .local ? .local : .home))
    }

    /// `https://` is assumed; plain http only where it is written.
    static func server(_ typed: String) -> URL? {
        let text = typed.trimmingCharacters(in: .whitespaces)
        guard !text.isEmpty, let url = URL(string: text.contains("://") ? text : "https://\(text)") else { return nil }
        guard url.scheme == "https" || url.scheme == "http", let host = url.host, !host.isEmpty else { return nil }
        return url
    }

    private static func suggestedName(_ environment: [String: String]) -> String {
        let name = (environment["USER"] ?? "").lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return name.isEmpty || name == "root" ? "artist" : name
    }

    // MARK: Drawing

    func draw(on surface: any Surface, in area: Rect, app: App) {
        let page = area.centered(width: min(64, area.width - 4), height: min(area.height, 20))
        var column = Column(surface: surface, area: page)
        column.skip()
        column.add(app.text(WizardText.greeting), .title)
        column.skip()
        switch step {
        case .choose: drawChoices(&column, on: surface, app: app)
        case .name, .server: drawFields(&column, on: surface, app: app)
        case .running:
            column.add(running)
            column.skip()
            column.add(app.text(WizardText.cancelHint), .dim)
        case .done:
            let name = joined.map { "@" + Sanitiser.line($0.account.acct, limit: 100) } ?? ""
            column.add(app.text(WizardText.welcomeBack, name), .good)
            column.skip()
            column.add(app.text(WizardText.goOn), .dim)
        }
    }

    private func drawChoices(_ column: inout Column, on surface: any Surface, app: App) {
        column.add(app.text(WizardText.intro))
        column.skip()
        let items: [(WizardText, WizardText)] = [
            (.localTitle, .localText), (.loginTitle, .loginText), (.protectTitle, .protectText),
        ]
        for (index, item) in items.enumerated() {
            let top = column.area.y
            let row = column.area.row(0)
            surface.put(index == choice ? "▸" : " ", in: row, .accent)
            var inner = Column(
                surface: surface, area: Rect(x: row.x + 2, y: top, width: row.width - 2, height: column.area.height))
            inner.add(app.text(item.0), index == choice ? .selected : .strong, limit: 1)
            inner.add(app.text(item.1), .dim, limit: 2)
            let used = inner.area.y - top
            app.hit(Rect(x: row.x, y: top, width: row.width, height: used)) { [weak self] in
                self?.choice = index
                self?.choose(app)
            }
            column.skip(used + 1)
        }
        column.add(app.text(WizardText.chooseHint), .dim)
    }

    private func drawFields(_ column: inout Column, on surface: any Surface, app: App) {
        column.add(app.text(WizardText.step, "2", "3"), .dim)
        column.skip()
        let labels: [WizardText] =
            step == .name ? [.nameQuestion] : [.serverQuestion, .userQuestion, .passwordQuestion]
        for (index, label) in labels.enumerated() {
            column.add(app.text(label), index == focus ? .title : .dim, limit: 1)
            let row = column.area.row(0)
            let isPassword = step == .server && index == 2
            fields[index].draw(
                on: surface, in: row, focused: index == focus && app.popups.isEmpty, style: .underlined,
                hidden: isPassword)
            column.skip(2)
        }
        column.add(app.text(step == .name ? WizardText.nameHint : .passwordNote), .dim)
        column.skip()
        if let failure { column.add(failure, .error, limit: 3) }
        column.add("\(app.text(WizardText.goOn)) · \(app.text(WizardText.cancelHint))", .dim)
    }
}
