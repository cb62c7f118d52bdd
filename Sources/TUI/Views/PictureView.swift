import Core
import Terminal

/// Draws pictures into boxes: what is there, and what stands in while it is not.
@MainActor enum PictureView {
    enum Placeholder { case loading, missing, failed }

    /// Draws the picture in the middle of the box; returns the cells that it covers.
    @discardableResult
    static func draw(_ request: PictureRequest?, on surface: any Surface, in box: Rect, app: App, bottom: Bool = false)
        -> Rect?
    {
        guard !box.isEmpty else { return nil }
        guard let request else {
            placeholder(.missing, on: surface, in: box, app: app)
            return nil
        }
        switch app.loader.picture(request, mode: app.pictureMode) {
        case .ready(let picture):
            let x = box.x + (box.width - picture.columns) / 2
            let y = bottom ? box.bottom - picture.rows : box.y + (box.height - picture.rows) / 2
            surface.draw(picture, at: Point(x: x, y: y), clip: box)
            return Rect(x: x, y: y, width: picture.columns, height: picture.rows)
        case .loading: placeholder(.loading, on: surface, in: box, app: app)
        case .failed: placeholder(.failed, on: surface, in: box, app: app)
        }
        return nil
    }

    static func placeholder(_ kind: Placeholder, on surface: any Surface, in box: Rect, app: App) {
        let key: ChromeText =
            switch kind {
            case .loading: .loading
            case .missing: .notYetHere
            case .failed: .noPicture
            }
        let middle = box.row(box.height / 2)
        surface.put(app.text(key), in: middle, .dim, alignment: .center)
    }

    /// The request for a status's first picture in a box: the preview, or the original where it is wanted and here.
    static func request(
        _ entry: LibraryEntry, variant: MediaVariant, columns: Int, rows: Int, blurred: Bool, app: App
    ) -> PictureRequest? {
        guard let media = entry.status.media.first, let library = app.session?.library else { return nil }
        let original = variant == .original ? library.file(of: media, .original) : nil
        guard let url = original ?? library.file(of: media, .preview) ?? library.file(of: media, .original) else {
            return nil
        }
        return PictureRequest(.file(url), columns: columns, rows: rows, blurred: blurred)
    }
}
