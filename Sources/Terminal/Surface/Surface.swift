/// What a cell holds.
public struct Cell: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case text
        /// The right half of a wide character.
        case continuation
        /// Part of a picture that is drawn over the cells; the glyph is what shows where that fails.
        case picture
    }

    public var glyph: Glyph
    public var style: Style
    public var kind: Kind

    public init(_ glyph: Glyph = Glyph(base: 0x20, columns: 1), style: Style = .normal, kind: Kind = .text) {
        self.glyph = glyph
        self.style = style
        self.kind = kind
    }

    public static let blank = Cell()
}

/// What views draw on. ncurses is one (`CursesSurface`), an in-memory grid for tests another (`GridSurface`).
public protocol Surface: AnyObject {
    var size: Size { get }
    var width: CharacterWidth { get }
    /// The cell there; blank outside.
    subscript(x: Int, y: Int) -> Cell { get set }
    /// Where text is typed; nil hides the cursor. Starts as nil with every frame.
    var cursor: Point? { get set }
    /// Draws a picture with its upper left there; cut to `clip`.
    func draw(_ picture: Picture, at: Point, clip: Rect)
}

extension Surface {
    public var bounds: Rect { Rect(x: 0, y: 0, width: size.columns, height: size.rows) }

    /// Puts a text on one row within `rect`, cut with `…`; wide characters never reach beyond it. Returns its columns.
    @discardableResult
    public func put(_ text: String, in rect: Rect, _ style: Style = .normal, alignment: TextAlignment = .left) -> Int {
        guard rect.height > 0, rect.width > 0 else { return 0 }
        let fitted = width.glyphs(width.truncated(text, to: rect.width))
        let columns = fitted.reduce(0) { $0 + $1.columns }
        var x = rect.x
        switch alignment {
        case .left: break
        case .center: x += (rect.width - columns) / 2
        case .right: x += rect.width - columns
        }
        for glyph in fitted {
            put(glyph, x: x, y: rect.y, style)
            x += glyph.columns
        }
        return columns
    }

    /// Puts one glyph, and blanks the other half of any wide character that it cuts in two.
    public func put(_ glyph: Glyph, x: Int, y: Int, _ style: Style = .normal, kind: Cell.Kind = .text) {
        if self[x, y].kind == .continuation { self[x - 1, y] = Cell(style: self[x - 1, y].style) }
        let last = x + glyph.columns - 1
        if self[last, y].glyph.columns == 2, self[last + 1, y].kind == .continuation {
            self[last + 1, y] = Cell(style: self[last + 1, y].style)
        }
        self[x, y] = Cell(glyph, style: style, kind: kind)
        if glyph.columns == 2 { self[x + 1, y] = Cell(Glyph(base: 0, columns: 0), style: style, kind: .continuation) }
    }

    public func put(_ text: String, x: Int, y: Int, _ style: Style = .normal) {
        put(text, in: Rect(x: x, y: y, width: size.columns - x, height: 1), style)
    }

    /// Makes a region blank.
    public func clear(_ rect: Rect, _ style: Style = .normal) {
        for y in rect.y..<rect.bottom {
            for x in rect.x..<rect.right { put(Cell.blank.glyph, x: x, y: y, style) }
        }
    }

    /// Changes the style of a region and keeps its text.
    public func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
        for y in rect.y..<rect.bottom {
            for x in rect.x..<rect.right where self[x, y].kind != .picture { change(&self[x, y].style) }
        }
    }

    public func horizontalLine(x: Int, y: Int, width: Int, _ style: Style = .dim) {
        for column in x..<max(x, x + width) { put(Glyph(base: 0x2500, columns: 1), x: column, y: y, style) }
    }

    public func verticalLine(x: Int, y: Int, height: Int, _ style: Style = .dim) {
        for row in y..<max(y, y + height) { put(Glyph(base: 0x2502, columns: 1), x: x, y: row, style) }
    }

    /// A frame with an optional title in its upper edge; what is inside is left alone.
    public func frame(_ rect: Rect, title: String? = nil, _ style: Style = .dim, titleStyle: Style = .title) {
        guard rect.width >= 2, rect.height >= 2 else { return }
        horizontalLine(x: rect.x + 1, y: rect.y, width: rect.width - 2, style)
        horizontalLine(x: rect.x + 1, y: rect.bottom - 1, width: rect.width - 2, style)
        verticalLine(x: rect.x, y: rect.y + 1, height: rect.height - 2, style)
        verticalLine(x: rect.right - 1, y: rect.y + 1, height: rect.height - 2, style)
        let corners: [(UInt32, Int, Int)] = [
            (0x256D, rect.x, rect.y), (0x256E, rect.right - 1, rect.y), (0x2570, rect.x, rect.bottom - 1),
            (0x256F, rect.right - 1, rect.bottom - 1),
        ]
        for (scalar, x, y) in corners { put(Glyph(base: scalar, columns: 1), x: x, y: y, style) }
        if let title, rect.width > 6 {
            let shown = width.truncated(title, to: rect.width - 6)
            put(" \(shown) ", in: Rect(x: rect.x + 2, y: rect.y, width: rect.width - 4, height: 1), titleStyle)
        }
    }
}

public enum TextAlignment: Sendable { case left, center, right }
