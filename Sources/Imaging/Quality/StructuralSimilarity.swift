/// Mean structural similarity of luma (Wang, Bovik, Sheikh, Simoncelli 2004): Gaussian window of σ = 1.5 over 11 × 11
/// samples, K1 = 0.01, K2 = 0.03, averaged over all places where the window lies within the picture.
public enum StructuralSimilarity {
    private static let c1: Float = (0.01 * 255) * (0.01 * 255)
    private static let c2: Float = (0.03 * 255) * (0.03 * 255)

    /// 1 for identical planes. A picture too small for the window is compared as a single window.
    ///
    /// - Precondition: both planes have the same size.
    public static func mean(_ first: Plane, _ second: Plane) -> Double {
        precondition(first.width == second.width && first.height == second.height)
        let radius = RowBlur.radius
        guard min(first.width, first.height) > 2 * radius else { return single(first, second) }
        return mean(width: first.width, height: first.height) { y, a, b in
            first.copyRow(y, to: a)
            second.copyRow(y, to: b)
        }
    }

    /// The same, row after row.
    ///
    /// - Parameter read: writes a row of each of the two.
    /// - Precondition: both sides are at least 11.
    static func mean(
        width: Int, height: Int,
        _ read: (_ y: Int, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>) -> Void
    ) -> Double {
        let radius = RowBlur.radius
        let ring = BlurRing(width: width, quantities: 5)
        let rows = RowStore(width: width, rows: 3)
        var total = 0.0
        for y in 0..<height {
            read(y, rows[0], rows[1])
            ring.blur(rows[0], quantity: 0, row: y)
            ring.blur(rows[1], quantity: 1, row: y)
            ring.blurProduct(rows[0], rows[0], quantity: 2, row: y)
            ring.blurProduct(rows[1], rows[1], quantity: 3, row: y)
            ring.blurSquaredDifference(rows[0], rows[1], quantity: 4, row: y)
            let center = y - radius
            guard center >= radius else { continue }
            let columns = (0..<5).map { ring.columns(quantity: $0, row: center, height: height) }
            let map = rows[2]
            var x = 0
            while x < width {
                let m1 = columns[0][x]
                let m2 = columns[1][x]
                let product = m1 * m2
                let squares = m1 * m1 + m2 * m2
                // 2σ₁₂ = σ₁² + σ₂² − σ²(x₁ − x₂): the covariance itself would drown in rounding where a picture is flat.
                let differences = columns[4][x] - (m1 - m2) * (m1 - m2)
                let variances = columns[2][x] + columns[3][x] - squares + c2
                ((product * 2 + c1) / (squares + c1) * (1 - differences / variances)).store(map, x)
                x += 8
            }
            var sum: Float = 0
            for x in radius..<(width - radius) { sum += map[x] }
            total += Double(sum)
        }
        return total / Double((width - 2 * radius) * (height - 2 * radius))
    }

    private static func single(_ first: Plane, _ second: Plane) -> Double {
        let count = Double(first.values.count)
        let m1 = first.values.reduce(0) { $0 + Double($1) } / count
        let m2 = second.values.reduce(0) { $0 + Double($1) } / count
        var variances = 0.0
        var covariance = 0.0
        for (a, b) in zip(first.values, second.values) {
            let d1 = Double(a) - m1
            let d2 = Double(b) - m2
            variances += d1 * d1 + d2 * d2
            covariance += d1 * d2
        }
        let numerator = (2 * m1 * m2 + Double(c1)) * (2 * covariance / count + Double(c2))
        return numerator / ((m1 * m1 + m2 * m2 + Double(c1)) * (variances / count + Double(c2)))
    }
}

extension Plane {
    func copyRow(_ y: Int, to target: UnsafeMutablePointer<Float>) {
        values.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + y * width, count: width) }
    }
}
