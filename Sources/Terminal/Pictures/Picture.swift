/// One cell of a picture made of characters.
public struct PictureCell: Hashable, Sendable {
    public var scalar: UInt32
    /// 0xRRGGBB; used in true colour.
    public var foreground: UInt32
    public var background: UInt32
    /// Palette indices, -1 for the default; used with 256 colours and fewer.
    public var foregroundIndex: Int16
    public var backgroundIndex: Int16

    public init(
        scalar: UInt32, foreground: UInt32 = 0, background: UInt32 = 0, foregroundIndex: Int16 = -1,
        backgroundIndex: Int16 = -1
    ) {
        self.scalar = scalar
        self.foreground = foreground
        self.background = background
        self.foregroundIndex = foregroundIndex
        self.backgroundIndex = backgroundIndex
    }
}

/// A picture ready to be shown in `columns` × `rows` cells; made off the main thread by `PictureEncoder`.
public struct Picture: Sendable {
    /// Pixels for terminals with graphics, beside the cells that stand in while something overlaps the picture.
    public enum Graphics: Sendable {
        case kitty(PixelImage)
        /// The bytes of a whole sixel sequence.
        case sixel([UInt8])
        /// A PNG or JPEG file as it is.
        case iTerm2([UInt8])
    }

    public let columns: Int
    public let rows: Int
    /// columns × rows, row by row.
    public let cells: [PictureCell]
    /// Whether the cells are in true colour, beyond what ncurses can be asked for.
    public let isTrueColor: Bool
    public let graphics: Graphics?
    /// Names the content: equal ids mean equal pictures.
    public let id: UInt64

    public init(
        id: UInt64, columns: Int, rows: Int, cells: [PictureCell], isTrueColor: Bool, graphics: Graphics? = nil
    ) {
        precondition(cells.count == columns * rows)
        self.id = id
        self.columns = columns
        self.rows = rows
        self.cells = cells
        self.isTrueColor = isTrueColor
        self.graphics = graphics
    }

    /// Whether something is drawn over the cells that ncurses knows of.
    public var needsOverlay: Bool { isTrueColor || graphics != nil }

    /// What ncurses believes to be in the cells of such a picture: never blank, so that popups stay opaque.
    public static let underlay = Glyph(base: 0x2592, columns: 1)
}
