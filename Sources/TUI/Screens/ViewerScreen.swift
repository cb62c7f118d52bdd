import Core
import Terminal

/// One picture, as large as the screen allows, with its words beside or below it.
@MainActor final class ViewerScreen: Screen {
    private let timeline: TimelineScreen
    private var entry: LibraryEntry?
    private var showsInfo = true
    private var revealed: Set<String> = []
    private var zoom = 1.0
    private var center = (x: 0.5, y: 0.5)
    /// The box of the last frame, for one picture pixel to one screen pixel.
    private var box = Rect(x: 0, y: 0, width: 1, height: 1)
    private var source: PictureSource?

    let context = CommandContext.viewer

    init(timeline: TimelineScreen) {
        self.timeline = timeline
        entry = timeline.entry
    }

    func title(_ app: App) -> String {
        let place = app.text(PictureText.count, String(timeline.position.selected + 1), String(timeline.entries.count))
        let name = entry.map { EntryText.title($0, app) } ?? app.text(ChromeText.viewer)
        let size =
            zoom > 1
            ? "   " + app.text(PictureText.zoom, zoom.formatted(.number.precision(.fractionLength(0...1)))) : ""
        return "\(name)   \(place)\(size)"
    }

    func refresh(app: App) {
        guard let id = entry?.id, let library = app.session?.library else { return }
        do {
            entry = try library.entry(id) ?? entry
        } catch {
            app.report(error)
        }
    }

    private var isHidden: Bool { entry.map { EntryText.isHidden($0) && !revealed.contains($0.id) } ?? false }

    func availability(_ command: CommandID, app: App) -> Availability {
        switch command {
        case .favourite, .bookmark, .account: return EntryActions.availability(command, entry, app)
        case .reveal:
            return entry?.status.sensitive == true ? .enabled : .disabled(app.text(PictureText.noSensitive))
        case .fit, .zoomOut: return zoom > 1 ? .enabled : .disabled(app.text(PictureText.alreadyFit))
        case .up, .down, .left, .right, .info, .zoomIn, .actualSize, .next, .previous: return .enabled
        default: return .absent
        }
    }

    func perform(_ command: CommandID, app: App) {
        let step = 0.25 / zoom
        switch command {
        case .favourite, .bookmark, .account: EntryActions.perform(command, entry, app)
        case .reveal:
            guard let id = entry?.id else { return }
            if revealed.remove(id) == nil { revealed.insert(id) }
        case .info: showsInfo.toggle()
        case .zoomIn: setZoom(zoom * 1.5)
        case .zoomOut: setZoom(zoom / 1.5)
        case .fit: setZoom(1)
        case .actualSize: setZoom(actualZoom(app))
        case .next: go(1, app)
        case .previous: go(-1, app)
        case .left: if zoom > 1 { pan(-step, 0) } else { go(-1, app) }
        case .right: if zoom > 1 { pan(step, 0) } else { go(1, app) }
        case .up: if zoom > 1 { pan(0, -step) } else { go(-1, app) }
        case .down: if zoom > 1 { pan(0, step) } else { go(1, app) }
        default: break
        }
    }

    private func go(_ by: Int, _ app: App) {
        entry = timeline.step(by, app: app) ?? entry
        setZoom(1)
    }

    private func setZoom(_ value: Double) {
        zoom = min(32, max(1, value))
        if zoom < 1.05 { zoom = 1 }
        if zoom == 1 { center = (0.5, 0.5) }
    }

    private func pan(_ dx: Double, _ dy: Double) {
        let margin = 0.5 / zoom
        center.x = min(1 - margin, max(margin, center.x + dx))
        center.y = min(1 - margin, max(margin, center.y + dy))
    }

    /// The zoom at which a pixel of the picture is a pixel of the screen; of a half block, where there are only those.
    private func actualZoom(_ app: App) -> Double {
        guard let source, let (width, height) = app.loader.dimensions(of: source) else { return zoom }
        let fit = app.pictureMode.fit(width: width, height: height, columns: box.width, rows: box.height)
        let pixels = fit.columns * (app.pictureMode.graphics == nil ? 1 : app.pictureMode.cellWidth)
        return max(1, Double(width) / Double(max(1, pixels)))
    }

    func draw(on surface: any Surface, in area: Rect, app: App) {
        guard let entry else { return }
        let beside = area.width >= 110
        let hidden = isHidden
        var side: Rect?
        if showsInfo || hidden {
            if beside {
                let (left, right) = area.split(left: area.width - min(48, area.width / 3), gap: 1)
                box = left
                side = right.inset(1, 0)
                surface.verticalLine(x: left.right, y: area.y, height: area.height)
            } else {
                let (upper, lower) = area.split(top: area.height - min(9, area.height / 2))
                box = upper
                surface.horizontalLine(x: area.x, y: lower.y, width: area.width)
                side = lower.split(top: 1).1.inset(1, 0)
            }
        } else {
            box = area
        }
        var request = PictureView.request(
            entry, variant: .original, columns: box.width, rows: box.height, blurred: hidden, app: app)
        request?.zoom = hidden ? 1 : zoom
        request?.centerX = center.x
        request?.centerY = center.y
        source = request?.source
        PictureView.draw(request, on: surface, in: box, app: app)
        if let side { EntryText.drawDetails(entry, on: surface, in: side, hidden: hidden, app: app) }
        if !hidden { app.session?.syncStatus.wantMedia(entry.status.media, .original) }
    }
}
