import Core
import Terminal

/// A list of pictures: a timeline, a tag, an artist's pictures, or what a search found. As a grid or as a list.
@MainActor final class TimelineScreen: Screen {
    enum Source: Hashable {
        case timeline(Timeline)
        case search(SearchQuery, text: String)
    }

    enum Layout { case grid, list }

    let source: Source
    private(set) var entries: [LibraryEntry] = []
    var position = ListPosition()
    /// Items in a row and rows in sight, of the last frame.
    private var columns = 1
    private var visible = 1
    private var isComplete = false
    /// The list was asked for, from servers that tell only what they are asked.
    private var isWanted = false
    /// Read at once while moving on: small enough for the frame not to wait, and more than a screen moves.
    private var page: Int { max(30, visible + columns) }

    let context = CommandContext.timeline

    init(_ timeline: Timeline) { source = .timeline(timeline) }
    init(query: SearchQuery, text: String) { source = .search(query, text: text) }

    var isEmpty: Bool { entries.isEmpty }

    /// Whether it is one of the places in the head line.
    var isMainPlace: Bool {
        switch source {
        case .timeline(.home), .timeline(.local), .timeline(.bookmarks), .timeline(.favourites): true
        default: false
        }
    }

    func title(_ app: App) -> String {
        switch source {
        case .timeline(.home): app.text(ChromeText.home)
        case .timeline(.local): app.text(ChromeText.local)
        case .timeline(.bookmarks): app.text(ChromeText.bookmarks)
        case .timeline(.favourites): app.text(ChromeText.favourites)
        case .timeline(.tag(let name)): app.text(ChromeText.tag, Sanitiser.line(name, limit: 60))
        case .timeline(.account): app.text(ChromeText.artist)
        case .search(_, let text):
            "\(app.text(ChromeText.search, Sanitiser.line(text, limit: 60)))   \(app.text(PictureText.found, String(entries.count)))"
        }
    }

    // MARK: Data

    func refresh(app: App) {
        let kept = entry?.id
        load(app, limit: max(page, entries.count))
        if let kept, let index = entries.firstIndex(where: { $0.id == kept }) {
            position.select(index, count: entries.count)
        } else {
            position.select(position.selected, count: entries.count)
        }
    }

    private func load(_ app: App, limit: Int) {
        guard let library = app.session?.library else { return }
        do {
            switch source {
            case .timeline(let timeline):
                entries = try library.timeline(timeline, limit: limit, before: nil)
                if !isWanted {
                    isWanted = true
                    app.session?.syncStatus.wantTimeline(timeline, before: nil)
                }
            case .search(let query, _):
                entries = try library.search(query, limit: 200)
            }
            isComplete = entries.count < limit
        } catch {
            app.report(error)
        }
    }

    private func loadMore(_ app: App) {
        guard !isComplete, case .timeline(let timeline) = source, let last = entries.last,
            let library = app.session?.library
        else { return }
        do {
            let more = try library.timeline(timeline, limit: page, before: last.id)
            isComplete = more.count < page
            entries += more
            if isComplete, let end = entries.last {
                app.session?.syncStatus.wantTimeline(timeline, before: end.id)
            }
        } catch {
            isComplete = true
            app.report(error)
        }
    }

    var entry: LibraryEntry? { entries.indices.contains(position.selected) ? entries[position.selected] : nil }

    // MARK: Commands

    func availability(_ command: CommandID, app: App) -> Availability {
        switch command {
        case .up, .down, .left, .right, .pageUp, .pageDown, .first, .last, .toggleLayout: return .enabled
        case .open, .favourite, .bookmark, .account:
            return EntryActions.availability(command, entry, app)
        default: return .absent
        }
    }

    func perform(_ command: CommandID, app: App) {
        let count = entries.count
        switch command {
        case .up: position.move(by: -(app.layout == .grid ? columns : 1), count: count)
        case .down:
            // From the last full row down to a short last one.
            let step = app.layout == .grid ? columns : 1
            if position.selected + step < count || position.selected / step < (count - 1) / step {
                position.move(by: step, count: count)
            }
        case .left: position.move(by: -1, count: count)
        case .right: position.move(by: 1, count: count)
        case .pageUp: position.move(by: -visible, count: count)
        case .pageDown: position.move(by: visible, count: count)
        case .first: position.select(0, count: count)
        case .last: position.select(count - 1, count: count)
        case .toggleLayout:
            app.layout = app.layout == .grid ? .list : .grid
        case .open: app.push(ViewerScreen(timeline: self))
        case .favourite, .bookmark, .account: EntryActions.perform(command, entry, app)
        default: break
        }
        if position.selected + visible * 2 > entries.count { loadMore(app) }
    }

    /// Moves the selection for the viewer; returns the entry there.
    func step(_ by: Int, app: App) -> LibraryEntry? {
        position.move(by: by, count: entries.count)
        if position.selected + 4 > entries.count { loadMore(app) }
        return entry
    }

    // MARK: Drawing

    func draw(on surface: any Surface, in area: Rect, app: App) {
        guard !entries.isEmpty else {
            let text: PictureText =
                switch source {
                case .timeline(.home): .emptyHome
                case .search: .emptySearch
                default: .empty
                }
            let lines = surface.width.wrapped(app.text(text), to: area.width - 8, limit: 3)
            for (index, line) in lines.enumerated() {
                surface.put(line, in: area.row(area.height / 2 - 1 + index), .dim, alignment: .center)
            }
            return
        }
        switch app.layout {
        case .grid: drawGrid(on: surface, in: area, app: app)
        case .list: drawList(on: surface, in: area, app: app)
        }
        // Media that is on the screen is fetched first.
        guard let session = app.session else { return }
        let missing = entries.dropFirst(position.offset).prefix(visible).flatMap(\.status.media).filter {
            session.library.file(of: $0, .preview) == nil
        }
        if !missing.isEmpty { session.syncStatus.wantMedia(missing, .preview) }
    }

    /// Only a frame knows how much there is room for: another layout or a larger window may show more than was read.
    private func fill(_ app: App) {
        if position.offset + visible > entries.count { loadMore(app) }
    }

    private func drawGrid(on surface: any Surface, in area: Rect, app: App) {
        let wanted = area.width >= 120 ? 30 : 25
        columns = max(1, (area.width - 1) / (wanted + 1))
        let width = (area.width - 1 - columns) / columns
        let rows = max(1, (area.height - 1) / (area.height >= 40 ? 15 : 10))
        let height = (area.height - 1) / rows - 1
        visible = columns * rows
        fill(app)
        position.reveal(visible: visible, count: entries.count, stride: columns)
        let margin = (area.width - 1 - columns * (width + 1)) / 2
        for slot in 0..<visible {
            let index = position.offset + slot
            guard index < entries.count else { break }
            let tile = Rect(
                x: area.x + 1 + margin + slot % columns * (width + 1), y: area.y + 1 + slot / columns * (height + 1),
                width: width, height: height)
            drawTile(index, on: surface, in: tile, app: app)
        }
    }

    private func drawTile(_ index: Int, on surface: any Surface, in tile: Rect, app: App) {
        let entry = entries[index]
        let isSelected = index == position.selected
        let box = Rect(x: tile.x + 1, y: tile.y, width: tile.width - 2, height: tile.height - 2)
        let blurred = EntryText.isHidden(entry)
        PictureView.draw(
            PictureView.request(
                entry, variant: .preview, columns: box.width, rows: box.height, blurred: blurred, app: app),
            on: surface, in: box, app: app, bottom: true)
        if blurred {
            let label = " \(app.text(PictureText.sensitive)) "
            surface.put(label, in: box.row(box.height / 2), .selected, alignment: .center)
        }
        let title = tile.row(tile.height - 2).inset(1)
        surface.put(EntryText.title(entry, app), in: title, isSelected ? .strong : .normal, alignment: .center)
        surface.put(EntryText.byline(entry, app), in: title.row(1), .dim, alignment: .center)
        if isSelected {
            surface.frame(Rect(x: tile.x - 1, y: tile.y - 1, width: tile.width + 2, height: tile.height + 2), .accent)
        }
        app.hit(tile) { [weak self] in self?.clicked(index, app) }
    }

    private func drawList(on surface: any Surface, in area: Rect, app: App) {
        let listWidth = area.width >= 120 ? area.width * 11 / 20 : area.width * 6 / 10
        let (list, side) = area.split(left: listWidth, gap: 1)
        surface.verticalLine(x: list.right, y: area.y, height: area.height)
        columns = 1
        visible = max(1, list.height)
        fill(app)
        position.reveal(visible: visible, count: entries.count)
        let width = surface.width
        for row in 0..<visible {
            let index = position.offset + row
            guard index < entries.count else { break }
            let entry = entries[index]
            let line = list.row(row)
            let right = EntryText.marks(entry, app) + app.ago(entry.status.createdAt)
            let rightWidth = max(10, width.columns(right))
            let nameWidth = min(16, line.width / 4)
            let rest = line.width - rightWidth - nameWidth - 5
            surface.put(EntryText.title(entry, app), in: Rect(x: line.x + 1, y: line.y, width: rest, height: 1))
            surface.put(
                EntryText.name(entry.status.account),
                in: Rect(x: line.x + rest + 3, y: line.y, width: nameWidth, height: 1),
                .dim)
            surface.put(
                right, in: Rect(x: line.x, y: line.y, width: line.width - 1, height: 1), .dim, alignment: .right)
            if index == position.selected { surface.restyle(line) { $0 = .selected } }
            app.hit(line) { [weak self] in self?.clicked(index, app) }
        }
        guard let entry else { return }
        EntryText.drawCard(entry, on: surface, in: side.inset(1, 0), app: app)
    }

    private func clicked(_ index: Int, _ app: App) {
        if position.selected == index { app.run(.open) } else { position.select(index, count: entries.count) }
    }
}
