/// How pictures are shown in this terminal.
public struct PictureMode: Hashable, Sendable {
    public enum Depth: Int, Hashable, Sendable, Comparable, CaseIterable {
        case mono, colors8, colors16, colors256, trueColor
        public static func < (lhs: Depth, rhs: Depth) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    public enum GraphicsProtocol: String, Hashable, Sendable {
        /// Unicode placeholders: kitty 0.28 and later.
        case kittyPlaceholders
        case kittyDirect
        case iTerm2
        case sixel
    }

    public var depth: Depth
    public var graphics: GraphicsProtocol?
    /// Pixels of one cell; a guess of 1:2 where the terminal does not say.
    public var cellWidth: Int
    public var cellHeight: Int

    public init(depth: Depth, graphics: GraphicsProtocol? = nil, cellWidth: Int = 10, cellHeight: Int = 20) {
        self.depth = depth
        self.graphics = graphics
        self.cellWidth = max(1, min(64, cellWidth))
        self.cellHeight = max(1, min(128, cellHeight))
    }

    /// The cells that a picture of that size takes within a box, at its own shape.
    public func fit(width: Int, height: Int, columns: Int, rows: Int) -> Size {
        guard width > 0, height > 0, columns > 0, rows > 0 else { return Size(columns: 0, rows: 0) }
        let shape = Double(width) / Double(height) * Double(cellHeight) / Double(cellWidth)
        let wide = min(Double(columns), Double(rows) * shape)
        return Size(
            columns: min(columns, max(1, Int(wide.rounded()))), rows: min(rows, max(1, Int((wide / shape).rounded()))))
    }
}
