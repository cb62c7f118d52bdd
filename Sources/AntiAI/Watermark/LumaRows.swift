import Imaging

/// Reads a picture as luma, row by row, on the 0…255 scale: Rec. 601, as every converter to grey has it.
///
/// Where a picture is transparent there is nothing to see: there it is laid over the mean luma of what is visible,
/// so that the edge of the transparent part is as soft as it can be.
struct LumaRows {
    private let raster: Raster
    private let background: Float

    init(_ raster: Raster) { self.init(raster, background: LumaRows.background([raster])) }

    /// - Parameter background: of the whole picture, of which this may be a part.
    init(_ raster: Raster, background: Float) {
        self.raster = raster
        self.background = background
    }

    /// Fills the buffer with row y.
    func read(_ y: Int, _ buffer: UnsafeMutablePointer<Float>) {
        switch raster.samples {
        case .u8(let samples): samples.withUnsafeBufferPointer { fill(y, buffer, $0, 1) }
        case .u16(let samples): samples.withUnsafeBufferPointer { fill(y, buffer, $0, 1 / 257) }
        }
    }

    @inline(__always)
    private func fill<T: FixedWidthInteger>(
        _ y: Int, _ buffer: UnsafeMutablePointer<Float>, _ samples: UnsafeBufferPointer<T>, _ scale: Float
    ) {
        let channels = raster.layout.channels
        let from = samples.baseAddress! + y * raster.width * channels
        switch raster.layout {
        case .gray:
            for x in 0..<raster.width { buffer[x] = Float(from[x]) * scale }
        case .rgb:
            for x in 0..<raster.width { buffer[x] = LumaRows.luma(from + 3 * x) * scale }
        case .grayAlpha, .rgba:
            let opaque = 1 / Float(T.max)
            for x in 0..<raster.width {
                let pixel = from + channels * x
                let value = (raster.layout == .rgba ? LumaRows.luma(pixel) : Float(pixel[0])) * scale
                buffer[x] = background + (value - background) * Float(pixel[channels - 1]) * opaque
            }
        }
    }

    @inline(__always)
    private static func luma<T: FixedWidthInteger>(_ pixel: UnsafePointer<T>) -> Float {
        Float(pixel[0]) * 0.299 + Float(pixel[1]) * 0.587 + Float(pixel[2]) * 0.114
    }

    /// Mean luma of a picture that comes in bands, weighted by opacity; mid-grey where nothing is visible.
    static func background(_ bands: some Sequence<Raster>) -> Float {
        var (sum, weight, scale) = (0.0, 0.0, Float(1))
        func add<T: FixedWidthInteger>(_ samples: [T], _ raster: Raster) {
            samples.withUnsafeBufferPointer { samples in
                let channels = raster.layout.channels
                for index in 0..<raster.pixelCount {
                    let pixel = samples.baseAddress! + index * channels
                    let alpha = Double(pixel[channels - 1])
                    sum += Double(raster.layout == .rgba ? luma(pixel) : Float(pixel[0])) * alpha
                    weight += alpha
                }
            }
        }
        for raster in bands {
            guard raster.layout.hasAlpha else { return 0 }
            switch raster.samples {
            case .u8(let samples): add(samples, raster)
            case .u16(let samples):
                scale = 1 / 257
                add(samples, raster)
            }
        }
        return weight > 0 ? Float(sum / weight) * scale : 128
    }
}

extension Raster {
    /// Luma resampled so that the long edge has `step` times fewer pixels; the upper left corners coincide.
    func luma(width: Int, height: Int, step: Double) -> Plane {
        Plane.resampled(from: (self.width, self.height), to: (width, height), step: step, rows: LumaRows(self).read)
    }
}

extension RasterFile {
    /// The same for a picture in a file, of which a band is in memory.
    func luma(width: Int, height: Int, step: Double) -> Plane {
        let background = layout.hasAlpha ? LumaRows.background(bands.lazy.map(self.rows)) : 0
        var (range, part) = (0..<0, LumaRows?.none)
        return Plane.resampled(from: (self.width, self.height), to: (width, height), step: step) { y, buffer in
            if !range.contains(y) {
                range = y..<min(self.height, y + bandHeight)
                part = LumaRows(self.rows(range), background: background)
            }
            part?.read(y - range.lowerBound, buffer)
        }
    }
}

extension Plane {
    /// - Parameter rows: fills the buffer with row y of the source; called for each once, in order.
    fileprivate static func resampled(
        from source: (width: Int, height: Int), to target: (width: Int, height: Int), step: Double,
        rows: (_ y: Int, _ buffer: UnsafeMutablePointer<Float>) -> Void
    ) -> Plane {
        var resampler = RowResampler(
            inputWidth: source.width,
            horizontal: ResamplingTable(input: source.width, output: target.width, step: step),
            vertical: ResamplingTable(input: source.height, output: target.height, step: step))
        var result = Plane(width: target.width, height: target.height)
        result.values.withUnsafeMutableBufferPointer { values in
            for y in 0..<target.height { resampler.next(values.baseAddress! + y * target.width, row: rows) }
        }
        return result
    }
}
