extension Raster {
    /// The 8-bit picture made small enough for its longer side to be at most `maximumSide`, by averaging areas.
    ///
    /// Quick and free of ringing, for thumbnails; never enlarges. Colour counts by its alpha, so that what a
    /// transparent pixel hides does not show at edges. `Resampler` has the filters for everything else.
    package func reduced(toFit maximumSide: Int) -> Raster {
        precondition(maximumSide > 0)
        let source = to8Bit()
        let longer = max(width, height)
        guard longer > maximumSide, case .u8(let values) = source.samples else { return source }
        let target = (
            width: max(1, (width * maximumSide + longer / 2) / longer),
            height: max(1, (height * maximumSide + longer / 2) / longer)
        )
        let columns = BoxWeights.spans(from: width, to: target.width)
        let rows = BoxWeights.spans(from: height, to: target.height)
        let channels = layout.channels
        var result = [UInt8](repeating: 0, count: target.width * target.height * channels)
        // Rows are added up first, whole: that loop is the long one, and it has no branch and no stride.
        var line = [Float](repeating: 0, count: width * channels)
        var sums = [Float](repeating: 0, count: target.width * channels)
        for (y, row) in rows.enumerated() {
            for index in line.indices { line[index] = 0 }
            for (offset, weight) in row.weights.enumerated() {
                let start = (row.start + offset) * width * channels
                if layout.hasAlpha {
                    Self.addByAlpha(values[start..<start + line.count], weight, channels, to: &line)
                } else {
                    Self.add(values[start..<start + line.count], weight, to: &line)
                }
            }
            Self.narrow(line, columns, channels, into: &sums)
            finish(sums, into: &result, at: y * target.width * channels)
        }
        return Raster(
            width: target.width, height: target.height, layout: layout, samples: .u8(result), iccProfile: iccProfile)
    }

    private static func add(_ values: ArraySlice<UInt8>, _ weight: Float, to line: inout [Float]) {
        values.withUnsafeBufferPointer { values in
            line.withUnsafeMutableBufferPointer { line in
                for index in 0..<min(line.count, values.count) { line[index] += weight * Float(values[index]) }
            }
        }
    }

    private static func addByAlpha(
        _ values: ArraySlice<UInt8>, _ weight: Float, _ channels: Int, to line: inout [Float]
    ) {
        values.withUnsafeBufferPointer { values in
            line.withUnsafeMutableBufferPointer { line in
                for pixel in stride(from: 0, to: min(line.count, values.count), by: channels) {
                    let alpha = weight * Float(values[pixel + channels - 1])
                    for channel in pixel..<pixel + channels - 1 { line[channel] += alpha * Float(values[channel]) }
                    line[pixel + channels - 1] += alpha
                }
            }
        }
    }

    private static func narrow(_ line: [Float], _ columns: [BoxWeights], _ channels: Int, into sums: inout [Float]) {
        line.withUnsafeBufferPointer { line in
            sums.withUnsafeMutableBufferPointer { sums in
                for (x, column) in columns.enumerated() {
                    column.weights.withUnsafeBufferPointer { weights in
                        for channel in 0..<channels {
                            var sum: Float = 0
                            var at = column.start * channels + channel
                            for weight in weights {
                                sum += weight * line[at]
                                at += channels
                            }
                            sums[x * channels + channel] = sum
                        }
                    }
                }
            }
        }
    }

    private func finish(_ sums: [Float], into result: inout [UInt8], at start: Int) {
        let channels = layout.channels
        let colors = layout.colorChannels
        for pixel in stride(from: 0, to: sums.count, by: channels) {
            let total = colors < channels ? sums[pixel + colors] : 1
            for channel in 0..<colors where total > 0 {
                result[start + pixel + channel] = UInt8(min(255, max(0, (sums[pixel + channel] / total).rounded())))
            }
            if colors < channels { result[start + pixel + colors] = UInt8(min(255, max(0, total.rounded()))) }
        }
    }
}

/// What one pixel of the smaller side takes from the larger one; the weights add up to 1.
private struct BoxWeights {
    let start: Int
    let weights: [Float]

    static func spans(from source: Int, to target: Int) -> [BoxWeights] {
        let step = Double(source) / Double(target)
        return (0..<target).map { index in
            let (low, high) = (Double(index) * step, Double(index + 1) * step)
            let first = Int(low)
            let last = min(source - 1, Int(high.rounded(.up)) - 1)
            let weights = (first...max(first, last)).map { position in
                Float((min(high, Double(position + 1)) - max(low, Double(position))) / step)
            }
            return BoxWeights(start: first, weights: weights)
        }
    }
}
