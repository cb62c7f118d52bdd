/// Resamples interleaved rows of floats: along the row when a row comes in, down the column when one goes out.
/// Only as many rows as the filter is high are in memory.
struct Resampler {
    private let channels: Int
    private let width: Int
    private let columns: [Taps]
    private let rows: [Taps]

    init(
        from source: (width: Int, height: Int), to target: (width: Int, height: Int), channels: Int,
        _ filter: ResizeFilter
    ) {
        self.channels = channels
        width = target.width
        columns = filter.taps(from: source.width, to: target.width)
        rows = filter.taps(from: source.height, to: target.height)
    }

    /// - Parameters:
    ///   - read: fills a source row.
    ///   - write: takes a new row.
    func run(
        sourceWidth: Int, read: (Int, UnsafeMutablePointer<Float>) -> Void,
        write: (Int, UnsafePointer<Float>) -> Void
    ) {
        let capacity = (rows.map(\.weights.count).max() ?? 1) + 1
        let input = RowStore(width: sourceWidth * channels, rows: 1)
        let ring = RowStore(width: width * channels, rows: capacity + 1)
        let output = ring[capacity]
        var next = 0
        for (y, taps) in rows.enumerated() {
            next = max(next, taps.first)
            while next < taps.end {
                read(next, input[0])
                resampleRow(input[0], into: ring[next % capacity])
                next += 1
            }
            var x = 0
            while x < width * channels {
                var sum = Lanes()
                for (offset, weight) in taps.weights.enumerated() {
                    sum += Lanes(ring[(taps.first + offset) % capacity], x) * weight
                }
                sum.store(output, x)
                x += 8
            }
            write(y, output)
        }
    }

    private func resampleRow(_ source: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        for (x, taps) in columns.enumerated() {
            taps.weights.withUnsafeBufferPointer { weights in
                for channel in 0..<channels {
                    var sum: Float = 0
                    var base = taps.first * channels + channel
                    for weight in weights {
                        sum += source[base] * weight
                        base += channels
                    }
                    target[x * channels + channel] = sum
                }
            }
        }
    }
}
