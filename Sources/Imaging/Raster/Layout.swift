extension Raster {
    /// The same picture in another layout.
    ///
    /// - Alpha that is added is opaque; alpha that goes is dropped without looking (see `composited(on:)`).
    /// - Colour becomes grey as Rec. 601 luma, as in `luma()`.
    /// - A profile stays where the kind of colour stays; between grey and colour the samples first become sRGB,
    ///   because no profile fits both, and the result has none.
    public func converted(to target: PixelLayout) -> Raster {
        guard target != layout else { return self }
        if target.isGray != layout.isGray, iccProfile != nil {
            return ColorTransform.toSRGB(self).converted(to: target)
        }
        let converted: Samples
        switch samples {
        case .u8(let values): converted = .u8(convert(values, to: target))
        case .u16(let values): converted = .u16(convert(values, to: target))
        }
        return Raster(width: width, height: height, layout: target, samples: converted, iccProfile: iccProfile)
    }

    private func convert<Sample: FixedWidthInteger & UnsignedInteger>(
        _ values: [Sample], to target: PixelLayout
    ) -> [Sample] {
        let (from, to) = (layout.channels, target.channels)
        let (grayIn, grayOut) = (layout.isGray, target.isGray)
        return [Sample](unsafeUninitializedCapacity: pixelCount * to) { result, count in
            values.withUnsafeBufferPointer { source in
                for pixel in 0..<pixelCount {
                    let (i, o) = (pixel * from, pixel * to)
                    if grayIn == grayOut {
                        for channel in 0..<target.colorChannels { result[o + channel] = source[i + channel] }
                    } else if grayIn {
                        for channel in 0..<3 { result[o + channel] = source[i] }
                    } else {
                        result[o] = Self.luma(source[i], source[i + 1], source[i + 2])
                    }
                    if target.hasAlpha { result[o + to - 1] = layout.hasAlpha ? source[i + from - 1] : .max }
                }
            }
            count = pixelCount * to
        }
    }

    /// Rec. 601 luma in integers, rounded to the nearest.
    private static func luma<Sample: FixedWidthInteger & UnsignedInteger>(
        _ red: Sample, _ green: Sample, _ blue: Sample
    ) -> Sample {
        Sample(truncatingIfNeeded: (299 * UInt32(red) + 587 * UInt32(green) + 114 * UInt32(blue) + 500) / 1000)
    }

    /// The picture without alpha, laid over one colour (8-bit values in the picture's own colour space).
    ///
    /// Blends the stored values, not light, as browsers and viewers do.
    public func composited(on background: (red: UInt8, green: UInt8, blue: UInt8) = (255, 255, 255)) -> Raster {
        guard layout.hasAlpha else { return self }
        let colors: [UInt8]
        if layout.isGray {
            colors = [Self.luma(background.red, background.green, background.blue)]
        } else {
            colors = [background.red, background.green, background.blue]
        }
        let blended: Samples
        switch samples {
        case .u8(let values): blended = .u8(blend(values, over: colors))
        case .u16(let values): blended = .u16(blend(values, over: colors.map { UInt16($0) * 257 }))
        }
        return Raster(
            width: width, height: height, layout: layout.isGray ? .gray : .rgb, samples: blended,
            iccProfile: iccProfile)
    }

    private func blend<Sample: FixedWidthInteger & UnsignedInteger>(
        _ values: [Sample], over background: [Sample]
    ) -> [Sample] {
        let (from, to) = (layout.channels, background.count)
        let full = UInt64(Sample.max)
        return [Sample](unsafeUninitializedCapacity: pixelCount * to) { result, count in
            values.withUnsafeBufferPointer { source in
                for pixel in 0..<pixelCount {
                    let alpha = UInt64(source[pixel * from + to])
                    for channel in 0..<to {
                        let top = UInt64(source[pixel * from + channel]) * alpha
                        let bottom = UInt64(background[channel]) * (full - alpha)
                        result[pixel * to + channel] = Sample(truncatingIfNeeded: (top + bottom + full / 2) / full)
                    }
                }
            }
            count = pixelCount * to
        }
    }
}
