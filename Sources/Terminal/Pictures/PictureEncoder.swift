import Foundation

/// Makes `Picture`s: pure work on pixels, to be done off the main thread.
public enum PictureEncoder {
    /// Most pixels that are sent to a terminal for one picture.
    private static let maximumGraphicsPixels = 900_000

    /// - Parameters:
    ///   - id: names the content; see `Picture.id`.
    ///   - file: the bytes of the file, where it is shown whole and the terminal decodes PNG and JPEG itself (iTerm2).
    public static func encode(
        _ image: PixelImage, crop: Crop = .whole, columns: Int, rows: Int, mode: PictureMode, id: UInt64,
        file: Data? = nil
    ) -> Picture {
        precondition(columns > 0 && rows > 0)
        let cells: [PictureCell]
        if mode.depth == .mono {
            cells = CellEncoder.ramp(image.scaled(crop, width: columns, height: rows))
        } else {
            cells = CellEncoder.halfBlocks(image.scaled(crop, width: columns, height: rows * 2), depth: mode.depth)
        }
        return Picture(
            id: id, columns: columns, rows: rows, cells: cells, isTrueColor: mode.depth == .trueColor,
            graphics: graphics(image, crop, columns: columns, rows: rows, mode: mode, file: file))
    }

    private static func graphics(
        _ image: PixelImage, _ crop: Crop, columns: Int, rows: Int, mode: PictureMode, file: Data?
    ) -> Picture.Graphics? {
        guard let kind = mode.graphics else { return nil }
        var width = columns * mode.cellWidth
        var height = rows * mode.cellHeight
        switch kind {
        case .kittyPlaceholders, .kittyDirect:
            // kitty scales to the cells itself: send no more than there is to see.
            let source = crop.width * Double(image.width) / Double(width)
            var factor = min(1, source)
            let area = Double(width * height) * factor * factor
            if area > Double(maximumGraphicsPixels) { factor *= (Double(maximumGraphicsPixels) / area).squareRoot() }
            width = max(1, Int(Double(width) * factor))
            height = max(1, Int(Double(height) * factor))
            return .kitty(image.scaled(crop, width: width, height: height))
        case .sixel:
            guard width * height <= maximumGraphicsPixels * 2 else { return nil }
            // Sixels come in bands of six rows: a last band that is cut keeps the picture out of the next cell row.
            let bands = max(6, height / 6 * 6)
            return SixelEncoder.encode(image.scaled(crop, width: width, height: bands)).map(Picture.Graphics.sixel)
        case .iTerm2:
            guard crop == .whole, let file, file.count <= 4 << 20, isPNGOrJPEG(file) else { return nil }
            return .iTerm2([UInt8](file))
        }
    }

    private static func isPNGOrJPEG(_ file: Data) -> Bool {
        file.starts(with: [0x89, 0x50, 0x4E, 0x47]) || file.starts(with: [0xFF, 0xD8, 0xFF])
    }
}
