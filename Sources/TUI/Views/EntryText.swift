import Core
import Terminal

/// The words about a status, every one of them through the sanitiser.
@MainActor enum EntryText {
    static func title(_ entry: LibraryEntry, _ app: App) -> String {
        let title = Sanitiser.line(entry.status.title, limit: 300).trimmingCharacters(in: .whitespaces)
        return title.isEmpty ? app.text(PictureText.untitled) : title
    }

    static func name(_ account: Account) -> String {
        let name = Sanitiser.line(account.displayName, limit: 100).trimmingCharacters(in: .whitespaces)
        return name.isEmpty ? "@" + Sanitiser.line(account.acct, limit: 100) : name
    }

    /// The name with the account's address behind it, where that says more.
    static func nameAndAddress(_ account: Account) -> String {
        let address = "@" + Sanitiser.line(account.acct, limit: 100)
        let name = name(account)
        return name == address ? address : "\(name)  \(address)"
    }

    static func byline(_ entry: LibraryEntry, _ app: App) -> String {
        "\(name(entry.status.account)) · \(marks(entry, app))\(app.ago(entry.status.createdAt))"
    }

    /// `♥ ` for a favourite, `▮ ` for a bookmark, `↑ ` for what waits to be sent.
    static func marks(_ entry: LibraryEntry, _ app: App) -> String {
        var marks = ""
        if entry.state != .synced { marks += "↑ " }
        if entry.status.bookmarked { marks += "▮ " }
        if entry.status.favourited { marks += "♥ " }
        return marks
    }

    static func isHidden(_ entry: LibraryEntry) -> Bool { entry.status.sensitive && !entry.isMine }

    static func altText(_ entry: LibraryEntry) -> String? {
        let text = Sanitiser.text(entry.status.media.first?.description ?? "").trimmingCharacters(
            in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }

    /// The licence, mark and recipe that the server tells of a picture.
    static func provenance(_ entry: LibraryEntry, _ app: App) -> String {
        guard let provenance = entry.status.provenance else { return app.text(PictureText.provenanceNone) }
        let license = provenance.license.map { Sanitiser.line($0, limit: 80) } ?? app.text(DomainText.allRightsReserved)
        var parts = [license]
        if let mark = provenance.markID { parts.append(app.text(PictureText.mark, mark.description)) }
        if let recipe = provenance.recipe {
            parts.append(app.text(PictureText.recipe, Sanitiser.line(recipe, limit: 40)))
        }
        return parts.joined(separator: " · ")
    }

    static func tags(_ entry: LibraryEntry) -> String {
        entry.status.tags.map { "#" + Sanitiser.line($0, limit: 60) }.joined(separator: " ")
    }

    static func counts(_ entry: LibraryEntry, _ app: App) -> String {
        let status = entry.status
        var parts = [app.text(PictureText.likes, String(status.favouritesCount))]
        if status.reblogsCount > 0 { parts.append(app.text(PictureText.boosts, String(status.reblogsCount))) }
        parts.append(app.day(status.createdAt))
        if status.visibility != .public { parts.append(app.text(status.visibility.text)) }
        switch entry.state {
        case .synced: break
        case .pending: parts.append(app.text(PictureText.pending))
        case .queued: parts.append(app.text(PictureText.queuedState))
        }
        return parts.joined(separator: " · ")
    }

    /// The picture above its words: beside a list.
    static func drawCard(_ entry: LibraryEntry, on surface: any Surface, in area: Rect, app: App) {
        let (box, rest) = area.split(top: max(4, area.height - 8), gap: 1)
        let hidden = isHidden(entry)
        PictureView.draw(
            PictureView.request(
                entry, variant: .preview, columns: box.width, rows: box.height, blurred: hidden, app: app),
            on: surface, in: box, app: app)
        if hidden {
            surface.put(
                " \(app.text(PictureText.sensitive)) ", in: box.row(box.height / 2), .selected, alignment: .center)
        }
        var column = Column(surface: surface, area: rest)
        column.add(title(entry, app), .strong, limit: 2)
        column.add(name(entry.status.account), .accent, limit: 1)
        let words =
            hidden
            ? altText(entry).map { app.text(PictureText.sensitiveAlt, $0) } : Sanitiser.text(entry.status.caption)
        if let words, !words.isEmpty { column.add(words, limit: 3) }
        column.add(counts(entry, app), .dim, limit: 1)
    }

    /// Everything about a picture, in a column.
    static func drawDetails(_ entry: LibraryEntry, on surface: any Surface, in area: Rect, hidden: Bool, app: App) {
        var column = Column(surface: surface, area: area)
        column.add(title(entry, app), .strong, limit: 3)
        column.add(nameAndAddress(entry.status.account), .accent, limit: 2)
        column.add(counts(entry, app), .dim, limit: 2)
        column.skip()
        if hidden {
            let spoiler = Sanitiser.line(entry.status.spoilerText, limit: 300)
            column.add(app.text(PictureText.sensitive) + (spoiler.isEmpty ? "" : ": " + spoiler), .warning, limit: 3)
            let alt = altText(entry).map { app.text(PictureText.sensitiveAlt, $0) }
            column.add(alt ?? app.text(PictureText.sensitiveNoAlt), limit: 8)
            column.add(app.text(PictureText.revealKey), .dim)
            return
        }
        let caption = Sanitiser.text(entry.status.caption)
        if !caption.isEmpty {
            column.add(caption, limit: max(2, column.area.height - 8))
            column.skip()
        }
        if let alt = altText(entry) {
            column.add(heading: app.text(PictureText.altText), alt, limit: max(1, column.area.height - 5))
            column.skip()
        }
        if !entry.status.tags.isEmpty { column.add(tags(entry), .accent, limit: 2) }
        column.add(heading: app.text(PictureText.provenance), provenance(entry, app), limit: 4)
    }
}

/// What can be done with a status wherever it is shown.
@MainActor enum EntryActions {
    static func availability(_ command: CommandID, _ entry: LibraryEntry?, _ app: App) -> Availability {
        guard let entry else { return .disabled(app.text(ChromeText.nothingSelected)) }
        if command != .open, command != .account, entry.state == .queued {
            return .disabled(app.text(PictureText.notMine))
        }
        return .enabled
    }

    static func perform(_ command: CommandID, _ entry: LibraryEntry?, _ app: App) {
        guard let entry, let session = app.session else { return }
        do {
            switch command {
            case .favourite:
                try session.outbox.perform(.favourite(statusID: entry.id, !entry.status.favourited))
                app.tell(app.text(entry.status.favourited ? PictureText.liked : .favourited))
            case .bookmark:
                try session.outbox.perform(.bookmark(statusID: entry.id, !entry.status.bookmarked))
                app.tell(app.text(entry.status.bookmarked ? PictureText.liked : .bookmarked))
            case .account: return app.push(AccountScreen(entry.status.account))
            default: return
            }
            app.top.refresh(app: app)
        } catch {
            app.report(error)
        }
    }
}
