import Foundation

/// Filled and stroked shapes. Edges are anti-aliased by exact horizontal coverage on four lines for each pixel row.
extension Canvas {
    private static let lines = 4

    /// Fills polygons by the non-zero rule.
    mutating func fill(_ polygons: [[Point]], _ ink: Ink) {
        cover(polygons) { canvas, x, y, coverage in canvas.blend(x, y, ink, coverage) }
    }

    mutating func fill(_ polygon: [Point], _ ink: Ink) { fill([polygon], ink) }

    /// Fills with a colour that depends on the place.
    mutating func fill(_ polygon: [Point], shade: (_ x: Double, _ y: Double) -> Ink) {
        cover([polygon]) { canvas, x, y, coverage in
            canvas.blend(x, y, shade(Double(x) + 0.5, Double(y) + 0.5), coverage)
        }
    }

    /// Calls `paint` for every pixel that the polygons touch, with how much of it they cover.
    mutating func cover(_ polygons: [[Point]], _ paint: (inout Canvas, Int, Int, Float) -> Void) {
        let edges = polygons.flatMap { polygon in
            zip(polygon, polygon.dropFirst() + polygon.prefix(1)).filter { $0.y != $1.y }
        }
        guard let top = edges.map({ min($0.0.y, $0.1.y) }).min(), let bottom = edges.map({ max($0.0.y, $0.1.y) }).max()
        else { return }
        let first = max(0, Int(top.rounded(.down)))
        let last = min(height - 1, Int(bottom.rounded(.up)))
        guard first <= last else { return }
        var starts = [[Int]](repeating: [], count: last - first + 1)
        for (index, edge) in edges.enumerated() {
            let row = Int(min(edge.0.y, edge.1.y).rounded(.down))
            guard row <= last, max(edge.0.y, edge.1.y) >= Double(first) else { continue }
            starts[max(row, first) - first].append(index)
        }
        var active: [Int] = []
        var coverage = [Float](repeating: 0, count: width)
        var crossings: [(x: Double, winding: Int)] = []
        for y in first...last {
            active += starts[y - first]
            active.removeAll { max(edges[$0].0.y, edges[$0].1.y) < Double(y) }
            if active.isEmpty { continue }
            var left = width
            var right = -1
            for line in 0..<Self.lines {
                let level = Double(y) + (Double(line) + 0.5) / Double(Self.lines)
                crossings.removeAll(keepingCapacity: true)
                for index in active {
                    let (a, b) = edges[index]
                    guard (a.y <= level) != (b.y <= level) else { continue }
                    crossings.append((a.x + (level - a.y) / (b.y - a.y) * (b.x - a.x), a.y < b.y ? 1 : -1))
                }
                crossings.sort { $0.x < $1.x }
                var winding = 0
                for (index, crossing) in crossings.enumerated() {
                    winding += crossing.winding
                    guard winding != 0, index + 1 < crossings.count else { continue }
                    span(crossing.x, crossings[index + 1].x, &coverage, &left, &right)
                }
            }
            guard left <= right else { continue }
            for x in left...right where coverage[x] > 0 {
                paint(&self, x, y, min(coverage[x], 1))
                coverage[x] = 0
            }
        }
    }

    private func span(_ from: Double, _ to: Double, _ coverage: inout [Float], _ left: inout Int, _ right: inout Int) {
        let from = max(from, 0)
        let to = min(to, Double(width))
        guard from < to else { return }
        let share = 1 / Float(Self.lines)
        let first = Int(from)
        let last = min(Int(to), width - 1)
        left = min(left, first)
        right = max(right, last)
        if first == last {
            coverage[first] += Float(to - from) * share
            return
        }
        coverage[first] += Float(Double(first + 1) - from) * share
        for x in (first + 1)..<max(last, first + 1) { coverage[x] += share }
        coverage[last] += Float(to - Double(last)) * share
    }

    mutating func disc(_ center: Point, _ radius: Double, _ ink: Ink) {
        distance(center, radius + 1) { canvas, x, y, distance in
            let coverage = radius + 0.5 - distance
            if coverage > 0 { canvas.blend(x, y, ink, Float(min(coverage, 1))) }
        }
    }

    mutating func ring(_ center: Point, _ radius: Double, _ thickness: Double, _ ink: Ink) {
        distance(center, radius + thickness) { canvas, x, y, distance in
            let coverage = thickness / 2 + 0.5 - abs(distance - radius)
            if coverage > 0 { canvas.blend(x, y, ink, Float(min(coverage, 1))) }
        }
    }

    /// Light that falls off smoothly.
    mutating func halo(_ center: Point, _ radius: Double, _ ink: Ink, _ strength: Double) {
        distance(center, radius) { canvas, x, y, distance in
            let fall = 1 - distance / radius
            if fall > 0 { canvas.glow(x, y, ink, Float(strength * fall * fall * (3 - 2 * fall))) }
        }
    }

    /// Calls `paint` for every pixel near a point, with its distance.
    mutating func distance(
        _ center: Point, _ radius: Double, _ paint: (inout Canvas, Int, Int, Double) -> Void
    ) {
        let top = max(0, Int((center.y - radius).rounded(.down)))
        let bottom = min(height - 1, Int((center.y + radius).rounded(.up)))
        let left = max(0, Int((center.x - radius).rounded(.down)))
        let right = min(width - 1, Int((center.x + radius).rounded(.up)))
        guard top <= bottom, left <= right else { return }
        for y in top...bottom {
            for x in left...right {
                let dx = Double(x) + 0.5 - center.x
                let dy = Double(y) + 0.5 - center.y
                paint(&self, x, y, (dx * dx + dy * dy).squareRoot())
            }
        }
    }

    /// A line of varying width along points; round enough for curves of many points.
    mutating func stroke(_ points: [Point], _ ink: Ink, width: (Double) -> Double) {
        guard let outline = Self.ribbon(points, width) else { return }
        fill(outline, ink)
        guard let first = points.first, let last = points.last else { return }
        if width(0) > 1.2 { disc(first, width(0) / 2, ink) }
        if width(1) > 1.2 { disc(last, width(1) / 2, ink) }
    }

    mutating func stroke(_ points: [Point], _ ink: Ink, width: Double) { stroke(points, ink) { _ in width } }

    /// The outline of a line with a width that depends on how far along (0…1) it is.
    static func ribbon(_ points: [Point], _ width: (Double) -> Double) -> [Point]? {
        guard points.count >= 2 else { return nil }
        var left: [Point] = []
        var right: [Point] = []
        for index in points.indices {
            let before = points[max(index - 1, 0)]
            let after = points[min(index + 1, points.count - 1)]
            let along = after - before
            let length = max(along.length, 1e-9)
            let half = width(Double(index) / Double(points.count - 1)) / 2
            let normal = Point(-along.y / length * half, along.x / length * half)
            left.append(points[index] + normal)
            right.append(points[index] - normal)
        }
        return left + right.reversed()
    }

    /// A closed smooth curve through points (Catmull–Rom).
    static func smooth(_ points: [Point], steps: Int = 8, closed: Bool = true) -> [Point] {
        let count = points.count
        guard count >= 3 else { return points }
        func at(_ index: Int) -> Point {
            closed ? points[(index + count) % count] : points[min(max(index, 0), count - 1)]
        }
        var result: [Point] = []
        for index in 0..<(closed ? count : count - 1) {
            let (a, b, c, d) = (at(index - 1), at(index), at(index + 1), at(index + 2))
            for step in 0..<steps {
                let t = Double(step) / Double(steps)
                let first = b * 2 + (c - a) * t
                let second = (a * 2 - b * 5 + c * 4 - d) * (t * t)
                let third = (b * 3 - a - c * 3 + d) * (t * t * t)
                result.append((first + second + third) * 0.5)
            }
        }
        if !closed, let last = points.last { result.append(last) }
        return result
    }

    /// A regular polygon.
    static func polygon(_ center: Point, _ radius: Double, sides: Int, turn: Double = 0) -> [Point] {
        (0..<sides).map { center.moved(radius, turn + 2 * .pi * Double($0) / Double(sides)) }
    }
}
