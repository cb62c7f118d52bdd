import Core
import Foundation
import Terminal

/// The publish form, with a live preview of what protection does to the picture. The same form edits a queued piece, and
/// protects a file without publishing it.
@MainActor final class PublishScreen: Screen {
    enum Mode {
        case publish
        case edit(OutboxItem)
        case protectOnly
    }

    enum Field: Hashable {
        case file, title, caption, altText, tags, recipe, sensitive, visibility, license, creator, notice, output
    }

    let context = CommandContext.form
    let mode: Mode
    let fields: [Field]
    var focus = 0
    var texts: [Field: TextField] = [:]
    var choices: [Field: Int] = [:]
    let preview = ProtectionPreview()
    var isDirty = false
    private var suggestions: [String] = []
    private var closing = false

    static let licenses: [String?] = [nil, "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "CC0-1.0"]

    init(mode: Mode, file: String = "") {
        self.mode = mode
        switch mode {
        case .publish, .edit:
            fields = [.file, .title, .caption, .altText, .tags, .recipe, .sensitive, .visibility, .license]
        case .protectOnly: fields = [.file, .recipe, .creator, .notice, .license]
        }
        for field in fields where Self.isText(field) { texts[field] = TextField() }
        texts[.file]?.text = file
        texts[.file]?.showsEnd = true
        if !file.isEmpty { focus = 1 }
        if case .edit(let item) = mode {
            texts[.file]?.text = Sanitiser.line(item.fileName)
            texts[.title]?.text = item.draft.title
            texts[.caption]?.text = item.draft.caption
            texts[.altText]?.text = item.draft.altText
            texts[.tags]?.text = item.draft.tags.joined(separator: " ")
            choices[.sensitive] = item.draft.sensitive ? 1 : 0
            choices[.visibility] = Visibility.allCases.firstIndex(of: item.draft.visibility) ?? 0
            choices[.license] = Self.licenses.firstIndex(of: item.draft.license) ?? 0
            focus = 1
        }
    }

    static func isText(_ field: Field) -> Bool {
        switch field {
        case .file, .title, .caption, .altText, .tags, .creator, .notice, .output: true
        case .recipe, .sensitive, .visibility, .license: false
        }
    }

    var field: Field { fields[focus] }
    private var isEditing: Bool { if case .edit = mode { true } else { false } }
    private var isProtectOnly: Bool { if case .protectOnly = mode { true } else { false } }

    func title(_ app: App) -> String { app.text(isProtectOnly ? ChromeText.protect : ChromeText.publish) }

    func text(_ field: Field) -> String { texts[field]?.text.trimmingCharacters(in: .whitespacesAndNewlines) ?? "" }

    // MARK: Choices

    func recipes(_ app: App) -> [Recipe] { app.services.protection.recipes() }

    func recipe(_ app: App) -> Recipe? {
        let all = recipes(app)
        guard !all.isEmpty else { return nil }
        if choices[.recipe] == nil {
            var wanted = "subtle"
            if case .edit(let item) = mode { wanted = item.draft.recipe }
            choices[.recipe] = all.firstIndex { $0.name == wanted } ?? 0
        }
        return all[min(all.count - 1, choices[.recipe] ?? 0)]
    }

    func options(_ field: Field, _ app: App) -> [String] {
        switch field {
        case .recipe: recipes(app).map { Sanitiser.line($0.name, limit: 40) }
        case .sensitive: [app.text(FormText.no), app.text(FormText.yes)]
        case .visibility: Visibility.allCases.map { app.text($0.text) }
        case .license: Self.licenses.map { $0 ?? app.text(DomainText.allRightsReserved) }
        default: []
        }
    }

    var license: String? { Self.licenses[min(Self.licenses.count - 1, choices[.license] ?? 0)] }

    func fileURL(_ app: App) -> URL? {
        let typed = text(.file)
        guard !typed.isEmpty, !isEditing else { return nil }
        return PathCompletion(workingDirectory: app.options.workingDirectory, homeDirectory: app.options.homeDirectory)
            .url(typed)
    }

    func rights(_ app: App) -> RightsStatement {
        let name = app.account.map { EntryText.name($0.account) }
        let creator = isProtectOnly && !text(.creator).isEmpty ? text(.creator) : name
        let notice = text(.notice)
        return RightsStatement(
            creator: creator, notice: notice.isEmpty ? nil : notice, license: license, prohibitsTraining: true)
    }

    // MARK: Events

    func refresh(app: App) { startPreview(app) }

    func handle(_ event: InputEvent, app: App) -> Bool {
        switch event {
        case .paste(let pasted):
            paste(pasted, app)
            return true
        case .key(let key):
            if key.code == .escape {
                leave(app)
                return true
            }
            if key.code == .enter, key.modifiers.isEmpty {
                enter(app)
                return true
            }
            if field == .file, key.code == .tab, key.modifiers.isEmpty, completeFile(app) { return true }
            if Self.isText(field) {
                if field == .file, isEditing {
                    if key.isText { app.tell(app.text(FormText.fileFixed), .dim) }
                    return key.isText
                }
                guard texts[field]?.handle(key) == true else { return false }
                changed(app)
                return true
            }
            let step = key.code == .left ? -1 : key.code == .right || key == .character(" ") ? 1 : 0
            guard step != 0 else { return key.isText }
            let count = options(field, app).count
            guard count > 0 else { return true }
            choices[field] = ((choices[field] ?? 0) + step + count) % count
            changed(app)
            return true
        case .mouse, .report: return false
        }
    }

    private func enter(_ app: App) {
        if field == .caption, !isProtectOnly {
            texts[.caption]?.insert("\n")
            isDirty = true
        } else {
            move(1, app)
        }
    }

    private func paste(_ pasted: String, _ app: App) {
        if field == .file, !isEditing {
            guard let first = PathCompletion.paths(inPaste: pasted).first else { return }
            texts[.file]?.text = Sanitiser.line(first, limit: 4_096)
            move(1, app)
        } else {
            texts[field]?.insert(
                field == .caption || field == .altText ? Sanitiser.text(pasted) : Sanitiser.line(pasted))
        }
        changed(app)
    }

    private func changed(_ app: App) {
        isDirty = true
        suggestions = []
        switch field {
        case .file, .recipe, .license: startPreview(app)
        default: break
        }
    }

    private func move(_ by: Int, _ app: App) {
        focus = (focus + by + fields.count) % fields.count
        suggestions = []
    }

    /// Completes the file name; false when there is nothing left to complete, so that Tab goes on.
    private func completeFile(_ app: App) -> Bool {
        guard !isEditing else { return false }
        let completion = PathCompletion(
            workingDirectory: app.options.workingDirectory, homeDirectory: app.options.homeDirectory)
        let typed = texts[.file]?.text ?? ""
        let candidates = completion.candidates(typed)
        let common = PathCompletion.commonPrefix(candidates)
        if common.count > typed.count {
            texts[.file]?.text = common
            changed(app)
            suggestions = candidates.count > 1 ? candidates : []
            return true
        }
        if candidates.count > 1, suggestions.isEmpty {
            suggestions = candidates
            return true
        }
        return typed.isEmpty
    }

    func mayLeave(app: App) -> Bool {
        guard isDirty, !closing else {
            preview.cancel()
            return true
        }
        leave(app)
        return false
    }

    private func leave(_ app: App) {
        func go() {
            closing = true
            preview.cancel()
            if app.screens.count > 1 {
                app.pop()
            } else {
                app.show(app.session == nil ? WizardScreen() : TimelineScreen(.home))
            }
        }
        if isDirty { app.ask(app.text(ChromeText.leaveQuestion)) { go() } } else { go() }
    }

    /// Leaves without a question: everything was handed over.
    func finish(_ app: App) {
        isDirty = false
        leave(app)
    }

    // MARK: Commands

    func availability(_ command: CommandID, app: App) -> Availability {
        switch command {
        case .nextField, .previousField: return .enabled
        case .submit:
            if isEditing { return .enabled }
            guard let url = fileURL(app) else { return .disabled(app.text(FormText.required)) }
            return FileManager.default.isReadableFile(atPath: url.path)
                ? .enabled : .disabled(app.text(FormText.fileMissing))
        case .flip, .difference:
            return preview.after == nil ? .disabled(app.text(FormText.noPreview)) : .enabled
        case .editor: return Self.isText(field) && field != .file ? .enabled : .absent
        case .complete: return field == .file && !isEditing ? .enabled : .disabled(app.text(FormText.notFileField))
        default: return .absent
        }
    }

    func perform(_ command: CommandID, app: App) {
        switch command {
        case .nextField: move(1, app)
        case .previousField: move(-1, app)
        case .flip: preview.view = preview.view == .after ? .before : .after
        case .difference:
            preview.view = preview.view == .difference ? .after : .difference
        case .complete: if !completeFile(app) { suggestions = [] }
        case .submit: submit(app)
        case .editor:
            let edited = field
            app.wish = .edit(texts[edited]?.text ?? "") { [weak self] text in
                guard let self, let text else { return }
                let isLong = edited == .caption || edited == .altText
                texts[edited]?.text =
                    isLong
                    ? Sanitiser.text(text).trimmingCharacters(in: .newlines)
                    : Sanitiser.line(text).trimmingCharacters(in: .whitespaces)
                isDirty = true
            }
        default: break
        }
    }

    // MARK: Drawing

    func draw(on surface: any Surface, in area: Rect, app: App) {
        let formWidth = area.width >= 120 ? 62 : area.width / 2
        let (form, side) = area.split(left: formWidth, gap: 1)
        surface.verticalLine(x: form.right, y: area.y, height: area.height)
        drawForm(on: surface, in: form.inset(1, 0), app: app)
        preview.draw(on: surface, in: side.inset(1, 0), app: app, isEditing: isEditing, isPublishing: !isProtectOnly)
    }

    private func drawForm(on surface: any Surface, in area: Rect, app: App) {
        let labels = fields.map { app.text(FormView.label($0)) }
        let labelWidth = (labels.map(surface.width.columns).max() ?? 8) + 2
        var y = area.y
        let roomy = area.height >= fields.count * 2 + 12
        for (index, field) in fields.enumerated() where y < area.bottom {
            let focused = index == focus
            let row = Rect(x: area.x, y: y, width: area.width, height: 1)
            let (label, value) = row.split(left: labelWidth)
            surface.put(labels[index], in: label, focused ? .title : .dim)
            if Self.isText(field) {
                let isLocked = field == .file && isEditing
                texts[field]?.draw(on: surface, in: value, focused: focused && !isLocked && app.popups.isEmpty)
                if let hint = FormView.hint(field, empty: texts[field]?.text.isEmpty ?? true, focused: focused) {
                    surface.put(app.text(hint), in: value.split(left: 1).1, .dim)
                }
            } else {
                drawChoice(field, on: surface, in: value, focused: focused, app: app)
            }
            app.hit(row) { [weak self] in self?.focus = index }
            y += roomy ? 2 : 1
        }
        var column = Column(
            surface: surface, area: Rect(x: area.x, y: y + 1, width: area.width, height: area.bottom - y - 1))
        drawNotes(&column, app: app)
    }

    private func drawChoice(_ field: Field, on surface: any Surface, in area: Rect, focused: Bool, app: App) {
        if field == .recipe { _ = recipe(app) }
        let all = options(field, app)
        guard !all.isEmpty else { return }
        let chosen = all[min(all.count - 1, choices[field] ?? 0)]
        surface.put(focused ? "‹ \(chosen) ›" : chosen, in: area, focused ? .strong : .normal)
    }

    private func drawNotes(_ column: inout Column, app: App) {
        if !suggestions.isEmpty {
            for name in suggestions.prefix(max(1, column.area.height)) {
                column.add(column.surface.width.truncated(Sanitiser.line(name), to: column.area.width), .dim, limit: 1)
            }
            return
        }
        switch field {
        case .caption:
            column.add(app.text(FormText.captionHint), .dim)
            column.add(Sanitiser.text(texts[.caption]?.text ?? ""), limit: max(1, column.area.height))
        case .altText:
            column.add(app.text(FormText.altNudge), text(.altText).isEmpty ? .warning : .dim)
            column.add(Sanitiser.text(texts[.altText]?.text ?? ""), limit: max(1, column.area.height))
        case .tags:
            column.add(tags.map { app.text(FormText.addTag, $0) }.joined(separator: " "), .accent, limit: 3)
        default:
            if let recipe = recipe(app) {
                if let purpose = recipe.purpose { column.add(app.text(purpose)) }
                let methods = ProtectionMethod.allCases.filter(recipe.methods.contains).map { app.text($0.text) }
                column.add(methods.joined(separator: " · "), .dim)
                column.add(app.text(FormText.limits, app.text(recipe.limits)), .warning)
            }
            if isProtectOnly, let url = fileURL(app) {
                column.skip()
                column.add(app.text(FormText.willWrite, Sanitiser.line(ProtectedFile.name(for: url))), .dim, limit: 2)
            } else if !isEditing, text(.altText).isEmpty, fileURL(app) != nil {
                column.skip()
                column.add(app.text(FormText.altNudge), .dim, limit: 2)
            }
        }
    }

    /// The words of the tags field, without `#`, lower case, each once.
    var tags: [String] {
        var seen: Set<String> = []
        let words = text(.tags).lowercased().split(whereSeparator: { $0.isWhitespace || $0 == "#" || $0 == "," })
        return words.map { Sanitiser.line(String($0), limit: 100) }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}
