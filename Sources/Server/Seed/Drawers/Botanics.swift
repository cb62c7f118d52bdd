import Foundation

/// Growing things: a tree in blossom, a plate of ferns and seed heads.
enum Botanics {
    /// A tree that divides and divides, with blossom at its ends and on the wind.
    @Sendable static func tree(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        canvas.gradient([
            (0, palette.ground.mixed(palette.inks[3], 0.3)), (0.6, palette.ground.lighter(0.3)),
            (1, palette.ground.mixed(palette.inks[1], 0.25)),
        ])
        let sun = Point(w * random.range(0.3, 0.7), h * 0.4)
        canvas.disc(sun, min(w, h) * random.range(0.26, 0.34), palette.accent.mixed(palette.ground, 0.45))
        let noise = Noise(&random)
        for layer in 0..<2 {
            var ground: [Point] = []
            for step in 0...60 {
                let x = w * Double(step) / 60
                ground.append(
                    Point(x, h * (0.86 + 0.06 * Double(layer)) - noise.at(x / h * 2, Double(layer) * 5) * h * 0.05))
            }
            let ink = palette.inks[1].mixed(palette.ground, 0.5 - 0.4 * Double(layer))
            canvas.fill(ground + [Point(w, h), Point(0, h)], ink)
        }
        var tips: [(place: Point, depth: Int)] = []
        let bark = palette.inks[2].darker(0.35)
        let lean = random.range(-0.14, 0.14)
        grow(
            &canvas, &random, Point(w * random.range(0.42, 0.58), h * 0.93), -.pi / 2 + lean,
            h * random.range(0.19, 0.23),
            h * 0.036, 0, bark, &tips)
        let blossoms = [palette.inks[0], palette.inks[0].lighter(0.35), palette.accent, palette.inks[3]]
        for tip in tips.shuffled(using: &random) {
            for _ in 0..<(tip.depth > 6 ? 4 : 2) {
                let spot = tip.place + Point(random.normal(h * 0.013), random.normal(h * 0.013))
                blossom(&canvas, &random, spot, h * random.range(0.004, 0.0105), random.pick(blossoms))
            }
        }
        for _ in 0..<70 {
            let spot = Point(random.range(0, w), h * random.range(0.3, 0.98))
            blossom(&canvas, &random, spot, h * random.range(0.003, 0.007), random.pick(blossoms).faded(0.8))
        }
        return canvas
    }

    private static func grow(
        _ canvas: inout Canvas, _ random: inout Random, _ root: Point, _ angle: Double, _ length: Double,
        _ thick: Double, _ depth: Int, _ ink: Ink, _ tips: inout [(place: Point, depth: Int)]
    ) {
        let bend = random.range(-0.22, 0.22)
        let tip = root.moved(length, angle + bend)
        let path = Canvas.smooth([root, root.moved(length * 0.5, angle - bend * 0.4), tip], steps: 5, closed: false)
        let next = thick * 0.7
        canvas.stroke(path, ink) { thick + (next - thick) * $0 }
        if depth >= 4 { tips.append((tip, depth)) }
        guard depth < 9, length > 5 else { return }
        let arms = random.chance(0.22) ? 3 : 2
        for arm in 0..<arms {
            let spread = arms == 2 ? (Double(arm) - 0.5) * 1.1 : (Double(arm) - 1) * 0.75
            grow(
                &canvas, &random, tip, angle + bend * 0.5 + spread * random.range(0.6, 1.15),
                length * random.range(0.68, 0.88), next * random.range(0.72, 0.95), depth + 1, ink, &tips)
        }
    }

    private static func blossom(
        _ canvas: inout Canvas, _ random: inout Random, _ center: Point, _ size: Double, _ ink: Ink
    ) {
        let turn = random.range(0, 6.28)
        for petal in 0..<5 {
            canvas.disc(center.moved(size * 0.62, turn + Double(petal) * 1.2566), size * 0.56, ink.faded(0.9))
        }
        canvas.disc(center, size * 0.28, ink.darker(0.45))
    }

    /// A plate out of a herbarium: fronds, seed heads, stalks with berries.
    @Sendable static func herbarium(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Brushwork.paper(&random, width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let count = max(4, Int(w / h * 5.4))
        for index in 0..<count {
            let x = w * (Double(index) + 0.5) / Double(count) + random.range(-14, 14)
            let foot = Point(x, h * 0.93)
            let tall = h * random.range(0.55, 0.8)
            let curve = random.range(-0.22, 0.22)
            let stem = (0...30).map { step -> Point in
                let t = Double(step) / 30
                return Point(foot.x + curve * tall * t * t, foot.y - tall * t)
            }
            let ink = palette.inks[(index + random.int(0...1)) % palette.inks.count]
            canvas.stroke(stem, ink.darker(0.25)) { 4.2 - 3 * $0 }
            switch (index + random.int(0...1)) % 4 {
            case 0: fern(&canvas, stem, tall * 0.24, ink)
            case 1: umbel(&canvas, &random, stem, tall * 0.26, ink, palette.accent)
            case 2: berries(&canvas, &random, stem, tall * 0.12, ink, palette.accent)
            default: leaves(&canvas, &random, stem, tall * 0.2, ink)
            }
        }
        canvas.stroke([Point(w * 0.06, h * 0.955), Point(w * 0.94, h * 0.955)], palette.inks[2].faded(0.5), width: 1.5)
        return canvas
    }

    private static func direction(_ path: [Point], _ index: Int) -> Double {
        let along = path[min(index + 1, path.count - 1)] - path[max(index - 1, 0)]
        return atan2(along.y, along.x)
    }

    private static func fern(_ canvas: inout Canvas, _ stem: [Point], _ size: Double, _ ink: Ink) {
        for index in 3..<stem.count {
            let t = Double(index) / Double(stem.count)
            let reach = size * pow(sin(.pi * (0.12 + 0.88 * t)), 0.8)
            for side in [-1.0, 1.0] {
                let angle = direction(stem, index) + side * 1.02
                let frond = (0...12).map { step -> Point in
                    let u = Double(step) / 12
                    return stem[index].moved(reach * u, angle - side * 0.35 * u)
                }
                canvas.stroke(frond, ink.faded(0.9)) { 1.9 - 1.3 * $0 }
                for leaf in 2..<12 {
                    let small = reach * 0.14 * (1 - Double(leaf) / 14)
                    for turn in [-1.0, 1.0] {
                        let tip = frond[leaf].moved(small, angle + turn * 0.9)
                        let shape = [
                            frond[leaf], Point.mix(frond[leaf], tip, 0.5).moved(small * 0.26, angle), tip,
                            Point.mix(frond[leaf], tip, 0.5).moved(-small * 0.26, angle),
                        ]
                        canvas.fill(Canvas.smooth(shape, steps: 4), ink.lighter(0.08))
                    }
                }
            }
        }
    }

    private static func umbel(
        _ canvas: inout Canvas, _ random: inout Random, _ stem: [Point], _ size: Double, _ ink: Ink, _ accent: Ink
    ) {
        guard let top = stem.last else { return }
        for ray in 0..<17 {
            let angle = -.pi / 2 + (Double(ray) - 8) * 0.155
            let tip = top.moved(size * random.range(0.82, 1), angle)
            canvas.stroke([top, tip], ink, width: 1.3)
            for seed in 0..<9 {
                let way = angle + (Double(seed) - 4) * 0.3
                let end = tip.moved(size * 0.17, way)
                canvas.stroke([tip, end], ink.faded(0.8), width: 0.9)
                canvas.disc(end, size * 0.021, accent)
            }
        }
    }

    private static func berries(
        _ canvas: inout Canvas, _ random: inout Random, _ stem: [Point], _ size: Double, _ ink: Ink, _ accent: Ink
    ) {
        for index in stride(from: 8, to: stem.count, by: 2) {
            let side = index % 4 == 0 ? 1.0 : -1.0
            let angle = direction(stem, index) + side * 0.8
            let tip = stem[index].moved(size * random.range(0.6, 1), angle)
            canvas.stroke([stem[index], tip], ink, width: 1.5)
            let radius = size * random.range(0.13, 0.2)
            canvas.disc(tip, radius, accent)
            canvas.disc(tip + Point(-radius * 0.3, -radius * 0.35), radius * 0.28, accent.lighter(0.7))
        }
    }

    private static func leaves(
        _ canvas: inout Canvas, _ random: inout Random, _ stem: [Point], _ size: Double, _ ink: Ink
    ) {
        for index in stride(from: 4, to: stem.count, by: 3) {
            for side in [-1.0, 1.0] {
                let angle = direction(stem, index) + side * random.range(0.6, 0.85)
                let long = size * (1.1 - Double(index) / Double(stem.count) * 0.7)
                let path = (0...10).map { stem[index].moved(long * Double($0) / 10, angle + side * 0.03 * Double($0)) }
                guard let outline = Canvas.ribbon(path, { long * 0.36 * pow(sin(.pi * $0), 0.9) + 0.4 }) else {
                    continue
                }
                canvas.fill(outline, ink.lighter(side > 0 ? 0.14 : 0))
                canvas.stroke(path, ink.darker(0.3).faded(0.7), width: 1.1)
            }
        }
    }
}
