import Testing

/// Whether a gradient is that of a measure: its slope along a direction, by a difference of two steps, is the sum of products
/// of both to within 3 %.
func expectSlope(
    of measure: ([Float]) -> Double, at place: [Float], along direction: [Float], gradient: [Float], step: Float = 2e-4
) {
    func value(_ step: Float) -> Double { measure(zip(place, direction).map { $0 + step * $1 }) }
    let slope = (value(step) - value(-step)) / Double(2 * step)
    let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(slope - expected) < 0.03 * abs(expected), "\(slope) \(expected)")
}
