import Foundation

/// Collects cells in true colour as cursor moves and colour changes, saying only what differs from the cell before.
/// The cursor and the attributes that ncurses believes in are saved around it (DECSC, DECRC).
struct RawWriter {
    var bytes: [UInt8] = []
    private var position: Point?
    private var foreground: UInt32?
    private var background: UInt32?

    mutating func move(x: Int, y: Int) {
        if position == Point(x: x, y: y) { return }
        bytes += "\u{1B}[\(y + 1);\(x + 1)H".utf8
        position = Point(x: x, y: y)
    }

    mutating func forgetPosition() { position = nil }

    mutating func put(_ cell: PictureCell, x: Int, y: Int) {
        move(x: x, y: y)
        let fg = cell.foreground
        let bg = cell.background
        if foreground == nil {
            bytes += "\u{1B}[0;".utf8
            color(38, fg)
            bytes.append(UInt8(ascii: ";"))
            color(48, bg)
            bytes.append(UInt8(ascii: "m"))
        } else if fg != foreground || bg != background {
            bytes += "\u{1B}[".utf8
            if fg != foreground { color(38, fg) }
            if fg != foreground, bg != background { bytes.append(UInt8(ascii: ";")) }
            if bg != background { color(48, bg) }
            bytes.append(UInt8(ascii: "m"))
        }
        foreground = fg
        background = bg
        append(cell.scalar)
        position = Point(x: x + 1, y: y)
    }

    /// What the underlay looks like through ncurses.
    mutating func putUnderlay(x: Int, y: Int) {
        move(x: x, y: y)
        bytes += "\u{1B}[0;38;5;243m".utf8
        foreground = nil
        append(Picture.underlay.base)
        position = Point(x: x + 1, y: y)
    }

    /// Everything, or nothing when nothing was put.
    var finished: [UInt8] { bytes.isEmpty ? [] : [0x1B, 0x37] + bytes + [0x1B, 0x5B, 0x30, 0x6D, 0x1B, 0x38] }

    private mutating func color(_ kind: Int, _ value: UInt32) {
        decimal(kind)
        bytes += [UInt8(ascii: ";"), UInt8(ascii: "2")]
        for shift in [UInt32(16), 8, 0] {
            bytes.append(UInt8(ascii: ";"))
            decimal(Int((value >> shift) & 255))
        }
    }

    private mutating func decimal(_ value: Int) {
        if value >= 100 { bytes.append(UInt8(48 + value / 100)) }
        if value >= 10 { bytes.append(UInt8(48 + value / 10 % 10)) }
        bytes.append(UInt8(48 + value % 10))
    }

    private mutating func append(_ scalar: UInt32) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        if let units = UTF8.encode(scalar) { bytes += units }
    }
}

/// iTerm2's inline images (https://iterm2.com/documentation-images.html).
enum ITerm2Protocol {
    static func show(_ file: [UInt8], columns: Int, rows: Int) -> [UInt8] {
        let keys = "inline=1;size=\(file.count);width=\(columns);height=\(rows);preserveAspectRatio=0;doNotMoveCursor=1"
        return Array("\u{1B}]1337;File=\(keys):".utf8) + Data(file).base64EncodedData() + [0x07]
    }
}
