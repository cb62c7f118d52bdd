import Terminal

/// How far something is: a bar and a number, so that it reads without colour.
@MainActor enum Gauge {
    static func draw(_ fraction: Double, on surface: any Surface, in area: Rect) {
        let value = min(1, max(0, fraction))
        let (bar, number) = area.split(left: area.width - 6, gap: 1)
        let full = Int((Double(bar.width) * value).rounded())
        surface.put(String(repeating: "━", count: full), in: bar, .accent)
        surface.put(String(repeating: "─", count: bar.width - full), in: bar.split(left: full).1, .dim)
        surface.put("\(Int(value * 100)) %", in: number, alignment: .right)
    }
}
