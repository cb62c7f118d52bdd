/// What the terminal can do: from the environment at once, then from its own answers.
public struct Capabilities: Hashable, Sendable {
    public private(set) var pictures: PictureMode
    /// Mode 2026: frames shown whole.
    public private(set) var synchronizedOutput = false
    public private(set) var isTmux: Bool
    /// XTVERSION's answer; empty until then.
    public private(set) var version = ""
    /// DA1 came: the batch is over.
    public private(set) var isComplete = false
    private let noColor: Bool
    private let colors: Int
    private let forced: PictureMode.Depth?
    private let graphicsAllowed: Bool
    private var kittyAnswered = false
    private var sixel = false

    /// - Parameters:
    ///   - colors: how many colours terminfo promises.
    ///   - forced: the user's own choice of depth.
    ///   - graphicsAllowed: whether anything but characters may be used for pictures.
    public init(
        environment: [String: String], colors: Int, forced: PictureMode.Depth? = nil, graphicsAllowed: Bool = true
    ) {
        let term = environment["TERM"] ?? ""
        isTmux = environment["TMUX"]?.isEmpty == false || term.hasPrefix("tmux")
        // https://no-color.org: any value but the empty one.
        noColor = environment["NO_COLOR"]?.isEmpty == false
        self.colors = colors
        self.forced = forced
        self.graphicsAllowed = graphicsAllowed && forced == nil && !noColor && colors > 0
        let announced = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "")
        let known = ["-direct", "kitty", "foot", "alacritty", "wezterm", "ghostty"].contains { term.contains($0) }
        var depth: PictureMode.Depth
        switch colors {
        case ..<8: depth = .mono
        case ..<16: depth = .colors8
        case ..<256: depth = .colors16
        default: depth = announced || known ? .trueColor : .colors256
        }
        if noColor { depth = .mono }
        pictures = PictureMode(depth: forced ?? depth)
        if environment["TERM_PROGRAM"] == "iTerm.app", self.graphicsAllowed, !isTmux { pictures.graphics = .iTerm2 }
    }

    /// Whether chrome may use colour.
    public var usesColor: Bool { !noColor && colors >= 8 && forced != .mono }

    /// The questions, in one batch that DA1 ends. Only what the kind of terminal will not print as text is asked.
    public static func questions(environment: [String: String]) -> [UInt8] {
        let term = environment["TERM"] ?? ""
        if term == "dumb" || term.isEmpty { return [] }
        let primaryAttributes = "\u{1B}[c"
        if term.hasPrefix("vt") || term == "linux" { return Array(primaryAttributes.utf8) }
        let kitty = "\u{1B}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"
        let batch = "\u{1B}[>0q\u{1B}[?2026$p\u{1B}[16t" + kitty + primaryAttributes
        return Array(batch.utf8)
    }

    /// Takes one answer; true when it changed how pictures are shown.
    public mutating func absorb(_ report: TerminalReport) -> Bool {
        let before = pictures
        switch report {
        case .version(let text):
            version = String(text.prefix(64))
            let name = version.lowercased()
            // xterm often runs with a terminfo entry of 8 colours and shows all of them (its nearest, where it must).
            let trueColorNames = [
                "kitty", "foot", "wezterm", "ghostty", "iterm2", "konsole", "contour", "mintty", "xterm(",
            ]
            if trueColorNames.contains(where: name.hasPrefix), colors >= 8, forced == nil, !noColor {
                pictures.depth = .trueColor
            }
        case .mode(2026, let setting): synchronizedOutput = setting == 1 || setting == 2
        case .window(let numbers) where numbers.count == 3 && numbers[0] == 6 && numbers[1] > 3 && numbers[2] > 1:
            setCell(width: numbers[2], height: numbers[1])
        case .kittyGraphics(let text): kittyAnswered = kittyAnswered || text.hasSuffix(";OK")
        case .primaryAttributes(let attributes):
            sixel = attributes.dropFirst().contains(4)
            isComplete = true
            chooseGraphics()
        default: break
        }
        return pictures != before
    }

    /// From the window's size in pixels, where the kernel knows it.
    public mutating func setCell(width: Int, height: Int) {
        pictures = PictureMode(
            depth: pictures.depth, graphics: pictures.graphics, cellWidth: width, cellHeight: height)
    }

    private mutating func chooseGraphics() {
        guard graphicsAllowed else { return }
        if kittyAnswered, !isTmux {
            pictures.graphics = hasPlaceholders ? .kittyPlaceholders : .kittyDirect
        } else if pictures.graphics == nil, version.lowercased().hasPrefix("iterm2"), !isTmux {
            pictures.graphics = .iTerm2
        } else if pictures.graphics == nil, sixel, !isTmux {
            pictures.graphics = .sixel
        }
    }

    /// kitty has Unicode placeholders since 0.28; ghostty from its start.
    private var hasPlaceholders: Bool {
        // A placeholder carries its picture's id as one of 256 colours.
        guard colors >= 256 else { return false }
        let name = version.lowercased()
        if name.hasPrefix("ghostty") { return true }
        guard name.hasPrefix("kitty(") else { return false }
        let parts = name.dropFirst(6).split(whereSeparator: { ".)".contains($0) }).prefix(2).compactMap { Int($0) }
        return parts.count == 2 && (parts[0] > 0 || parts[1] >= 28)
    }
}
