import Imaging

extension Raster {
    /// Adds `gain · residual` (0…255 scale) to the picture: to grey, or alike to red, green and blue, so that hue and
    /// greyness stay. Fully transparent pixels and every alpha sample stay as they are. Clips; rounds half up.
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
        let highest = Float(T.max)
        @inline(__always)
        func moved(_ value: T, _ change: Float) -> T {
            T(min(max(Float(value) + change + 0.5, 0), highest))
        }
        switch layout {
        case .gray:
            for x in 0..<width { pixels[x] = moved(pixels[x], row[x] * gain) }
        case .rgb:
            for x in 0..<width {
                let change = row[x] * gain
                for channel in 3 * x..<3 * x + 3 { pixels[channel] = moved(pixels[channel], change) }
            }
        case .grayAlpha, .rgba:
            let channels = layout.channels
            for x in 0..<width where pixels[channels * x + channels - 1] != 0 {
                let change = row[x] * gain
                for channel in channels * x..<channels * (x + 1) - 1 {
                    pixels[channel] = moved(pixels[channel], change)
                }
            }
        }
    }
}
