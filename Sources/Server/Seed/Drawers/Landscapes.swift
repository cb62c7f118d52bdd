import Foundation

/// Landscapes: ranges of hills in mist, waves, skies at night.
enum Landscapes {
    /// Ranges behind ranges, paler with distance, with a low sun.
    @Sendable static func hills(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let noise = Noise(&random)
        let far = palette.inks[0].mixed(palette.ground, 0.55)
        canvas.gradient([
            (0, palette.inks[1].mixed(palette.ground, 0.45)), (0.35, palette.ground),
            (0.62, palette.accent.mixed(palette.ground, 0.35)), (1, palette.ground),
        ])
        let sun = Point(random.range(0.25, 0.75) * w, random.range(0.22, 0.36) * h)
        let radius = random.range(0.045, 0.085) * h
        canvas.halo(sun, h * 0.5, palette.accent, 0.35)
        canvas.disc(sun, radius, palette.accent.lighter(0.35))
        let layers = random.int(6...8)
        for layer in 0..<layers {
            let depth = Double(layer) / Double(layers - 1)
            let base = h * (0.40 + 0.52 * depth)
            let relief = h * (0.13 - 0.05 * depth)
            let shift = Double(layer) * 17.3
            var line: [Point] = []
            for step in 0...(width / 3) {
                let x = Double(step) * 3
                let u = x / h
                let ridge = noise.fractal(u * (1.1 + depth) + shift, shift, octaves: layer < 3 ? 6 : 5)
                line.append(Point(x, base - relief * (ridge * 1.9 + 0.25)))
            }
            let near = palette.inks[2].darker(0.35 * depth)
            let ink = far.mixed(near, pow(depth, 0.8))
            let mist = ink.mixed(palette.ground, 0.5 * (1 - depth))
            let span = h * 0.30
            canvas.fill(line + [Point(w, h), Point(0, h)]) { _, y in
                ink.mixed(mist, min(1, max(0, (y - base + relief) / span)))
            }
            if layer >= layers - 2 { pines(&canvas, &random, along: line, ink: ink.darker(0.25), size: h * 0.05) }
        }
        birds(&canvas, &random, near: sun, ink: palette.inks[2])
        return canvas
    }

    private static func pines(
        _ canvas: inout Canvas, _ random: inout Random, along line: [Point], ink: Ink, size: Double
    ) {
        var index = 0
        while index < line.count {
            let foot = line[index] + Point(0, size * 0.1)
            let tall = size * random.range(0.5, 1.25)
            var tree: [Point] = [foot + Point(0, -tall)]
            var mirrored: [Point] = []
            for tier in 1...5 {
                let y = foot.y - tall * (1 - Double(tier) / 5)
                let reach = tall * 0.22 * Double(tier) / 5
                tree += [Point(foot.x + reach, y), Point(foot.x + reach * 0.5, y - tall * 0.02)]
                mirrored += [Point(foot.x - reach, y), Point(foot.x - reach * 0.5, y - tall * 0.02)]
            }
            canvas.fill(tree + mirrored.reversed(), ink)
            index += random.int(3...14)
        }
    }

    private static func birds(_ canvas: inout Canvas, _ random: inout Random, near sun: Point, ink: Ink) {
        let size = Double(canvas.height) * 0.012
        for _ in 0..<random.int(3...7) {
            let body = sun + Point(random.normal(size * 9), random.normal(size * 5))
            let lift = random.range(0.35, 0.8)
            let wing = [
                body + Point(-size, -size * lift), body + Point(-size * 0.4, -size * 0.55), body,
                body + Point(size * 0.4, -size * 0.55), body + Point(size, -size * lift),
            ]
            canvas.stroke(Canvas.smooth(wing, closed: false), ink) { 0.6 + 1.8 * sin($0 * .pi) }
        }
    }

    /// Rows of waves with curling foam under a pale sky.
    @Sendable static func waves(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        canvas.gradient([(0, palette.ground), (0.45, palette.accent.mixed(palette.ground, 0.65)), (1, palette.ground)])
        let moon = Point(w * random.range(0.2, 0.8), h * random.range(0.14, 0.24))
        canvas.disc(moon, h * 0.09, palette.accent)
        for band in 0..<5 {
            let y = moon.y + h * 0.03 * Double(band - 1)
            canvas.stroke(
                [Point(moon.x - h * 0.16 + random.range(0, 60), y), Point(moon.x + h * 0.13 + random.range(0, 60), y)],
                palette.ground.faded(0.8), width: h * 0.006)
        }
        let noise = Noise(&random)
        let rows = 9
        for row in 0..<rows {
            let depth = Double(row) / Double(rows - 1)
            let base = h * (0.34 + 0.62 * depth)
            let length = h * (0.16 + 0.34 * depth)
            let tall = h * (0.025 + 0.07 * depth)
            let phase = random.range(0, 1)
            var crest: [Point] = []
            for step in 0...(width / 2) {
                let x = Double(step) * 2
                let swell = noise.at(x / length * 0.4, Double(row) * 7.7)
                var t = (x / length + phase + swell * 0.5)
                t -= t.rounded(.down)
                // A wave rises slowly and falls steeply.
                let profile = t < 0.72 ? pow(t / 0.72, 1.8) : pow((1 - t) / 0.28, 1.2)
                crest.append(Point(x, base - tall * profile * (1 + 0.4 * swell)))
            }
            let ink = palette.inks[row % 4].mixed(palette.inks[0], 0.35 + 0.4 * depth)
            canvas.fill(crest + [Point(w, h), Point(0, h)]) { _, y in
                ink.mixed(palette.inks[3], max(0, 0.5 - (y - base + tall) / (tall * 3)))
            }
            for line in 1...3 {
                let drop = tall * (0.25 + 0.32 * Double(line))
                let lower = crest.map { $0 + Point(0, drop) }
                canvas.stroke(lower, palette.ground.faded(0.34 / Double(line)), width: 1 + depth * 1.6)
            }
            canvas.stroke(crest, palette.ground.lighter(0.5), width: 1.6 + 3.4 * depth)
            foam(&canvas, &random, along: crest, top: base - tall * 0.72, size: tall * 0.13, ink: palette.ground)
        }
        return canvas
    }

    private static func foam(
        _ canvas: inout Canvas, _ random: inout Random, along crest: [Point], top: Double, size: Double, ink: Ink
    ) {
        for point in crest where point.y < top && random.chance(0.35) {
            let spot = point + Point(random.normal(size * 2), random.normal(size) - size * 0.5)
            canvas.disc(spot, size * random.range(0.15, 0.8), ink.lighter(0.6).faded(random.range(0.5, 1)))
        }
    }

    /// Stars, a band of the galaxy, a lake that repeats the sky.
    @Sendable static func night(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let noise = Noise(&random)
        let horizon = h * random.range(0.66, 0.74)
        let tilt = random.range(-0.7, 0.7)
        let glowInk = palette.inks[0]
        let veil = palette.inks[3]
        let sky = palette.ground
        canvas.paint { x, y in
            let v = y / horizon
            var ink = sky.darker(0.35).mixed(palette.inks[1].darker(0.35), pow(max(0, v), 3) * 0.55)
            let across = (x - w / 2) * cos(tilt) + (y - h * 0.3) * sin(tilt)
            let cloud = noise.fractal(x / h * 3, y / h * 3, octaves: 4)
            let band = exp(-pow(across / (w * 0.16) + cloud * 0.8, 2))
            ink = ink.mixed(veil, band * (0.28 + 0.4 * cloud))
            let curtain = noise.fractal(x / h * 1.6 + 40, y / h * 0.25, octaves: 3)
            let aurora = exp(-pow((v - 0.55 - curtain * 0.5) / 0.16, 2)) * (0.5 + curtain)
            return ink.mixed(glowInk, max(0, aurora) * 0.6)
        }
        for _ in 0..<Int(w * horizon / 900) {
            let star = Point(random.range(0, w), random.range(0, horizon))
            let bright = pow(random.unit(), 4)
            canvas.disc(star, 0.35 + bright * 1.3, palette.accent.faded(0.35 + bright * 0.65))
            if bright > 0.8 { canvas.halo(star, 9 * bright, palette.accent, 0.3) }
        }
        // The water repeats what stands above it, darker and blurred by ripples.
        for y in Int(horizon)..<height {
            let depth = (Double(y) - horizon) / (h - horizon)
            for x in 0..<width {
                let ripple = noise.at(Double(x) / 26, Double(y) / (2.2 + depth * 5)) * (2 + depth * 16)
                let source = horizon - (Double(y) - horizon) * 1.25
                let seen = canvas.ink(x + Int(ripple), Int(source + ripple * 0.4))
                canvas.blend(x, y, seen.darker(0.28 + 0.3 * depth))
            }
        }
        for layer in 0..<2 {
            var shore: [Point] = []
            for step in 0...(width / 3) {
                let x = Double(step) * 3
                let hill = noise.fractal(x / h * 2 + Double(layer) * 9, 3, octaves: 5)
                shore.append(Point(x, horizon - h * (0.05 - 0.03 * Double(layer)) * (1 + hill * 2.2)))
            }
            let ink = sky.darker(0.55 + 0.25 * Double(layer))
            let mirrored = shore.reversed().map { Point($0.x, horizon + (horizon - $0.y) * 0.5) }
            canvas.fill(shore + mirrored, ink)
            pines(&canvas, &random, along: shore, ink: ink, size: h * 0.055 * Double(layer + 1))
        }
        return canvas
    }
}
