import Foundation

/// Built things: a town seen from above, creatures of square pixels.
enum Places {
    /// A town of blocks in isometric projection, at dusk with lit windows or by day.
    @Sendable static func city(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        canvas.gradient([
            (0, palette.accent.mixed(palette.ground, 0.75)), (1, palette.ground.mixed(palette.inks[3], 0.3)),
        ])
        let unit = h / random.range(20, 26)
        let noise = Noise(&random)
        let reach = Int((w + h) / unit) + 4
        let lit = random.chance(0.5)
        func place(_ column: Double, _ row: Double, _ up: Double) -> Point {
            Point(w / 2 + (column - row) * unit * 0.866, h * 0.02 + (column + row) * unit * 0.5 - up * unit)
        }
        for sum in 0..<(reach * 2) {
            for column in -reach...reach {
                let row = sum - column - reach / 2
                let at = place(Double(column), Double(row), 0)
                guard at.x > -unit * 2, at.x < w + unit * 2, at.y > -unit, at.y < h + unit * 9 else { continue }
                let street = column.modulo(4) == 0 || row.modulo(4) == 0
                let size = (Double(column), Double(row))
                if street {
                    let road = palette.inks[2].mixed(palette.ground, 0.62)
                    canvas.fill(
                        [
                            place(size.0, size.1, 0), place(size.0 + 1, size.1, 0), place(size.0 + 1, size.1 + 1, 0),
                            place(size.0, size.1 + 1, 0),
                        ],
                        road)
                    continue
                }
                let wild = noise.at(size.0 / 9, size.1 / 9)
                if wild < -0.32 {
                    garden(&canvas, &random, size, unit, palette, place)
                    continue
                }
                let tall = max(0.5, 1.2 + 4.2 * max(0, wild + random.range(-0.3, 0.5)))
                tower(&canvas, &random, size, tall, palette, lit, place)
            }
        }
        return canvas
    }

    private static func garden(
        _ canvas: inout Canvas, _ random: inout Random, _ at: (Double, Double), _ unit: Double, _ palette: Palette,
        _ place: (Double, Double, Double) -> Point
    ) {
        let green = palette.inks[1].mixed(Ink(0x6A994E), 0.55)
        canvas.fill(
            [place(at.0, at.1, 0), place(at.0 + 1, at.1, 0), place(at.0 + 1, at.1 + 1, 0), place(at.0, at.1 + 1, 0)],
            green.lighter(0.3))
        for _ in 0..<random.int(1...3) {
            let root = place(at.0 + random.range(0.25, 0.75), at.1 + random.range(0.25, 0.75), 0)
            let size = unit * random.range(0.2, 0.36)
            canvas.disc(root + Point(size * 0.3, 0), size * 0.6, green.darker(0.5).faded(0.35))
            canvas.disc(root + Point(0, -size), size, green.darker(0.22))
            canvas.disc(root + Point(-size * 0.25, -size * 1.25), size * 0.62, green.lighter(0.12))
        }
    }

    private static func tower(
        _ canvas: inout Canvas, _ random: inout Random, _ at: (Double, Double), _ tall: Double, _ palette: Palette,
        _ lit: Bool, _ place: (Double, Double, Double) -> Point
    ) {
        let inset = 0.06
        let (a, b) = (at.0 + inset, at.1 + inset)
        let (c, d) = (at.0 + 1 - inset, at.1 + 1 - inset)
        let ink = random.pick(palette.inks).mixed(palette.ground, random.range(0, 0.35))
        canvas.fill([place(a, d, 0), place(c, d, 0), place(c, d, tall), place(a, d, tall)], ink.darker(0.12))
        canvas.fill([place(c, b, 0), place(c, d, 0), place(c, d, tall), place(c, b, tall)], ink.darker(0.38))
        canvas.fill([place(a, b, tall), place(c, b, tall), place(c, d, tall), place(a, d, tall)], ink.lighter(0.28))
        let floors = Int(tall / 0.42)
        for floor in 0..<max(floors, 0) {
            let low = 0.14 + Double(floor) * 0.42
            for window in 0..<3 {
                let u = 0.14 + Double(window) * 0.26
                let glow = lit && random.chance(0.45)
                let pane = glow ? palette.accent.lighter(0.35) : ink.darker(0.55)
                let (l, r) = (a + u, a + u + 0.16)
                canvas.fill(
                    [place(l, d, low), place(r, d, low), place(r, d, low + 0.24), place(l, d, low + 0.24)], pane)
                let other = lit && random.chance(0.3) ? palette.accent.lighter(0.2) : ink.darker(0.68)
                let (t, s) = (b + u, b + u + 0.16)
                canvas.fill(
                    [place(c, t, low), place(c, s, low), place(c, s, low + 0.24), place(c, t, low + 0.24)], other)
            }
        }
        if random.chance(0.3) {
            let (x, y) = (at.0 + 0.3, at.1 + 0.3)
            let roof = palette.accent.mixed(ink, 0.3)
            canvas.fill(
                [
                    place(x, y + 0.35, tall), place(x + 0.35, y + 0.35, tall), place(x + 0.35, y + 0.35, tall + 0.3),
                    place(x, y + 0.35, tall + 0.3),
                ], roof.darker(0.1))
            canvas.fill(
                [
                    place(x + 0.35, y, tall), place(x + 0.35, y + 0.35, tall), place(x + 0.35, y + 0.35, tall + 0.3),
                    place(x + 0.35, y, tall + 0.3),
                ], roof.darker(0.4))
            canvas.fill(
                [
                    place(x, y, tall + 0.3), place(x + 0.35, y, tall + 0.3), place(x + 0.35, y + 0.35, tall + 0.3),
                    place(x, y + 0.35, tall + 0.3),
                ], roof.lighter(0.2))
        }
    }

    /// A sheet of symmetric creatures, each from a few random pixels.
    @Sendable static func sprites(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let across = random.int(5...7)
        let cell = Double(width) / Double(across)
        let down = Int((Double(height) / cell).rounded())
        let inks = palette.inks + [palette.accent]
        for row in 0..<down {
            for column in 0..<across {
                let corner = Point(Double(column) * cell, Double(row) * Double(height) / Double(down))
                let ink = inks[(row * 3 + column * 2 + random.int(0...1)) % inks.count]
                let tile = ink.mixed(palette.ground, 0.78)
                let tall = Double(height) / Double(down)
                canvas.fill(
                    [corner, corner + Point(cell, 0), corner + Point(cell, tall), corner + Point(0, tall)],
                    (row + column) % 2 == 0 ? tile : palette.ground)
                creature(&canvas, &random, corner + Point(cell / 2, tall / 2), min(cell, tall) * 0.8, ink)
            }
        }
        return canvas
    }

    private static func creature(
        _ canvas: inout Canvas, _ random: inout Random, _ center: Point, _ size: Double, _ ink: Ink
    ) {
        let cells = 12
        let pixel = (size / Double(cells)).rounded(.down)
        var body = [Bool](repeating: false, count: cells * cells)
        for y in 1..<(cells - 1) {
            for x in 1..<(cells / 2) {
                let (dx, dy) = (Double(cells / 2 - x) - 0.5, Double(y) - 5.5)
                let inside = (dx * dx / 24 + dy * dy / 26).squareRoot()
                guard random.chance(1.28 - inside) else { continue }
                body[y * cells + x] = true
                body[y * cells + cells - 1 - x] = true
            }
        }
        let origin = Point((center.x - pixel * 6).rounded(), (center.y - pixel * 6).rounded())
        func square(_ x: Int, _ y: Int, _ ink: Ink) {
            let corner = origin + Point(Double(x) * pixel, Double(y) * pixel)
            canvas.fill(
                [corner, corner + Point(pixel, 0), corner + Point(pixel, pixel), corner + Point(0, pixel)], ink)
        }
        func has(_ x: Int, _ y: Int) -> Bool { x >= 0 && y >= 0 && x < cells && y < cells && body[y * cells + x] }
        for y in 0..<cells {
            for x in 0..<cells {
                if has(x, y) {
                    let light = has(x, y - 1) ? (has(x, y + 1) ? ink : ink.darker(0.28)) : ink.lighter(0.4)
                    square(x, y, light)
                } else if has(x - 1, y) || has(x + 1, y) || has(x, y - 1) || has(x, y + 1) {
                    square(x, y, ink.darker(0.72))
                }
            }
        }
        let level = random.int(4...5)
        for x in [4, 7] {
            square(x, level, Ink(0xFFFFFF))
            square(x, level + 1, Ink(0x1A1A22))
        }
    }
}

extension Int {
    /// The remainder that is never negative.
    fileprivate func modulo(_ divisor: Int) -> Int { ((self % divisor) + divisor) % divisor }
}
