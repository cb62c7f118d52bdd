import Core
import Foundation
import Terminal

extension App {
    /// Whether a command can be done now.
    func availability(_ command: CommandID) -> Availability {
        guard command.command.contexts.contains(top.context) else { return .absent }
        switch command {
        case .help, .quit, .suspend, .redraw, .commandLine, .protect, .about, .jobs, .errors, .login: return .enabled
        case .back: return screens.count > 1 ? .enabled : .disabled(text(ChromeText.atStart))
        case .home, .local, .bookmarks, .favourites, .tag, .search, .publish, .queue, .sync:
            return session == nil ? .disabled(text(ChromeText.noSession)) : .enabled
        default: return top.availability(command, app: self)
        }
    }

    /// Does a command, or says why not.
    func run(_ command: CommandID) {
        switch availability(command) {
        case .absent: return
        case .disabled(let reason):
            tell(reason, .warning)
            return
        case .enabled: break
        }
        switch command {
        case .help: open(HelpPopup())
        case .back: if top.mayLeave(app: self) { pop() }
        case .quit: quit()
        case .suspend: wish = .suspend
        case .redraw: wish = .redraw
        case .commandLine: openCommandLine()
        case .home: show(TimelineScreen(.home))
        case .local: show(TimelineScreen(.local))
        case .bookmarks: show(TimelineScreen(.bookmarks))
        case .favourites: show(TimelineScreen(.favourites))
        case .tag: openTagPrompt()
        case .search: openSearch()
        case .publish: push(PublishScreen(mode: .publish))
        case .protect: push(PublishScreen(mode: .protectOnly))
        case .queue: push(QueueScreen())
        case .jobs: push(JobsScreen())
        case .errors: push(TextScreen.errors())
        case .about: push(TextScreen.about())
        case .login: push(WizardScreen())
        case .sync:
            session?.syncStatus.requestSync()
            tell(text(ChromeText.started))
        default: top.perform(command, app: self)
        }
    }

    private func quit() {
        let running = jobs.jobs.filter { $0.state == .running }.count
        guard screens.allSatisfy({ $0.mayLeave(app: self) }) else { return }
        if running == 0 { return exit() }
        ask(text(ChromeText.quitQuestion, text(ChromeText.jobsRunning, String(running)))) { [weak self] in
            self?.jobs.jobs.forEach { $0.cancel() }
            self?.exit()
        }
    }

    private func openTagPrompt() {
        open(
            Prompt(label: text(ChromeText.promptTag)) { typed, app in
                let name = typed.trimmingCharacters(in: .whitespaces).lowercased()
                let tag = name.hasPrefix("#") ? String(name.dropFirst()) : name
                if !tag.isEmpty { app.push(TimelineScreen(.tag(tag))) }
                return nil
            })
    }

    func openSearch(_ text: String = "") {
        let prompt = Prompt(label: self.text(ChromeText.promptSearch), text: text) { typed, app in
            app.search(typed)
        }
        prompt.help = self.text(ChromeText.searchExamples)
        open(prompt)
    }

    /// Shows what a query finds; the mistake in it, if there is one, with the place.
    func search(_ typed: String) -> Prompt.Mistake? {
        do {
            let query = try SearchParser.parse(typed)
            push(TimelineScreen(query: query, text: typed))
            return nil
        } catch let error as SearchSyntaxError {
            return Prompt.Mistake(message: error.message(in: language), offset: error.offset)
        } catch {
            report(error)
            return nil
        }
    }

    private func openCommandLine() {
        let prompt = Prompt(label: text(ChromeText.promptCommand)) { typed, app in app.execute(typed) }
        prompt.completions = CommandID.commands(in: top.context).map(\.name)
        open(prompt)
    }

    /// Runs a line such as `publish` or `search tag:ink`.
    private func execute(_ line: String) -> Prompt.Mistake? {
        let words = line.trimmingCharacters(in: .whitespaces).split(separator: " ", maxSplits: 1).map(String.init)
        guard let name = words.first else { return nil }
        let argument = words.count > 1 ? words[1] : nil
        let known = CommandID.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
        let short = ["q": CommandID.quit, "quit": .quit, "h": .help].first { $0.key == name }?.value
        guard let command = known ?? short else {
            return Prompt.Mistake(message: text(ChromeText.unknownCommand, Sanitiser.line(name, limit: 40)), offset: 0)
        }
        if let argument {
            switch command {
            case .search: return search(argument)
            case .tag:
                push(TimelineScreen(.tag(argument.lowercased())))
                return nil
            case .publish, .protect:
                push(
                    PublishScreen(mode: command == .publish && session != nil ? .publish : .protectOnly, file: argument)
                )
                return nil
            default: break
            }
        }
        run(command)
        return nil
    }

    /// How long ago, in few columns.
    func ago(_ date: Date) -> String {
        let seconds = now.timeIntervalSince(date)
        switch seconds {
        case ..<60: return text(ChromeText.now)
        case ..<3_600: return text(ChromeText.minutes, String(Int(seconds / 60)))
        case ..<86_400: return text(ChromeText.hours, String(Int(seconds / 3_600)))
        case ..<(86_400 * 30): return text(ChromeText.days, String(Int(seconds / 86_400)))
        default: return day(date)
        }
    }

    /// ISO 8601, in UTC.
    func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }
}
