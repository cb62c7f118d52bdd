import Foundation

/// Pictures made of many lines: fields of flow, moiré, marbled paper.
enum Flows {
    /// Threads that follow a smooth field.
    static func field(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let noise = Noise(&random)
        let scale = random.range(0.9, 1.7)
        let swirl = Point(w * random.range(0.3, 0.7), h * random.range(0.3, 0.7))
        let pull = random.range(-0.9, 0.9)
        for index in 0..<2_600 {
            var point = Point(random.range(-0.1, 1.1) * w, random.range(-0.1, 1.1) * h)
            var path = [point]
            for _ in 0..<random.int(30...110) {
                let turn = noise.fractal(point.x / h * scale, point.y / h * scale, octaves: 2) * 4.4
                let around = atan2(point.y - swirl.y, point.x - swirl.x) + .pi / 2
                let near = exp(-(point - swirl).length / (h * 0.35))
                point = point.moved(5, turn * (1 - near) + around * near * (1 + pull))
                path.append(point)
            }
            let zone = noise.at(path[0].x / h * 1.4 + 9, path[0].y / h * 1.4)
            let choice = Int(abs(zone * 5 + random.range(-0.6, 0.6))) % palette.inks.count
            let ink = index % 23 == 0 ? palette.accent : palette.inks[choice]
            let thick = random.range(1.2, 4.6)
            canvas.stroke(path, ink.faded(0.82)) { thick * sin(.pi * (0.06 + 0.9 * $0)) }
        }
        return canvas
    }

    /// Rings over rings: what appears is in neither.
    static func moire(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let step = h / random.range(62, 84)
        let centers = (0..<3).map { index -> Point in
            let angle = random.range(0, 0.6) + Double(index) * 2.1
            return Point(w / 2, h / 2).moved(h * random.range(0.05, 0.16), angle)
        }
        for (index, center) in centers.enumerated() {
            let ink = [palette.inks[0], palette.inks[2], palette.accent][index]
            let wobble = random.range(2, 5).rounded()
            let amount = random.range(0.01, 0.045)
            let reach = (w * w + h * h).squareRoot()
            for y in 0..<height {
                for x in 0..<width {
                    let place = Point(Double(x) + 0.5, Double(y) + 0.5) - center
                    let angle = atan2(place.y, place.x)
                    let radius = place.length * (1 + amount * sin(angle * wobble))
                    guard radius < reach else { continue }
                    let phase = abs((radius / step).truncatingRemainder(dividingBy: 1) - 0.5) * step
                    let coverage = min(max(step * 0.17 - phase + 0.5, 0), 1)
                    if coverage > 0 { canvas.glaze(x, y, ink, Float(coverage)) }
                }
            }
        }
        return canvas
    }

    /// Ink drops on water, combed: marbled paper.
    static func marble(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        var drops: [(center: Point, radius: Double, ink: Ink)] = []
        let inks = palette.inks + [palette.accent, palette.ground]
        for _ in 0..<110 {
            let spot = Point(random.range(-0.1, 1.1) * w, random.range(-0.1, 1.1) * h)
            drops.append((spot, h * random.range(0.03, 0.13), random.pick(inks)))
        }
        let combs = (0..<6).map { index -> (at: Double, down: Bool, pull: Double) in
            (random.range(0.05, 0.95), index % 2 == 0, random.range(0.1, 0.26) * (random.chance(0.5) ? 1 : -1))
        }
        let sharp = h * 0.045
        let samples = [Point(-0.25, -0.25), Point(0.25, -0.25), Point(-0.25, 0.25), Point(0.25, 0.25)]
        for y in 0..<height {
            for x in 0..<width {
                for sample in samples {
                    var point = Point(Double(x) + 0.5 + sample.x, Double(y) + 0.5 + sample.y)
                    // Backwards through the combing, then through the drops (Jaffer's mathematical marbling).
                    for comb in combs.reversed() {
                        if comb.down {
                            point.y -= comb.pull * h * pow(0.5, abs(point.x - comb.at * w) / sharp)
                        } else {
                            point.x -= comb.pull * h * pow(0.5, abs(point.y - comb.at * h) / sharp)
                        }
                    }
                    var ink = palette.ground
                    for drop in drops.reversed() {
                        let away = point - drop.center
                        let square = away.x * away.x + away.y * away.y
                        let radius = drop.radius * drop.radius
                        if square < radius {
                            ink = drop.ink
                            break
                        }
                        point = drop.center + away * (1 - radius / square).squareRoot()
                    }
                    canvas.blend(x, y, ink, sample == samples[0] ? 1 : 1 / (1 + Float(samples.firstIndex(of: sample) ?? 0)))
                }
            }
        }
        return canvas
    }
}
