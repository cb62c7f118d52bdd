import Foundation

/// Pictures made of many lines: fields of flow, moiré, marbled paper.
enum Flows {
    /// Threads that follow a smooth field.
    @Sendable static func field(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
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
    @Sendable static func moire(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        let step = h / random.range(34, 52)
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
    @Sendable static func marble(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        var drops: [(center: Point, radius: Double, ink: Ink)] = []
        let inks = palette.inks + [palette.accent, palette.ground]
        for _ in 0..<60 {
            let spot = Point(random.range(-0.1, 1.1) * w, random.range(-0.1, 1.1) * h)
            drops.append((spot, h * random.range(0.03, 0.13), random.pick(inks)))
        }
        let combs = (0..<6).map { index -> (at: Double, down: Bool, pull: Double) in
            (random.range(0.05, 0.95), index % 2 == 0, random.range(0.1, 0.26) * (random.chance(0.5) ? 1 : -1))
        }
        let sharp = h * 0.045
        func color(_ x: Double, _ y: Double) -> Ink {
            var point = Point(x, y)
            // Backwards through the combing, then through the drops (Jaffer's mathematical marbling).
            for comb in combs.reversed() {
                if comb.down {
                    point.y -= comb.pull * h * exp2(-abs(point.x - comb.at * w) / sharp)
                } else {
                    point.x -= comb.pull * h * exp2(-abs(point.y - comb.at * h) / sharp)
                }
            }
            for drop in drops.reversed() {
                let away = point - drop.center
                let square = away.x * away.x + away.y * away.y
                let radius = drop.radius * drop.radius
                if square < radius { return drop.ink }
                point = drop.center + away * (1 - radius / square).squareRoot()
            }
            return palette.ground
        }
        // One sample for each pixel; where neighbours differ, four.
        let first = (0..<(width * height)).map { color(Double($0 % width) + 0.5, Double($0 / width) + 0.5) }
        for y in 0..<height {
            for x in 0..<width {
                let ink = first[y * width + x]
                canvas.blend(x, y, ink)
                let right = first[y * width + min(x + 1, width - 1)]
                let below = first[min(y + 1, height - 1) * width + x]
                let left = first[y * width + max(x - 1, 0)]
                let above = first[max(y - 1, 0) * width + x]
                if ink == right, ink == below, ink == left, ink == above { continue }
                for (index, shift) in [Point(0.2, 0.3), Point(0.8, 0.2), Point(0.3, 0.8), Point(0.7, 0.7)].enumerated()
                {
                    canvas.blend(x, y, color(Double(x) + shift.x, Double(y) + shift.y), 1 / Float(index + 2))
                }
            }
        }
        return canvas
    }
}
