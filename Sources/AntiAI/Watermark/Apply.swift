import Imaging

extension Raster {
    /// Adds `gain · residual` (0…255 scale) to the picture: to grey, or alike to red, green and blue, so that hue and
    /// greyness stay. Fully transparent pixels and every alpha sample stay as they are. Clips; rounds half to even.
    ///
    /// - Precondition: the residual has the picture's size.
    public func adding(_ residual: Plane, gain: Float) -> Raster {
        precondition(residual.width == width && residual.height == height)
        return adding(gain: gain) { body in
            residual.values.withUnsafeBufferPointer { values in
                for y in 0..<height { body(y, values.baseAddress! + y * width) }
            }
        }
    }

    /// The same, without a residual of the picture's size in memory.
    public func adding(_ residual: MarkResidual, gain: Float) -> Raster {
        var result = self
        result.add(residual, gain: gain)
        return result
    }

    /// The same in place: no second picture, where this is the only reference to the samples.
    public mutating func add(_ residual: MarkResidual, gain: Float) {
        precondition(residual.width == width && residual.height == height)
        add(gain: gain) { body in residual.forEachRow { y, row in body(y, row) } }
    }

    private func adding(
        gain: Float, _ rows: ((_ y: Int, _ row: UnsafePointer<Float>) -> Void) -> Void
    ) -> Raster {
        var result = self
        result.add(gain: gain, rows)
        return result
    }

    private mutating func add(gain: Float, _ rows: ((_ y: Int, _ row: UnsafePointer<Float>) -> Void) -> Void) {
        let taken = samples
        samples = .u8([])
        switch consume taken {
        case .u8(var values):
            values.withUnsafeMutableBufferPointer { values in
                rows { y, row in add(row, gain, values.baseAddress! + y * width * layout.channels) }
            }
            samples = .u8(values)
        case .u16(var values):
            values.withUnsafeMutableBufferPointer { values in
                rows { y, row in add(row, gain * 257, values.baseAddress! + y * width * layout.channels) }
            }
            samples = .u16(values)
        }
    }

    @inline(__always)
    private func add<T: FixedWidthInteger & UnsignedInteger>(
        _ row: UnsafePointer<Float>, _ gain: Float, _ pixels: UnsafeMutablePointer<T>
    ) {
        switch layout {
        case .gray: move(pixels, width) { row[$0] * gain }
        case .rgb:
            // One change for each sample first: the loop that rounds then has neither stride nor branch.
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * width) { changes in
                let changes = changes.baseAddress!
                for x in 0..<width {
                    let change = row[x] * gain
                    changes[3 * x] = change
                    changes[3 * x + 1] = change
                    changes[3 * x + 2] = change
                }
                move(pixels, 3 * width) { changes[$0] }
            }
        case .grayAlpha, .rgba:
            let channels = layout.channels
            for x in 0..<width where pixels[channels * x + channels - 1] != 0 {
                let change = row[x] * gain
                move(pixels + channels * x, channels - 1) { _ in change }
            }
        }
    }

    /// Adds a change to each sample, clips and rounds.
    @inline(__always)
    private func move<T: FixedWidthInteger & UnsignedInteger>(
        _ samples: UnsafeMutablePointer<T>, _ count: Int, _ change: (Int) -> Float
    ) {
        let highest = Float(T.max)
        // A float of this size has no room for a fraction, so that adding it rounds, and its last bits are the result.
        let rounding: Float = 0x1.8p23
        for index in 0..<count {
            let value = Float(samples[index]) + change(index)
            let clipped = value < 0 ? 0 : value > highest ? highest : value
            samples[index] = T(truncatingIfNeeded: (clipped + rounding).bitPattern)
        }
    }
}
