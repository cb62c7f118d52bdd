/// A place on the screen in cells; (0, 0) is the upper left.
public struct Point: Hashable, Sendable {
    public var x: Int
    public var y: Int

    public init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }
}

/// A size in cells.
public struct Size: Hashable, Sendable {
    public var columns: Int
    public var rows: Int

    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// A region in cells; never of negative size.
public struct Rect: Hashable, Sendable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = max(0, width)
        self.height = max(0, height)
    }

    public var right: Int { x + width }
    public var bottom: Int { y + height }
    public var isEmpty: Bool { width == 0 || height == 0 }

    public func contains(_ point: Point) -> Bool {
        point.x >= x && point.x < right && point.y >= y && point.y < bottom
    }

    public func intersects(_ other: Rect) -> Bool {
        x < other.right && other.x < right && y < other.bottom && other.y < bottom
    }

    /// Smaller by so many cells on each side.
    public func inset(_ dx: Int, _ dy: Int = 0) -> Rect {
        Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
    }

    /// The first columns, and the rest after a gap.
    public func split(left columns: Int, gap: Int = 0) -> (Rect, Rect) {
        let first = min(width, max(0, columns))
        return (
            Rect(x: x, y: y, width: first, height: height),
            Rect(x: x + first + gap, y: y, width: width - first - gap, height: height)
        )
    }

    /// The first rows, and the rest after a gap.
    public func split(top rows: Int, gap: Int = 0) -> (Rect, Rect) {
        let first = min(height, max(0, rows))
        return (
            Rect(x: x, y: y, width: width, height: first),
            Rect(x: x, y: y + first + gap, width: width, height: height - first - gap)
        )
    }

    /// A region of that size in the middle of this one, cut to it.
    public func centered(width wanted: Int, height tall: Int) -> Rect {
        let w = min(width, wanted)
        let h = min(height, tall)
        return Rect(x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h)
    }

    /// One row of it, counted from its top.
    public func row(_ index: Int) -> Rect { Rect(x: x, y: y + index, width: width, height: 1) }
}
