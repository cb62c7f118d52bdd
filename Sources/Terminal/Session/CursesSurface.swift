import CNcurses

/// The screen through ncurses: views draw into a grid, `flush` tells ncurses what changed and then paints the pictures
/// that ncurses cannot.
public final class CursesSurface: Surface {
    private let grid: GridSurface
    /// What ncurses was last told.
    private var shown: [Cell] = []
    private var images = ImageSurface()
    private var everything = true
    var usesColor = true
    var synchronizes = false
    let write: ([UInt8]) -> Void

    /// - Parameter write: sends raw bytes to the terminal.
    init(size: Size, width: CharacterWidth, write: @escaping ([UInt8]) -> Void) {
        grid = GridSurface(size: size, width: width)
        self.write = write
    }

    public var size: Size { grid.size }
    public var width: CharacterWidth { grid.width }
    public var cursor: Point? {
        get { grid.cursor }
        set { grid.cursor = newValue }
    }

    public subscript(x: Int, y: Int) -> Cell {
        get { grid[x, y] }
        set { grid[x, y] = newValue }
    }

    public func draw(_ picture: Picture, at point: Point, clip: Rect) { grid.draw(picture, at: point, clip: clip) }

    /// Starts a frame.
    public func begin(size: Size? = nil) {
        if let size, size != grid.size {
            fx_screen_resize(Int32(size.rows), Int32(size.columns))
            everything = true
        }
        grid.reset(size: size)
    }

    /// The next flush repaints everything: after another program had the screen.
    public func invalidate() {
        fx_screen_invalidate()
        everything = true
    }

    /// Shows the frame.
    public func flush(graphics: PictureMode.GraphicsProtocol?) {
        if everything {
            shown = []
            write(images.forget())
        }
        let plan = images.plan(grid, graphics: graphics)
        if synchronizes { write(Array("\u{1B}[?2026h".utf8)) }
        write(plan.before)
        if everything { write(Array("\u{1B}[0m\u{1B}[2J".utf8)) }
        if put(all: everything) { _ = put(all: true) }
        if let cursor = grid.cursor {
            fx_screen_cursor(Int32(cursor.y), Int32(cursor.x))
        } else {
            fx_screen_cursor(-1, 0)
        }
        fx_screen_flush()
        write(images.paint(grid, plan, previous: shown))
        if synchronizes { write(Array("\u{1B}[?2026l".utf8)) }
        shown = grid.cells
        everything = false
    }

    /// Bytes that take every picture off the screen.
    func removePictures() -> [UInt8] { images.forget() }

    /// Many terminals show "dim" as normal: where there are 256 colours it is a grey that reads on black and on white
    /// (contrast 4.6 and 4.5).
    private func resolved(_ style: Style) -> Style {
        guard style.attributes.contains(.dim), style.foreground < 0, fx_screen_colors() >= 256 else { return style }
        return Style(foreground: 243, background: style.background, style.attributes.subtracting(.dim))
    }

    /// Tells ncurses about cells; true when it forgot its colours on the way and must be told everything again.
    private func put(all: Bool) -> Bool {
        var forgot = false
        let full = all || shown.count != grid.cells.count
        for y in 0..<grid.size.rows {
            for x in 0..<grid.size.columns {
                let index = y * grid.size.columns + x
                let cell = grid.cells[index]
                if cell.kind == .continuation || (!full && cell == shown[index]) { continue }
                var scalars = (cell.glyph.base, cell.glyph.mark1, cell.glyph.mark2)
                let count = cell.glyph.mark1 == 0 ? 1 : cell.glyph.mark2 == 0 ? 2 : 3
                let colored = usesColor || cell.kind == .picture
                let style = colored ? resolved(cell.style) : cell.style
                let result = withUnsafeBytes(of: &scalars) { raw in
                    fx_screen_put(
                        Int32(y), Int32(x), raw.bindMemory(to: UInt32.self).baseAddress, Int32(count),
                        Int32(style.attributes.rawValue), colored ? Int32(style.foreground) : -1,
                        colored ? Int32(style.background) : -1)
                }
                forgot = forgot || result != 0
            }
        }
        return forgot
    }
}
