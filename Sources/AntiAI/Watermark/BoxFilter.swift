import Imaging

extension Plane {
    /// Mean over a window of `2 · radius + 1` pixels a side, mirrored at the borders; constant time per pixel.
    func boxFiltered(radius: Int) -> Plane {
        var result = self
        result.boxFilter(radius: radius)
        return result
    }

    mutating func boxFilter(radius: Int) {
        let (width, height) = (width, height)
        values.withUnsafeMutableBufferPointer { values in
            let base = values.baseAddress!
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 2 * radius + 1) { line in
                for y in 0..<height { Plane.boxRow(base + y * width, width, radius, line.baseAddress!) }
            }
            Plane.boxColumns(base, width, height, radius)
        }
    }

    /// Index of the mirrored sample (…2 1 0 | 0 1 2…), for any distance outside.
    @inline(__always)
    private static func mirrored(_ index: Int, _ count: Int) -> Int {
        var index = index
        while index < 0 || index >= count { index = index < 0 ? -index - 1 : 2 * count - 1 - index }
        return index
    }

    private static func boxRow(
        _ row: UnsafeMutablePointer<Float>, _ width: Int, _ radius: Int, _ line: UnsafeMutablePointer<Float>
    ) {
        for x in 0..<radius {
            line[x] = row[mirrored(x - radius, width)]
            line[width + radius + x] = row[mirrored(width + x, width)]
        }
        (line + radius).update(from: row, count: width)
        line[width + 2 * radius] = 0
        let window = 2 * radius + 1
        let scale = 1 / Float(window)
        var sum: Float = 0
        for x in 0..<window { sum += line[x] }
        for x in 0..<width {
            row[x] = sum * scale
            sum += line[x + window] - line[x]
        }
    }

    private static func boxColumns(_ base: UnsafeMutablePointer<Float>, _ width: Int, _ height: Int, _ radius: Int) {
        let window = 2 * radius + 1
        let scale = 1 / Float(window)
        // Strips narrow enough that the ring of kept rows stays in the first-level cache.
        let strip = 64
        withUnsafeTemporaryAllocation(of: Float.self, capacity: (window + 1) * strip) { kept in
            for left in stride(from: 0, to: width, by: strip) {
                let count = min(strip, width - left)
                let ring = kept.baseAddress!
                let sums = ring + window * strip
                for x in 0..<count { sums[x] = 0 }
                for index in 0..<window {
                    let from = base + mirrored(index - radius, height) * width + left
                    let slot = ring + index * strip
                    for x in 0..<count {
                        slot[x] = from[x]
                        sums[x] += from[x]
                    }
                }
                var oldest = 0
                for y in 0..<height {
                    let row = base + y * width + left
                    let slot = ring + oldest * strip
                    let entering = y + radius + 1
                    if entering < height {
                        let from = base + entering * width + left
                        for x in 0..<count {
                            row[x] = sums[x] * scale
                            sums[x] += from[x] - slot[x]
                            slot[x] = from[x]
                        }
                    } else {
                        // Below the picture its mirror enters, whose rows are overwritten already but still kept.
                        let mirror = 2 * height - 1 - entering
                        let age = entering - 1 - mirror
                        let from =
                            mirror >= 0 && age < window
                            ? ring + ((oldest - 1 - age + 2 * window) % window) * strip : slot
                        for x in 0..<count {
                            row[x] = sums[x] * scale
                            let value = from[x]
                            sums[x] += value - slot[x]
                            slot[x] = value
                        }
                    }
                    oldest = (oldest + 1) % window
                }
            }
        }
    }
}
