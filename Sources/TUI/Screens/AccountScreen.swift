import Core
import Terminal

/// An artist's page: who they are, above their pictures.
@MainActor final class AccountScreen: Screen {
    private var account: Account
    private let pictures: TimelineScreen

    let context = CommandContext.account

    init(_ account: Account) {
        self.account = account
        pictures = TimelineScreen(.account(account.id))
    }

    func title(_ app: App) -> String { "@" + Sanitiser.line(account.acct, limit: 100) }

    func refresh(app: App) {
        do {
            account = try app.session?.library.account(account.id) ?? account
        } catch {
            app.report(error)
        }
        pictures.refresh(app: app)
    }

    func availability(_ command: CommandID, app: App) -> Availability {
        command == .account ? .absent : pictures.availability(command, app: app)
    }

    func perform(_ command: CommandID, app: App) { pictures.perform(command, app: app) }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        let note = Sanitiser.text(account.note).trimmingCharacters(in: .whitespacesAndNewlines)
        let lines = surface.width.wrapped(note, to: area.width - 2, limit: area.height > 30 ? 4 : 2)
        let (head, rest) = area.split(top: 2 + (note.isEmpty ? 0 : lines.count))
        var column = Column(surface: surface, area: head.inset(1, 0))
        column.add(EntryText.name(account), .title, limit: 1)
        let counts = [
            app.text(PictureText.pictures, String(account.statusesCount)),
            app.text(PictureText.followers, String(account.followersCount)),
            app.text(PictureText.following, String(account.followingCount)),
        ]
        column.add(counts.joined(separator: " · "), .dim, limit: 1)
        if !note.isEmpty { for line in lines { column.add(line, limit: 1) } }
        pictures.draw(on: surface, in: rest, app: app)
    }
}
