/// How text looks. Colours are palette indices (0…255), so that the terminal's theme decides; -1 is its default.
/// No meaning hangs on colour alone: attributes or words carry it too.
public struct Style: Hashable, Sendable {
    public struct Attributes: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let bold = Attributes(rawValue: 1)
        public static let dim = Attributes(rawValue: 2)
        public static let reverse = Attributes(rawValue: 4)
        public static let underline = Attributes(rawValue: 8)
    }

    public var foreground: Int16
    public var background: Int16
    public var attributes: Attributes

    public init(foreground: Int16 = -1, background: Int16 = -1, _ attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    public static let normal = Style()
    public static let dim = Style(.dim)
    public static let strong = Style(.bold)
    public static let selected = Style(.reverse)
    public static let underlined = Style(.underline)
    public static let accent = Style(foreground: 6)
    public static let title = Style(foreground: 6, .bold)
    public static let good = Style(foreground: 2)
    public static let warning = Style(foreground: 3)
    public static let error = Style(foreground: 1, .bold)
}
