import Foundation

/// Pictures as if by brush: watercolour, ink.
enum Brushwork {
    /// Paper with a grain.
    static func paper(_ random: inout Random, _ width: Int, _ height: Int, _ ink: Ink) -> Canvas {
        var canvas = Canvas(width, height, ink)
        let noise = Noise(&random)
        let fine = Noise.Tile(noise, period: 7, octaves: 3)
        canvas.paint { x, y in
            ink.darker(0.035 + 0.05 * Double(fine.at(Int(x), Int(y))) + 0.03 * noise.at(x / 190, y / 190))
        }
        return canvas
    }

    /// A wash of colour: many thin layers of one shape, each a little different, darker at the rim.
    static func wash(
        _ canvas: inout Canvas, _ random: inout Random, _ shape: [Point], _ ink: Ink, strength: Double, spread: Double
    ) {
        let layers = 16
        let noise = Noise(&random)
        let grain = Noise.Tile(noise, period: 60, octaves: 3)
        for layer in 0..<layers {
            var outline: [Point] = []
            let phase = Double(layer) * 3.1
            for (index, point) in shape.enumerated() {
                let t = Double(index) / Double(shape.count)
                let a = noise.fractal(cos(t * 2 * .pi) * 2.4 + phase, sin(t * 2 * .pi) * 2.4, octaves: 4)
                let b = noise.fractal(cos(t * 2 * .pi) * 2.4, sin(t * 2 * .pi) * 2.4 + phase + 50, octaves: 4)
                outline.append(point + Point(a * spread, b * spread))
            }
            let smooth = Canvas.smooth(outline, steps: 4)
            canvas.cover([smooth]) { canvas, x, y, coverage in
                let amount = Float(strength / Double(layers) * 2) * (0.75 + 0.5 * grain.at(x, y))
                canvas.glaze(x, y, ink, coverage * amount)
            }
        }
    }

    static func blob(_ random: inout Random, _ center: Point, _ radius: Double) -> [Point] {
        (0..<26).map { center.moved(radius * random.range(0.86, 1.14), 2 * .pi * Double($0) / 26) }
    }

    /// Flowers in watercolour, wet in wet.
    @Sendable static func flowers(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = paper(&random, width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let size = min(w, h)
        let green = palette.inks[1].mixed(Ink(0x4F7F52), 0.5)
        for _ in 0..<4 {
            let spot = Point(random.range(0.1, 0.9) * w, random.range(0.1, 0.9) * h)
            wash(
                &canvas, &random, blob(&random, spot, size * random.range(0.16, 0.28)),
                random.pick(palette.inks).lighter(0.5), strength: 0.3, spread: size * 0.12)
        }
        for index in 0..<random.int(6...9) {
            let across = (Double(index % 3) + 0.5) / 3 + random.range(-0.09, 0.09)
            let down = (Double(index / 3) + 0.5) / 3.4 + random.range(-0.08, 0.06)
            let center = Point(across * w, down * h)
            let radius = size * random.range(0.07, 0.135)
            let foot = Point(w * 0.5 + (center.x - w * 0.5) * 0.3, h * 1.04)
            let bend = Point.mix(center, foot, 0.5) + Point(random.normal(size * 0.05), 0)
            let stem = Canvas.smooth([center, bend, foot], closed: false)
            canvas.stroke(stem, green.faded(0.5)) { 2 + 3.5 * $0 }
            leaf(&canvas, &random, at: bend, size * 0.1, green)
            let ink = random.pick([palette.inks[0], palette.inks[3], palette.accent, palette.inks[2]])
            let petals = random.int(5...7)
            let turn = random.range(0, 1)
            for petal in 0..<petals {
                let angle = turn + 2 * .pi * Double(petal) / Double(petals)
                let middle = center.moved(radius * 0.62, angle)
                let shape = (0..<20).map { step -> Point in
                    let t = 2 * .pi * Double(step) / 20
                    let along = cos(t) * radius * 0.62
                    let side = sin(t) * radius * 0.36 * (1 + 0.25 * cos(t))
                    return middle.moved(along, angle).moved(side, angle + .pi / 2)
                }
                wash(&canvas, &random, shape, ink.lighter(random.range(0, 0.25)), strength: 0.75, spread: radius * 0.2)
            }
            wash(
                &canvas, &random, blob(&random, center, radius * 0.2), ink.darker(0.55), strength: 0.8,
                spread: radius * 0.06)
            for _ in 0..<14 {
                canvas.disc(
                    center.moved(radius * random.range(0.08, 0.3), random.range(0, 6.28)), radius * 0.024,
                    palette.accent.mixed(Ink(0xF2C14E), 0.6).faded(0.9))
            }
        }
        splashes(&canvas, &random, palette)
        return canvas
    }

    private static func leaf(
        _ canvas: inout Canvas, _ random: inout Random, at root: Point, _ size: Double, _ ink: Ink
    ) {
        let angle = random.range(-2.6, -0.5)
        let shape = (0..<20).map { step -> Point in
            let t = Double(step) / 20
            let side = t < 0.5 ? 1.0 : -1.0
            let along = t < 0.5 ? t * 2 : (1 - t) * 2
            return root.moved(size * along, angle).moved(side * size * 0.17 * sin(along * .pi), angle + .pi / 2)
        }
        wash(&canvas, &random, shape, ink, strength: 0.7, spread: size * 0.06)
    }

    private static func splashes(_ canvas: inout Canvas, _ random: inout Random, _ palette: Palette) {
        for _ in 0..<60 {
            let spot = Point(random.range(0, canvas.size.x), random.range(0, canvas.size.y))
            canvas.disc(spot, pow(random.unit(), 4) * 7 + 0.6, random.pick(palette.inks).faded(random.range(0.1, 0.35)))
        }
    }

    /// Bamboo in ink, with a red seal.
    @Sendable static func bamboo(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = paper(&random, width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let dark = palette.inks[0]
        let moon = Point(w * random.range(0.3, 0.7), h * random.range(0.2, 0.34))
        wash(&canvas, &random, blob(&random, moon, h * 0.3), palette.inks[3], strength: 0.3, spread: h * 0.1)
        canvas.disc(moon, h * 0.11, palette.ground.lighter(0.3).faded(0.85))
        let count = random.int(4...6)
        for index in 0..<count {
            let near = Double(index) / Double(count - 1)
            let ink = palette.inks[3].mixed(dark, 0.25 + 0.75 * near)
            var foot = Point(w * random.range(0.08, 0.92), h * 1.02)
            var angle = -.pi / 2 + random.range(-0.14, 0.14)
            let thick = h * (0.012 + 0.02 * near)
            var joints: [Point] = []
            while foot.y > -h * 0.1 {
                let length = h * random.range(0.13, 0.2)
                let tip = foot.moved(length, angle)
                segment(&canvas, &random, foot, tip, thick, ink)
                joints.append(tip)
                foot = tip.moved(thick * 0.3, angle)
                angle += random.range(-0.05, 0.05)
            }
            for joint in joints where random.chance(0.75) {
                branch(&canvas, &random, joint, h * (0.09 + 0.06 * near), ink)
            }
        }
        let seal = Point(w * 0.9, h * 0.86)
        let side = h * 0.032
        canvas.fill(
            [Point(-1, -1.2), Point(1, -1.15), Point(1.03, 1.2), Point(-0.98, 1.17)].map { seal + $0 * side },
            palette.accent.faded(0.9))
        for line in -1...1 {
            let x = Double(line) * side * 0.55
            canvas.stroke(
                [seal + Point(x, -side * 0.8), seal + Point(x, side * random.range(0.2, 0.8))], palette.ground,
                width: side * 0.14)
        }
        canvas.stroke(
            [seal + Point(-side * 0.75, -side * 0.2), seal + Point(side * 0.75, -side * 0.25)], palette.ground,
            width: side * 0.14)
        return canvas
    }

    private static func segment(
        _ canvas: inout Canvas, _ random: inout Random, _ foot: Point, _ tip: Point, _ thick: Double, _ ink: Ink
    ) {
        let axis = tip - foot
        let length = axis.length
        let dry = random.range(0.2, 0.6)
        let noise = Noise(&random)
        guard
            let outline = Canvas.ribbon(
                (0...12).map { Point.mix(foot, tip, Double($0) / 12) }, { thick * (1 + 0.35 * pow(abs($0 * 2 - 1), 8)) }
            )
        else { return }
        canvas.cover([outline]) { canvas, x, y, coverage in
            let away = Point(Double(x), Double(y)) - foot
            let side = (away.x * axis.y - away.y * axis.x) / length / thick
            let along = (away.x * axis.x + away.y * axis.y) / (length * length)
            let rim = min(1, 0.45 + 1.4 * abs(side + 0.16))
            let bristle = noise.at(side * 9, along * 1.3) * dry
            canvas.blend(x, y, ink, coverage * Float(max(0.12, rim - max(0, bristle) * 0.9)))
        }
        canvas.stroke(
            [tip + Point(-thick * 0.7, 0), tip + Point(thick * 0.7, -thick * 0.12)], ink, width: thick * 0.16)
    }

    private static func branch(
        _ canvas: inout Canvas, _ random: inout Random, _ root: Point, _ size: Double, _ ink: Ink
    ) {
        let side = random.chance(0.5) ? 1.0 : -1.0
        let twig = Canvas.smooth(
            [root, root + Point(side * size * 0.6, -size * 0.35), root + Point(side * size * 1.3, -size * 0.3)],
            closed: false)
        canvas.stroke(twig, ink) { 2.4 - 1.2 * $0 }
        for _ in 0..<random.int(3...6) {
            let start = random.pick(twig)
            let angle = .pi / 2 - side * random.range(0.1, 1.2)
            let length = size * random.range(0.6, 1.2)
            let path = (0...10).map { step -> Point in
                start.moved(length * Double(step) / 10, angle + side * 0.04 * Double(step) / 10)
            }
            let wide = size * random.range(0.09, 0.14)
            canvas.stroke(path, ink.faded(random.range(0.75, 1))) { wide * pow(sin(.pi * pow($0, 0.75)), 1.1) + 0.3 }
        }
    }
}
