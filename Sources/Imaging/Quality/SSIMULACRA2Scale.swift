/// What a channel of a scale has to compute: terms whose weights are all zero are left out.
struct ChannelTerms {
    let similarity: Bool
    let edges: Bool
    let weights: [Double]

    /// With fewer than six scales the table is read without gaps, as the published program does.
    init(channel: Int, scale: Int, scales: Int) {
        weights = SSIMULACRA2Weights.table[channel * scales + scale]
        similarity = weights[0] != 0 || weights[3] != 0
        edges = weights[1] != 0 || weights[2] != 0 || weights[4] != 0 || weights[5] != 0
    }

    static let similarityC2: Float = 0.0009
}

/// Rows of an original at one scale: XYB, its local mean and the local mean of its square.
struct ReferenceBand: Sendable {
    /// The rows that the band answers for.
    let rows: Range<Int>
    private let firstRow: Int
    private let image: RowStore
    private let means: RowStore
    private let squares: RowStore

    init(_ level: any LinearRows, scale: Int, from start: Int, rows count: Int) {
        let rows = start..<min(level.height, start + count)
        let input = max(0, rows.lowerBound - RowBlur.radius)..<min(level.height, rows.upperBound + RowBlur.radius)
        self.rows = rows
        firstRow = input.lowerBound
        image = RowStore(width: level.width, rows: 3 * input.count)
        means = RowStore(width: level.width, rows: 3 * rows.count)
        squares = RowStore(width: level.width, rows: 3 * rows.count)
        let ring = BlurRing(width: level.width, quantities: 6)
        let width = level.width
        for y in input.lowerBound..<(rows.upperBound + RowBlur.radius) {
            if y < input.upperBound {
                level.read(row: y, imageRow(0, y), imageRow(1, y), imageRow(2, y))
                XYB.convert(imageRow(0, y), imageRow(1, y), imageRow(2, y), width: width)
                for channel in 0..<3 {
                    image.clearTail(3 * (y - firstRow) + channel)
                    ring.blur(imageRow(channel, y), quantity: channel, row: y)
                    ring.blurProduct(imageRow(channel, y), imageRow(channel, y), quantity: channel + 3, row: y)
                }
            }
            let center = y - RowBlur.radius
            guard rows.contains(center) else { continue }
            for channel in 0..<3 {
                let mean = ring.columns(quantity: channel, row: center, height: level.height)
                let square = ring.columns(quantity: channel + 3, row: center, height: level.height)
                let meanRow = self.meanRow(channel, center)
                let squareRow = self.squareRow(channel, center)
                var x = 0
                while x < width {
                    mean[x].store(meanRow, x)
                    square[x].store(squareRow, x)
                    x += 8
                }
            }
        }
    }

    /// Rows from five above the band to five below it, within the picture.
    @inline(__always)
    func imageRow(_ channel: Int, _ y: Int) -> UnsafeMutablePointer<Float> { image[3 * (y - firstRow) + channel] }
    @inline(__always)
    func meanRow(_ channel: Int, _ y: Int) -> UnsafeMutablePointer<Float> {
        means[3 * (y - rows.lowerBound) + channel]
    }
    @inline(__always)
    func squareRow(_ channel: Int, _ y: Int) -> UnsafeMutablePointer<Float> {
        squares[3 * (y - rows.lowerBound) + channel]
    }
}

/// The last sixteen rows of several quantities, blurred along the row and waiting to be blurred down the column.
struct BlurRing {
    private let store: RowStore
    private let scratch: RowStore
    private let width: Int

    init(width: Int, quantities: Int) {
        self.width = width
        store = RowStore(width: width, rows: 16 * quantities)
        scratch = RowStore(width: width, rows: 1)
    }

    func blur(_ source: UnsafePointer<Float>, quantity: Int, row: Int) {
        let slot = 16 * quantity + row % 16
        RowBlur.horizontal(source, into: store[slot], width: width)
        store.clearTail(slot)
    }

    func blurProduct(_ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, quantity: Int, row: Int) {
        let product = scratch[0]
        var x = 0
        while x < width {
            (Lanes(first, x) * Lanes(second, x)).store(product, x)
            x += 8
        }
        blur(product, quantity: quantity, row: row)
    }

    func blurSquaredDifference(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, quantity: Int, row: Int
    ) {
        let square = scratch[0]
        var x = 0
        while x < width {
            let difference = Lanes(first, x) - Lanes(second, x)
            (difference * difference).store(square, x)
            x += 8
        }
        blur(square, quantity: quantity, row: row)
    }

    /// Beyond the top and bottom of the picture rows are reflected.
    func columns(quantity: Int, row: Int, height: Int) -> ColumnBlur {
        ColumnBlur { store[16 * quantity + reflected(row + $0, height) % 16] }
    }
}

/// The local differences of a picture, in units of the weighted sum, added up over scales.
final class HeatPlane {
    let width: Int
    let height: Int
    var values: [Float]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        values = [Float](repeating: 0, count: width * height)
    }

    /// Adds a row of a scale to the pixels that it stands for.
    func add(_ row: UnsafePointer<Float>, y: Int, scale: Int) {
        for target in (y << scale)..<min(height, (y + 1) << scale) {
            for x in 0..<width { values[target * width + x] += row[x >> scale] }
        }
    }
}

/// Compares one scale of a changed picture with the bands of its original, in order from the top.
final class ScaleComparison {
    private let level: any LinearRows
    private let scale: Int
    private let terms: [ChannelTerms]
    private let heat: HeatPlane?
    private var sums = [Double](repeating: 0, count: 18)

    init(_ level: any LinearRows, scale: Int, scales: Int, heat: HeatPlane?) {
        self.level = level
        self.scale = scale
        self.heat = heat
        terms = (0..<3).map { ChannelTerms(channel: $0, scale: scale, scales: scales) }
    }

    /// The weighted sum of means and 4-norms over all that was added.
    var weighted: Double {
        let count = Double(level.width * level.height)
        var total = 0.0
        for channel in 0..<3 {
            for term in 0..<3 {
                total += terms[channel].weights[term] * sums[6 * channel + term] / count
                total +=
                    terms[channel].weights[term + 3]
                    * (sums[6 * channel + term + 3] / count).squareRoot()
                    .squareRoot()
            }
        }
        return total
    }

    func add(_ band: ReferenceBand) {
        let width = level.width
        let height = level.height
        let rows = band.rows
        let image = RowStore(width: width, rows: 48)
        let ring = BlurRing(width: width, quantities: 9)
        let local = heat.map { _ in RowStore(width: width, rows: 1) }
        let last = min(height, rows.upperBound + RowBlur.radius)
        for y in max(0, rows.lowerBound - RowBlur.radius)..<(rows.upperBound + RowBlur.radius) {
            let slot = 3 * (y % 16)
            if y < last {
                level.read(row: y, image[slot], image[slot + 1], image[slot + 2])
                XYB.convert(image[slot], image[slot + 1], image[slot + 2], width: width)
                for channel in 0..<3 where terms[channel].similarity || terms[channel].edges {
                    image.clearTail(slot + channel)
                    ring.blur(image[slot + channel], quantity: channel, row: y)
                    guard terms[channel].similarity else { continue }
                    ring.blurProduct(image[slot + channel], image[slot + channel], quantity: channel + 3, row: y)
                    ring.blurSquaredDifference(
                        image[slot + channel], band.imageRow(channel, y), quantity: channel + 6, row: y)
                }
            }
            let center = y - RowBlur.radius
            guard rows.contains(center) else { continue }
            local?[0].update(repeating: 0, count: width)
            for channel in 0..<3 where terms[channel].similarity || terms[channel].edges {
                let mean = ring.columns(quantity: channel, row: center, height: height)
                if terms[channel].similarity {
                    let squares = ring.columns(quantity: channel + 3, row: center, height: height)
                    let differences = ring.columns(quantity: channel + 6, row: center, height: height)
                    addSimilarity(channel, band, center, mean, squares, differences, local?[0])
                }
                if terms[channel].edges {
                    addEdges(channel, band, center, mean, image[3 * (center % 16) + channel], local?[0])
                }
            }
            if let local, let heat { heat.add(local[0], y: center, scale: scale) }
        }
    }

    /// The published 1 − (1 − (m₁ − m₂)²)(2σ₁₂ + C₂)/(σ₁² + σ₂² + C₂), by way of the variance of the difference:
    /// σ₁² + σ₂² − 2σ₁₂ = σ²(x₁ − x₂). In single precision the covariance of flat pictures would drown in rounding.
    private func addSimilarity(
        _ channel: Int, _ band: ReferenceBand, _ y: Int, _ mean: ColumnBlur, _ squares: ColumnBlur,
        _ differences: ColumnBlur, _ local: UnsafeMutablePointer<Float>?
    ) {
        let originalMean = UnsafePointer(band.meanRow(channel, y))
        let originalSquare = UnsafePointer(band.squareRow(channel, y))
        let weight = Float(terms[channel].weights[0] + terms[channel].weights[3])
        var sum = Lanes()
        var fourth = Lanes()
        var x = 0
        while x < level.width {
            let m1 = Lanes(originalMean, x)
            let m2 = mean[x]
            let shift = (m1 - m2) * (m1 - m2)
            let variances = (Lanes(originalSquare, x) - m1 * m1) + (squares[x] - m2 * m2) + ChannelTerms.similarityC2
            let structure = (differences[x] - shift) / variances
            let raw = structure + shift - structure * shift
            let difference = (raw + raw.magnitude) * 0.5
            let square = difference * difference
            sum += difference
            fourth += square * square
            if let local { (Lanes(local, x) + difference * weight).store(local, x) }
            x += 8
        }
        sums[6 * channel] += Double(sum.sum())
        sums[6 * channel + 3] += Double(fourth.sum())
    }

    private func addEdges(
        _ channel: Int, _ band: ReferenceBand, _ y: Int, _ mean: ColumnBlur, _ image: UnsafeMutablePointer<Float>,
        _ local: UnsafeMutablePointer<Float>?
    ) {
        let original = UnsafePointer(band.imageRow(channel, y))
        let originalMean = UnsafePointer(band.meanRow(channel, y))
        let changed = UnsafePointer(image)
        let weights = terms[channel].weights
        let addedWeight = Float(weights[1] + weights[4])
        let lostWeight = Float(weights[2] + weights[5])
        var sums = (Lanes(), Lanes(), Lanes(), Lanes())
        var x = 0
        while x < level.width {
            let before = (Lanes(original, x) - Lanes(originalMean, x)).magnitude + 1
            let after = (Lanes(changed, x) - mean[x]).magnitude + 1
            let ratio = after / before - 1
            let added = (ratio + ratio.magnitude) * 0.5
            let lost = added - ratio
            sums.0 += added
            sums.1 += lost
            sums.2 += added * added * added * added
            sums.3 += lost * lost * lost * lost
            if let local { (Lanes(local, x) + added * addedWeight + lost * lostWeight).store(local, x) }
            x += 8
        }
        self.sums[6 * channel + 1] += Double(sums.0.sum())
        self.sums[6 * channel + 2] += Double(sums.1.sum())
        self.sums[6 * channel + 4] += Double(sums.2.sum())
        self.sums[6 * channel + 5] += Double(sums.3.sum())
    }
}
