import Core
import Terminal

/// Words to read and scroll: errors, the report of a publication, accounts and about.
@MainActor final class TextScreen: Screen {
    struct Line {
        var text: String
        var style: Style = .normal
    }

    private let titleKey: any TextKey
    private let content: @MainActor (App) -> [Line]
    private var offset = 0
    private var overflow = 0
    private var page = 1

    let context = CommandContext.list

    init(_ title: any TextKey, _ content: @escaping @MainActor (App) -> [Line]) {
        titleKey = title
        self.content = content
    }

    func title(_ app: App) -> String { app.text(titleKey) }

    func availability(_ command: CommandID, app: App) -> Availability {
        CommandID.motions.contains(command) ? .enabled : .absent
    }

    func perform(_ command: CommandID, app: App) {
        switch command {
        case .up: offset -= 1
        case .down: offset += 1
        case .pageUp: offset -= page
        case .pageDown: offset += page
        case .first: offset = 0
        default: offset = overflow
        }
        offset = min(overflow, max(0, offset))
    }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        let column = area.centered(width: min(area.width - 2, 96), height: area.height)
        var lines: [Line] = []
        for line in content(app) {
            let wrapped = surface.width.wrapped(line.text, to: column.width)
            lines += wrapped.map { Line(text: $0, style: line.style) }
        }
        page = area.height
        overflow = max(0, lines.count - area.height)
        offset = min(offset, overflow)
        for (row, line) in lines.dropFirst(offset).prefix(area.height).enumerated() {
            surface.put(line.text, in: column.row(row), line.style)
        }
    }

    static func errors() -> TextScreen {
        TextScreen(ChromeText.errors) { app in
            var lines: [Line] = []
            if let last = app.session?.syncStatus.state().lastError, app.errors.entries.isEmpty {
                lines.append(Line(text: Sanitiser.line(last), style: .warning))
            }
            if app.errors.entries.isEmpty, lines.isEmpty {
                return [Line(text: app.text(ChromeText.noErrors), style: .dim)]
            }
            for entry in app.errors.entries {
                lines.append(Line(text: entry.date.formatted(.iso8601), style: .dim))
                lines += [Line(text: entry.message), Line(text: "")]
            }
            return lines
        }
    }

    /// Everything about one publication.
    static func report(_ item: OutboxItem) -> TextScreen {
        TextScreen(ChromeText.queue) { app in
            let draft = item.draft
            var lines = [
                Line(text: Sanitiser.line(draft.title.isEmpty ? item.fileName : draft.title), style: .strong),
                Line(text: QueueScreen.stateText(item, app), style: QueueScreen.style(item.state)),
            ]
            if let attention = item.attention {
                lines.append(Line(text: app.inWords(Sanitiser.line(attention.message)), style: .error))
            }
            lines.append(Line(text: ""))
            @MainActor func add(_ key: FormText, _ value: String) {
                guard !value.isEmpty else { return }
                lines += [Line(text: app.text(key), style: .dim), Line(text: Sanitiser.text(value))]
            }
            add(.file, item.fileName)
            add(.caption, draft.caption)
            add(.altText, draft.altText)
            add(.tags, draft.tags.joined(separator: " "))
            add(.recipe, draft.recipe)
            add(.visibility, app.text(draft.visibility.text))
            add(.license, draft.license ?? app.text(DomainText.allRightsReserved))
            lines.append(Line(text: ""))
            lines.append(Line(text: app.text(FormText.payload, item.markID.description), style: .dim))
            if let status = item.statusID {
                lines.append(Line(text: app.text(FormText.statusID, Sanitiser.line(status)), style: .dim))
            }
            lines.append(Line(text: app.text(FormText.original, item.originalSHA256), style: .dim))
            if let report = item.report {
                lines.append(Line(text: app.text(FormText.protectedFile, report.protectedSHA256), style: .dim))
                lines += [Line(text: ""), Line(text: app.text(FormText.queueReport), style: .title)]
                lines += ReportText.lines(report, app).map { Line(text: $0) }
                lines.append(Line(text: Sanitiser.line(report.limits), style: .warning))
                if report.cloak != nil { lines.append(Line(text: app.text(FormText.cloakLimits), style: .warning)) }
            }
            return lines
        }
    }

    static func about() -> TextScreen {
        TextScreen(ChromeText.about) { app in
            var lines = [
                Line(text: "fixative \(app.options.version)", style: .title),
                Line(text: app.text(WizardText.aboutText)), Line(text: ""),
            ]
            @MainActor func add(_ key: WizardText, _ value: String) {
                lines += [Line(text: app.text(key), style: .dim), Line(text: value)]
            }
            if let account = app.account {
                add(.aboutAccount, EntryText.nameAndAddress(account.account))
                add(.aboutServer, Sanitiser.line(account.server.absoluteString))
                if let server = app.session?.syncStatus.state().server, !server.tellsChanges {
                    let name = "\(server.software) \(server.version)"
                    lines.append(Line(text: app.text(ChangeText.software), style: .dim))
                    lines.append(Line(text: Sanitiser.line(name)))
                    lines.append(Line(text: app.text(ChangeText.plain), style: .warning))
                }
            } else {
                add(.aboutAccount, app.text(WizardText.aboutNone))
            }
            add(.aboutLanguage, app.language.ownName)
            let colors: WizardText =
                switch app.pictureMode.depth {
                case .trueColor: .colorsTrue
                case .colors256: .colors256
                case .colors8, .colors16: .colors16
                case .mono: .colorsNone
                }
            let graphics = app.pictureMode.graphics.map { " · \($0.rawValue)" } ?? ""
            add(.aboutPictures, app.text(colors) + graphics)
            lines += [Line(text: ""), Line(text: app.text(WizardText.aboutLimits), style: .warning)]
            return lines
        }
    }
}
