import Imaging

/// Reads a picture as luma, row by row, on the 0…255 scale: Rec. 601, as every converter to grey has it.
///
/// Where a picture is transparent there is nothing to see: there it is laid over the mean luma of what is visible,
/// so that the edge of the transparent part is as soft as it can be.
struct LumaRows {
    private let raster: Raster
    private let background: Float

    init(_ raster: Raster) {
        self.raster = raster
        background = raster.layout.hasAlpha ? LumaRows.meanLuma(raster) : 0
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

    /// Mean luma, weighted by opacity; mid-grey where nothing is visible.
    private static func meanLuma(_ raster: Raster) -> Float {
        func mean<T: FixedWidthInteger>(_ samples: [T], _ scale: Float) -> Float {
            samples.withUnsafeBufferPointer { samples in
                let channels = raster.layout.channels
                var (sum, weight) = (0.0, 0.0)
                for index in 0..<raster.pixelCount {
                    let pixel = samples.baseAddress! + index * channels
                    let alpha = Double(pixel[channels - 1])
                    sum += Double(raster.layout == .rgba ? luma(pixel) : Float(pixel[0])) * alpha
                    weight += alpha
                }
                return weight > 0 ? Float(sum / weight) * scale : 128
            }
        }
        switch raster.samples {
        case .u8(let samples): return mean(samples, 1)
        case .u16(let samples): return mean(samples, 1 / 257)
        }
    }
}

extension Raster {
    /// Luma resampled so that the long edge has `step` times fewer pixels; the upper left corners coincide.
    func luma(width: Int, height: Int, step: Double) -> Plane {
        let rows = LumaRows(self)
        var resampler = RowResampler(
            inputWidth: self.width,
            horizontal: ResamplingTable(input: self.width, output: width, step: step),
            vertical: ResamplingTable(input: self.height, output: height, step: step))
        var result = Plane(width: width, height: height)
        result.values.withUnsafeMutableBufferPointer { target in
            for y in 0..<height { resampler.next(target.baseAddress! + y * width, row: rows.read) }
        }
        return result
    }
}
