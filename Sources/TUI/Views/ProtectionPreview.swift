import Core
import Foundation
import Terminal

/// What protection does to the chosen picture: made in the background, shown before, after and as a difference.
@MainActor final class ProtectionPreview {
    enum View { case before, after, difference }

    private struct Wish: Hashable {
        var file: URL
        var recipe: String
        var rights: RightsStatement
    }

    private struct Outcome: Sendable {
        var before: PixelImage
        var after: PixelImage
        var difference: PixelImage?
        var report: ProtectionReport
    }

    var view = View.after
    private(set) var before: PixelImage?
    private(set) var after: PixelImage?
    private var difference: PixelImage?
    private var report: ProtectionReport?
    private var failure: String?
    private var wish: Wish?
    private var job: Job?
    /// Names each outcome for the picture cache.
    private static var serial: UInt64 = 0
    /// Longer side of what is compared on the screen, in pixels.
    nonisolated private static let side = 1_400

    func clear() {
        cancel()
        wish = nil
        (before, after, difference, report, failure) = (nil, nil, nil, nil, nil)
    }

    func cancel() {
        job?.cancel()
        job = nil
    }

    func start(file: URL, recipe: String, rights: RightsStatement, app: App) {
        let wish = Wish(file: file, recipe: recipe, rights: rights)
        guard wish != self.wish else { return }
        let isSameFile = wish.file == self.wish?.file
        cancel()
        self.wish = wish
        (after, difference, report, failure) = (nil, nil, nil, nil)
        if !isSameFile { before = nil }
        let protection = app.services.protection
        let decode = app.services.decode
        let title = app.text(FormText.protecting, Sanitiser.line(file.lastPathComponent, limit: 80))
        job = app.jobs.run("\(title) · \(app.text(FormText.preview))") { progress in
            let data = try Data(contentsOf: file, options: .mappedIfSafe)
            let request = ProtectionRequest(recipe: recipe, payload: .random(), rights: rights)
            let image = try protection.protect(data, request, progress: progress)
            let before = try decode(data, Self.side)
            let after = try decode(image.data, Self.side)
            return Outcome(
                before: before, after: after, difference: before.amplifiedDifference(to: after), report: image.report)
        } then: { [weak self] result in
            guard let self, wish == self.wish else { return }
            job = nil
            Self.serial += 3
            switch result {
            case .success(let outcome):
                (before, after, difference, report) = (
                    outcome.before, outcome.after, outcome.difference, outcome.report
                )
            case .failure(let error):
                if !(error is CancellationError) { failure = App.message(of: error) }
            }
        }
    }

    func draw(on surface: any Surface, in area: Rect, app: App, isEditing: Bool, isPublishing: Bool) {
        var figures = (report.map { ReportText.lines($0, app) } ?? []).flatMap {
            surface.width.wrapped($0, to: area.width, limit: 2)
        }
        if isPublishing { figures += surface.width.wrapped(app.text(FormText.previewNote), to: area.width, limit: 2) }
        let notes = after == nil ? 2 : min(area.height / 3 + 1, figures.count)
        let (box, rest) = area.split(top: area.height - notes)
        let picture = box.split(top: 1).1
        let label = box.row(0)
        if let failure {
            let message = app.text(FormText.previewFailed, app.inWords(failure))
            for (index, line) in surface.width.wrapped(message, to: area.width, limit: 4).enumerated() {
                surface.put(line, in: area.row(1 + index), .error)
            }
            return
        }
        guard let file = wish?.file else {
            guard !isEditing else { return }
            let lines = surface.width.wrapped(app.text(FormText.previewWait), to: area.width - 2, limit: 3)
            for (index, line) in lines.enumerated() {
                surface.put(line, in: area.row(area.height / 2 - 1 + index), .dim, alignment: .center)
            }
            return
        }
        guard let before, let after else {
            // The original is shown at once; the protected picture takes its place.
            PictureView.draw(
                PictureRequest(.file(file), columns: picture.width, rows: picture.height), on: surface, in: picture,
                app: app)
            let percent = String(Int((job?.progress ?? 0) * 100))
            surface.put(app.text(FormText.before), in: label, .dim, alignment: .center)
            let words =
                job?.secondsLeft(at: app.now).map { app.text(FormText.previewLeft, percent, String($0)) }
                ?? app.text(FormText.previewRunning, percent)
            surface.put(words, in: rest.row(0), .accent)
            Gauge.draw(job?.progress ?? 0, on: surface, in: rest.row(1))
            return
        }
        let shown: (PixelImage?, FormText, UInt64)
        switch view {
        case .before: shown = (before, .before, 0)
        case .after: shown = (after, .after, 1)
        case .difference: shown = (difference, .difference, 2)
        }
        surface.put(app.text(shown.1, String(PixelImage.differenceGain)), in: label, .title, alignment: .center)
        if let image = shown.0 {
            PictureView.draw(
                PictureRequest(
                    .image(name: Self.serial + shown.2, image), columns: picture.width, rows: picture.height),
                on: surface, in: picture, app: app)
        } else {
            surface.put(app.text(FormText.noDifference), in: picture.row(picture.height / 2), .dim, alignment: .center)
        }
        var column = Column(surface: surface, area: rest)
        for line in figures { column.add(line, .dim, limit: 1) }
    }
}
