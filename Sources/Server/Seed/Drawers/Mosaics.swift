import Foundation

/// Pictures made of many pieces: stained glass, packed circles, weaving.
enum Mosaics {
    /// Voronoi cells as glass in lead, lit from behind.
    @Sendable static func glass(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, Ink(0x14110F))
        let (w, h) = (Double(width), Double(height))
        let center = Point(w * random.range(0.35, 0.65), h * random.range(0.35, 0.6))
        var sites: [(place: Point, ink: Ink)] = []
        let rose = random.int(7...11)
        for ring in 0..<14 {
            let count = ring == 0 ? 1 : rose * (1 + ring / 3)
            for index in 0..<count {
                let angle = 2 * .pi * (Double(index) + (ring % 2 == 0 ? 0 : 0.5)) / Double(count)
                let radius = h * 0.085 * Double(ring)
                var place = center.moved(radius, angle)
                if ring > 4 { place = place + Point(random.normal(h * 0.02), random.normal(h * 0.02)) }
                let ink = ring < 5 ? palette.inks[ring % 4] : random.pick(palette.inks)
                let chosen = ring == 0 || (ring == 3 && index % 2 == 0) ? palette.accent : ink
                sites.append((place, chosen.lighter(random.range(0, 0.22)).darker(random.range(0, 0.18))))
            }
        }
        let noise = Noise(&random)
        let grain = Noise.Tile(noise, period: 34, octaves: 3)
        let grid = Grid(sites.map(\.place), cell: h * 0.09, width: w, height: h)
        for y in 0..<height {
            for x in 0..<width {
                let point = Point(Double(x) + 0.5, Double(y) + 0.5)
                let (first, edge) = grid.nearest(point)
                guard first >= 0 else { continue }
                let lead = h * 0.0042
                let coverage = min(max(edge - lead + 0.5, 0), 1)
                let texture = Double(grain.at(x, y)) * 0.34
                let light = 1.12 - (point - center).length / (w * 1.1) + texture * 0.55
                let bevel = 1 - 0.35 * exp(-max(0, edge - lead) / (h * 0.006))
                var ink = sites[first].ink
                let level = Float(max(0.12, light * bevel))
                ink = Ink(red: ink.red * level, green: ink.green * level, blue: ink.blue * level)
                canvas.blend(x, y, ink, Float(coverage))
            }
        }
        return canvas
    }

    /// Finds the nearest of many points, and how far the border to the next one is.
    private struct Grid {
        let points: [Point]
        let cell: Double
        let columns: Int
        let rows: Int
        /// For every cell the points in it and around it.
        private var neighbours: [[Int]]

        init(_ points: [Point], cell: Double, width: Double, height: Double) {
            self.points = points
            self.cell = cell
            columns = Int(width / cell) + 5
            rows = Int(height / cell) + 5
            var buckets = Array(repeating: [Int](), count: columns * rows)
            for (index, point) in points.enumerated() {
                let column = Int((point.x / cell).rounded(.down)) + 2
                let row = Int((point.y / cell).rounded(.down)) + 2
                if column >= 0, row >= 0, column < columns, row < rows { buckets[row * columns + column].append(index) }
            }
            neighbours = []
            for row in 0..<rows {
                for column in 0..<columns {
                    var near: [Int] = []
                    for reach in [2, 4] where near.count < 3 {
                        near = []
                        for y in max(0, row - reach)...min(rows - 1, row + reach) {
                            for x in max(0, column - reach)...min(columns - 1, column + reach) {
                                near += buckets[y * columns + x]
                            }
                        }
                    }
                    neighbours.append(near)
                }
            }
        }

        func nearest(_ point: Point) -> (index: Int, border: Double) {
            let near = neighbours[(Int(point.y / cell) + 2) * columns + Int(point.x / cell) + 2]
            var first = -1
            var best = Double.infinity
            for index in near {
                let length = (points[index] - point).length
                if length < best { (first, best) = (index, length) }
            }
            guard first >= 0 else { return (-1, 0) }
            var border = Double.infinity
            for index in near where index != first {
                let across = points[index] - points[first]
                let middle = (points[index] + points[first]) * 0.5 - point
                border = min(border, (middle.x * across.x + middle.y * across.y) / max(across.length, 1e-9))
            }
            return (first, border)
        }
    }

    /// Circles of every size that do not touch, each with rings inside.
    @Sendable static func circles(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.ground)
        let (w, h) = (Double(width), Double(height))
        var placed: [(center: Point, radius: Double)] = []
        let inks = palette.inks + [palette.accent]
        for attempt in 0..<9_000 {
            let center = Point(random.range(0, w), random.range(0, h))
            let most = h * (0.16 * pow(1 - Double(attempt) / 9_000, 2.4) + 0.008)
            var free = min(most, center.x - 8, center.y - 8, w - center.x - 8, h - center.y - 8)
            for other in placed {
                free = min(free, (other.center - center).length - other.radius - 3)
                if free < h * 0.006 { break }
            }
            guard free >= h * 0.006 else { continue }
            placed.append((center, free))
            let ink = random.pick(inks)
            canvas.disc(center + Point(free * 0.05, free * 0.08), free, palette.inks[0].darker(0.5).faded(0.12))
            canvas.disc(center, free, ink)
            guard free > h * 0.02 else { continue }
            switch random.int(0...3) {
            case 0:
                for ring in stride(from: 0.82, to: 0.1, by: -0.2) {
                    canvas.disc(center, free * ring, random.pick(inks).mixed(ink, 0.25))
                }
            case 1:
                let petals = random.int(6...14)
                let other = random.pick(inks)
                for petal in 0..<petals {
                    let angle = 2 * .pi * Double(petal) / Double(petals)
                    let tip = center.moved(free * 0.86, angle)
                    let side = 0.26 * free
                    canvas.fill(
                        Canvas.smooth([
                            center, center.moved(free * 0.5, angle - 0.24), tip, center.moved(free * 0.5, angle + 0.24),
                        ]),
                        palette.ground.faded(0.86))
                    canvas.disc(center.moved(free * 0.62, angle), side * 0.22, other)
                }
                canvas.disc(center, free * 0.2, other)
            case 2:
                for line in 0..<Int(free / 5) {
                    canvas.ring(center, Double(line) * 5 + 3, 1.4, palette.ground.faded(0.7))
                }
            default:
                canvas.ring(center, free * 0.74, free * 0.07, palette.ground)
                canvas.disc(center, free * 0.34, palette.ground)
                canvas.disc(center, free * 0.2, random.pick(inks))
            }
        }
        return canvas
    }

    /// Over and under: bands of cloth with light on every thread.
    @Sendable static func weave(_ random: inout Random, _ width: Int, _ height: Int, _ palette: Palette) -> Canvas {
        var canvas = Canvas(width, height, palette.inks[2].darker(0.7))
        let unit = Double(height) / random.range(26, 36).rounded()
        let columns = Int(Double(width) / unit) + 1
        let rows = Int(Double(height) / unit) + 1
        let inks = palette.inks + [palette.accent, palette.ground]
        func stripes(_ count: Int) -> [Ink] {
            var sett: [Ink] = []
            for _ in 0..<random.int(3...5) {
                let ink = random.pick(inks)
                sett += Array(repeating: ink, count: random.int(1...5))
            }
            sett += sett.reversed()
            return (0..<count).map { sett[$0 % sett.count] }
        }
        let warp = stripes(columns)
        let weft = stripes(rows)
        let twill = random.int(2...3)
        for row in 0..<rows {
            for column in 0..<columns {
                let over = (row + column) % (twill * 2) < twill
                let ink = over ? warp[column] : weft[row]
                let left = Double(column) * unit
                let top = Double(row) * unit
                let margin = unit * 0.06
                let x0 = left + (over ? margin : 0)
                let x1 = left + unit - (over ? margin : 0)
                let y0 = top + (over ? 0 : margin)
                let y1 = top + unit - (over ? 0 : margin)
                let tilt = random.range(-0.06, 0.06)
                canvas.fill([Point(x0, y0), Point(x1, y0), Point(x1, y1), Point(x0, y1)]) { x, y in
                    let across = over ? (x - left) / unit : (y - top) / unit
                    let round = sin(across * .pi)
                    let fibre = 0.06 * sin((over ? x * 2.1 + y * 0.25 : y * 2.1 + x * 0.25) * 1.3)
                    return ink.darker(0.42 * (1 - round) + tilt + 0.06).lighter(max(0, 0.16 * round * round + fibre))
                }
            }
        }
        return canvas
    }
}
