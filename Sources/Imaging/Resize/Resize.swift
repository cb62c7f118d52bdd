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
        let samples: Samples =
            switch samples {
            case .u8(let values): .u8(resample(values, newWidth, newHeight, filter))
            case .u16(let values): .u16(resample(values, newWidth, newHeight, filter))
            }
        return Raster(width: newWidth, height: newHeight, layout: layout, samples: samples, iccProfile: iccProfile)
    }

    /// The picture with its longer side at most `side` long; itself where it already is.
    public func fitted(within side: Int, _ filter: ResizeFilter = .lanczos3) -> Raster {
        let longer = max(width, height)
        guard longer > side else { return self }
        return resized(
            width: max(1, (width * side + longer / 2) / longer), height: max(1, (height * side + longer / 2) / longer),
            filter)
    }

    private func resample<T: FixedWidthInteger & UnsignedInteger>(
        _ source: [T], _ newWidth: Int, _ newHeight: Int, _ filter: ResizeFilter
    ) -> [T] {
        let channels = layout.channels
        let colors = layout.colorChannels
        let peak = Float(T.max)
        var result = [T](repeating: 0, count: newWidth * newHeight * channels)
        let resampler = Resampler(from: (width, height), to: (newWidth, newHeight), channels: channels, filter)
        resampler.run(sourceWidth: width) { row, pointer in
            source.withUnsafeBufferPointer { pixels in
                let base = row * width * channels
                for index in 0..<(width * channels) { pointer[index] = Float(pixels[base + index]) }
                guard layout.hasAlpha else { return }
                for pixel in stride(from: 0, to: width * channels, by: channels) {
                    let alpha = pointer[pixel + colors] / peak
                    for channel in 0..<colors { pointer[pixel + channel] *= alpha }
                }
            }
        } write: { row, pointer in
            result.withUnsafeMutableBufferPointer { target in
                let base = row * newWidth * channels
                for pixel in stride(from: 0, to: newWidth * channels, by: channels) {
                    var scale: Float = 1
                    if layout.hasAlpha {
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
