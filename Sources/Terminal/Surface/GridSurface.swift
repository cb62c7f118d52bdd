/// A screen in memory: what golden tests compare, and what `CursesSurface` draws into before it shows anything.
public final class GridSurface: Surface {
    public private(set) var size: Size
    public let width: CharacterWidth
    public var cursor: Point?
    /// Pictures of this frame, with the part of the screen that each may use.
    public private(set) var placements: [Placement] = []
    package private(set) var cells: [Cell]

    /// A picture on the screen.
    public struct Placement {
        public var picture: Picture
        public var origin: Point
        public var clip: Rect
    }

    public init(size: Size, width: CharacterWidth = CharacterWidth()) {
        self.size = size
        self.width = width
        cells = [Cell](repeating: .blank, count: size.columns * size.rows)
    }

    public subscript(x: Int, y: Int) -> Cell {
        get { x >= 0 && y >= 0 && x < size.columns && y < size.rows ? cells[y * size.columns + x] : .blank }
        set {
            guard x >= 0, y >= 0, x < size.columns, y < size.rows else { return }
            cells[y * size.columns + x] = newValue
        }
    }

    /// Starts a frame: everything blank.
    public func reset(size: Size? = nil) {
        if let size { self.size = size }
        cells = [Cell](repeating: .blank, count: self.size.columns * self.size.rows)
        cursor = nil
        placements = []
    }

    public func draw(_ picture: Picture, at origin: Point, clip: Rect) {
        let visible = clip.intersection(bounds)
        if picture.needsOverlay { placements.append(Placement(picture: picture, origin: origin, clip: visible)) }
        for row in 0..<picture.rows {
            for column in 0..<picture.columns {
                let x = origin.x + column
                let y = origin.y + row
                guard visible.contains(Point(x: x, y: y)) else { continue }
                if picture.needsOverlay {
                    put(Picture.underlay, x: x, y: y, .dim, kind: .picture)
                } else {
                    let cell = picture.cells[row * picture.columns + column]
                    let style = Style(foreground: cell.foregroundIndex, background: cell.backgroundIndex)
                    put(Glyph(base: cell.scalar, columns: 1), x: x, y: y, style, kind: .picture)
                }
            }
        }
    }

    /// The screen's text, row by row, spaces at the ends removed.
    public var text: String {
        (0..<size.rows).map { y in
            var line = ""
            for x in 0..<size.columns where self[x, y].kind != .continuation {
                line.unicodeScalars.append(contentsOf: self[x, y].glyph.scalars)
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}

extension Rect {
    public func intersection(_ other: Rect) -> Rect {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return Rect(
            x: left, y: top, width: min(right, other.right) - left, height: min(bottom, other.bottom) - top)
    }
}
