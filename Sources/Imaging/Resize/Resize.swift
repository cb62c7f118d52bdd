extension Plane {
    /// The plane at another size.
    ///
    /// - Precondition: both sides are at least 1.
    public func resized(width newWidth: Int, height newHeight: Int, _ filter: ResizeFilter = .lanczos3) -> Plane {
        precondition(newWidth > 0 && newHeight > 0)
        if newWidth == width && newHeight == height { return self }
        var result = [Float](repeating: 0, count: newWidth * newHeight)
        let resampler = Resampler(from: (width, height), to: (newWidth, newHeight), channels: 1, filter)
        result.withUnsafeMutableBufferPointer { target in
            resampler.run(sourceWidth: width) { row, pointer in
                copyRow(row, to: pointer)
            } write: { row, pointer in
                (target.baseAddress! + row * newWidth).update(from: pointer, count: newWidth)
            }
        }
        return Plane(width: newWidth, height: newHeight, values: result)
    }
}

extension Raster {
    /// The picture at another size, in the same layout, depth and colour space. Colours are weighted by alpha, so that
    /// the colour of transparent pixels does not bleed into visible ones.
    ///
    /// - Precondition: both sides are at least 1.
    public func resized(width newWidth: Int, height newHeight: Int, _ filter: ResizeFilter = .lanczos3) -> Raster {
        precondition(newWidth > 0 && newHeight > 0)
        if newWidth == width && newHeight == height { return self }
        let resampling = PictureResampling(self, to: (newWidth, newHeight), filter)
        return resampling.run { row, pointer in resampling.read(self, row, pointer) }
    }

    /// The picture with its longer side at most `side` long; itself where it already is.
    public func fitted(within side: Int, _ filter: ResizeFilter = .lanczos3) -> Raster {
        let longer = max(width, height)
        guard longer > side else { return self }
        return resized(
            width: max(1, (width * side + longer / 2) / longer), height: max(1, (height * side + longer / 2) / longer),
            filter)
    }
}

extension RasterFile {
    /// The picture at another size, in memory; of this one a band is in memory.
    ///
    /// - Precondition: both sides are at least 1.
    public func resized(width newWidth: Int, height newHeight: Int, _ filter: ResizeFilter = .lanczos3) -> Raster {
        precondition(newWidth > 0 && newHeight > 0)
        let resampling = PictureResampling(self, to: (newWidth, newHeight), filter)
        var (range, band) = (0..<0, Raster?.none)
        return resampling.run { row, pointer in
            if !range.contains(row) {
                range = row..<min(height, row + bandHeight)
                band = rows(range)
            }
            if let band { resampling.read(band, row - range.lowerBound, pointer) }
        }
    }
}

/// Resamples the pixels of a picture whose rows come one after the other.
private struct PictureResampling {
    private let source: any PixelFeed
    private let width: Int
    private let height: Int
    private let filter: ResizeFilter

    init(_ source: any PixelFeed, to target: (width: Int, height: Int), _ filter: ResizeFilter) {
        self.source = source
        (width, height) = target
        self.filter = filter
    }

    /// - Parameter read: fills a source row, as `read` does.
    func run(_ read: (Int, UnsafeMutablePointer<Float>) -> Void) -> Raster {
        let samples: Samples =
            source.bitDepth == 16 ? .u16(resample(UInt16.self, read)) : .u8(resample(UInt8.self, read))
        return Raster(
            width: width, height: height, layout: source.layout, samples: samples, iccProfile: source.iccProfile)
    }

    /// Row y of a raster as floats, its colours weighted by alpha.
    func read(_ raster: Raster, _ y: Int, _ target: UnsafeMutablePointer<Float>) {
        switch raster.samples {
        case .u8(let values): read(values, y, target)
        case .u16(let values): read(values, y, target)
        }
    }

    @inline(__always)
    private func read<T: FixedWidthInteger & UnsignedInteger>(
        _ values: [T], _ y: Int, _ target: UnsafeMutablePointer<Float>
    ) {
        let (channels, colors) = (source.layout.channels, source.layout.colorChannels)
        let count = source.width * channels
        values.withUnsafeBufferPointer { pixels in
            let base = y * count
            for index in 0..<count { target[index] = Float(pixels[base + index]) }
        }
        guard source.layout.hasAlpha else { return }
        for pixel in stride(from: 0, to: count, by: channels) {
            let alpha = target[pixel + colors] / Float(T.max)
            for channel in 0..<colors { target[pixel + channel] *= alpha }
        }
    }

    private func resample<T: FixedWidthInteger & UnsignedInteger>(
        _ type: T.Type, _ read: (Int, UnsafeMutablePointer<Float>) -> Void
    ) -> [T] {
        let (channels, colors) = (source.layout.channels, source.layout.colorChannels)
        let hasAlpha = source.layout.hasAlpha
        let peak = Float(T.max)
        var result = [T](repeating: 0, count: width * height * channels)
        let resampler = Resampler(
            from: (source.width, source.height), to: (width, height), channels: channels, filter)
        resampler.run(sourceWidth: source.width, read: read) { row, pointer in
            result.withUnsafeMutableBufferPointer { target in
                let base = row * width * channels
                for pixel in stride(from: 0, to: width * channels, by: channels) {
                    var scale: Float = 1
                    if hasAlpha {
                        let alpha = pointer[pixel + colors] / peak
                        scale = alpha > 0 ? 1 / alpha : 0
                    }
                    for channel in 0..<channels {
                        let value = pointer[pixel + channel] * (channel < colors ? scale : 1)
                        target[base + pixel + channel] = T(min(max(value, 0), peak).rounded())
                    }
                }
            }
        }
        return result
    }
}
