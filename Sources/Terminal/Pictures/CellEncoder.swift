/// Turns pixels into characters: upper half blocks in colour, a luminance ramp without.
enum CellEncoder {
    /// `image` has `columns` × 2·`rows` pixels.
    static func halfBlocks(_ image: PixelImage, depth: PictureMode.Depth) -> [PictureCell] {
        let columns = image.width
        let rows = image.height / 2
        var cells: [PictureCell] = []
        cells.reserveCapacity(columns * rows)
        image.rgb.withUnsafeBufferPointer { rgb in
            for row in 0..<rows {
                for column in 0..<columns {
                    let upper = pixel(rgb, columns, column, row * 2)
                    let lower = pixel(rgb, columns, column, row * 2 + 1)
                    var cell = PictureCell(scalar: 0x2580, foreground: upper, background: lower)
                    switch depth {
                    case .colors256:
                        cell.foregroundIndex = Palette.index256(upper, x: column, y: row * 2)
                        cell.backgroundIndex = Palette.index256(lower, x: column, y: row * 2 + 1)
                    case .colors8, .colors16:
                        let count = depth == .colors8 ? 8 : 16
                        cell.foregroundIndex = Palette.index16(upper, x: column, y: row * 2, of: count)
                        cell.backgroundIndex = Palette.index16(lower, x: column, y: row * 2 + 1, of: count)
                    case .trueColor, .mono: break
                    }
                    cells.append(cell)
                }
            }
        }
        return cells
    }

    private static let ramp = Array(" .:-=+*#%@".unicodeScalars.map(\.value))

    /// Two by two quadrants of a cell and their middle light, in the ten steps of a ramp, stretched to the picture's
    /// own range; `image` has `columns` × `rows` pixels.
    static func ramp(_ image: PixelImage) -> [PictureCell] {
        var light = [Int](repeating: 0, count: image.width * image.height)
        for index in light.indices {
            let red = Int(image.rgb[index * 3])
            let green = Int(image.rgb[index * 3 + 1])
            let blue = Int(image.rgb[index * 3 + 2])
            light[index] = (red * 299 + green * 587 + blue * 114) / 1000
        }
        let sorted = light.sorted()
        let low = sorted[sorted.count / 50]
        let high = max(low + 32, sorted[sorted.count - 1 - sorted.count / 50])
        return light.map { value in
            let step = (min(high, max(low, value)) - low) * (ramp.count - 1)
            return PictureCell(scalar: ramp[(step + (high - low) / 2) / (high - low)])
        }
    }

    private static func pixel(_ rgb: UnsafeBufferPointer<UInt8>, _ width: Int, _ x: Int, _ y: Int) -> UInt32 {
        let at = (y * width + x) * 3
        return UInt32(rgb[at]) << 16 | UInt32(rgb[at + 1]) << 8 | UInt32(rgb[at + 2])
    }
}

/// Nearest colours in the terminals' palettes, with an ordered dither (Bayer 1973, 4 × 4) against bands.
enum Palette {
    private static let bayer: [Int] = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
    private static let levels = [0, 95, 135, 175, 215, 255]

    private static func dithered(_ color: UInt32, x: Int, y: Int, _ strength: Int) -> (Int, Int, Int) {
        let offset = (bayer[(y & 3) * 4 + (x & 3)] * 2 - 15) * strength / 30
        func channel(_ shift: UInt32) -> Int { min(255, max(0, Int((color >> shift) & 255) + offset)) }
        return (channel(16), channel(8), channel(0))
    }

    /// xterm's 6 × 6 × 6 cube and 24 greys (16…255); the theme's own sixteen are not used.
    static func index256(_ color: UInt32, x: Int, y: Int) -> Int16 {
        let (red, green, blue) = dithered(color, x: x, y: y, 16)
        func nearest(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : min(5, (value - 35) / 40) }
        let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
        func distance(_ dr: Int, _ dg: Int, _ db: Int) -> Int { dr * dr * 3 + dg * dg * 6 + db * db }
        let cube = distance(red - levels[r], green - levels[g], blue - levels[b])
        let gray = min(23, max(0, ((red + green + blue) / 3 - 3) / 10))
        let level = 8 + gray * 10
        let ramp = distance(red - level, green - level, blue - level)
        return ramp < cube ? Int16(232 + gray) : Int16(16 + 36 * r + 6 * g + b)
    }

    private static let sixteen: [(Int, Int, Int)] = [
        (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 110, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (190, 190, 190),
        (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255), (85, 255, 255),
        (255, 255, 255),
    ]

    /// The commonest rendering of the first `count` of the sixteen; a theme may differ.
    static func index16(_ color: UInt32, x: Int, y: Int, of count: Int) -> Int16 {
        let (red, green, blue) = dithered(color, x: x, y: y, count == 8 ? 72 : 48)
        var best = (index: 0, distance: Int.max)
        for (index, candidate) in sixteen.prefix(count).enumerated() {
            let (dr, dg, db) = (red - candidate.0, green - candidate.1, blue - candidate.2)
            let distance = dr * dr * 3 + dg * dg * 6 + db * db
            if distance < best.distance { best = (index, distance) }
        }
        return Int16(best.index)
    }
}
