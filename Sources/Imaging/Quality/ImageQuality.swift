import Core
import Foundation

/// How two pictures of the same size differ. All figures are of the pictures in sRGB; where one of them is translucent,
/// both are put over black and over white, and the worse figure counts.
public struct QualityReport: Hashable, Sendable, Codable {
    /// SSIMULACRA2 at native size: 100 for identical pictures, 90 visually lossless, 70 high quality.
    public var ssimulacra2: Double
    /// dB over all colour channels; nil for identical pictures.
    public var psnr: Double?
    /// Mean structural similarity of luma, at most 1.
    public var ssim: Double
    /// Largest CIE ΔE2000 of any pixel.
    public var worstDeltaE: Double
    public var meanDeltaE: Double

    public init(ssimulacra2: Double, psnr: Double?, ssim: Double, worstDeltaE: Double, meanDeltaE: Double) {
        self.ssimulacra2 = ssimulacra2
        self.psnr = psnr
        self.ssim = ssim
        self.worstDeltaE = worstDeltaE
        self.meanDeltaE = meanDeltaE
    }
}

/// Measures of what a change costs the eye.
public enum ImageQuality {
    /// Compares a changed picture with its original.
    ///
    /// - Throws: `UserError` when their sizes differ.
    public static func compare(_ original: Raster, _ changed: Raster) throws -> QualityReport {
        try requireSameSize((original.width, original.height), (changed.width, changed.height))
        return compare(original, changed, ssimulacra2: SSIMULACRA2Reference(original).score(changed))
    }

    /// The same where the SSIMULACRA2 score has been taken already.
    ///
    /// - Precondition: both have the same size.
    public static func compare(_ original: Raster, _ changed: Raster, ssimulacra2: Double) -> QualityReport {
        let (first, second) = alike(ColorTransform.toSRGB(original), ColorTransform.toSRGB(changed))
        var report = QualityReport(ssimulacra2: ssimulacra2, psnr: nil, ssim: 1, worstDeltaE: 0, meanDeltaE: 0)
        let backgrounds = first.isTranslucent || second.isTranslucent ? [0, 65535] : [0]
        for background in backgrounds {
            let a = first.flattened(over: background)
            let b = second.flattened(over: background)
            if let psnr = peakSignalToNoise(a, b) { report.psnr = min(report.psnr ?? .infinity, psnr) }
            report.ssim = min(report.ssim, StructuralSimilarity.mean(a.luma(), b.luma()))
            let colors = CIEDE2000.compare(LinearRaster(a), LinearRaster(b))
            report.worstDeltaE = max(report.worstDeltaE, colors.worst)
            report.meanDeltaE = max(report.meanDeltaE, colors.mean)
        }
        return report
    }

    /// Where the change is: black where nothing changed, through purple and orange to white where the picture would
    /// score 0 if all of it were as different as here (SSIMULACRA2's own local terms).
    ///
    /// - Throws: `UserError` when the sizes differ.
    public static func heatmap(_ original: Raster, _ changed: Raster) throws -> Raster {
        try requireSameSize((original.width, original.height), (changed.width, changed.height))
        let scores = SSIMULACRA2Reference(original).localScores(changed)
        let stops: [SIMD3<Float>] = [
            SIMD3(0, 0, 4), SIMD3(81, 18, 124), SIMD3(183, 55, 121), SIMD3(252, 137, 97), SIMD3(252, 253, 191),
        ]
        var pixels = [UInt8](repeating: 0, count: scores.values.count * 3)
        for (index, score) in scores.values.enumerated() {
            let position = min(max(1 - score / 100, 0), 1) * Float(stops.count - 1)
            let lower = min(Int(position), stops.count - 2)
            let color = stops[lower] + (stops[lower + 1] - stops[lower]) * (position - Float(lower))
            for channel in 0..<3 { pixels[3 * index + channel] = UInt8(color[channel].rounded()) }
        }
        return Raster(width: original.width, height: original.height, layout: .rgb, samples: .u8(pixels))
    }

    static func requireSameSize(
        _ first: (width: Int, height: Int), _ second: (width: Int, height: Int)
    ) throws {
        guard first == second else {
            throw UserError(
                """
                The pictures differ in size (\(first.width)×\(first.height) and \(second.width)×\(second.height)): \
                compare a picture with its original at the same size.
                """)
        }
    }

    /// Both in the richer layout and the greater depth of the two.
    static func alike(_ first: Raster, _ second: Raster) -> (Raster, Raster) {
        let colors = !(first.layout.isGray && second.layout.isGray)
        let alpha = first.layout.hasAlpha || second.layout.hasAlpha
        let layout: PixelLayout = colors ? (alpha ? .rgba : .rgb) : (alpha ? .grayAlpha : .gray)
        let deep = max(first.bitDepth, second.bitDepth) == 16
        func adapted(_ raster: Raster) -> Raster {
            let converted = raster.layout == layout ? raster : raster.converted(to: layout)
            return deep && converted.bitDepth == 8 ? converted.to16Bit() : converted
        }
        return (adapted(first), adapted(second))
    }

    /// dB; nil for identical pictures. Both are opaque and alike in layout and depth.
    private static func peakSignalToNoise(_ first: Raster, _ second: Raster) -> Double? {
        let error = squaredError(first, second)
        return error == 0 ? nil : 10 * log10(255 * 255 * Double(first.samples.count) / error)
    }

    /// The sum over all samples, in units of 8 bits.
    static func squaredError(_ first: Raster, _ second: Raster) -> Double {
        var error = 0.0
        if case .u8(let a) = first.samples, case .u8(let b) = second.samples { error = squaredError(a, b, 1) }
        if case .u16(let a) = first.samples, case .u16(let b) = second.samples { error = squaredError(a, b, 1 / 257) }
        return error
    }

    private static func squaredError<T: FixedWidthInteger>(_ first: [T], _ second: [T], _ scale: Double) -> Double {
        var sum: UInt64 = 0
        first.withUnsafeBufferPointer { a in
            second.withUnsafeBufferPointer { b in
                for index in 0..<a.count {
                    let delta = Int64(a[index]) &- Int64(b[index])
                    sum &+= UInt64(bitPattern: delta &* delta)
                }
            }
        }
        return Double(sum) * scale * scale
    }
}

extension Raster {
    /// The picture over a plain grey background (0…65535) without its alpha channel; an opaque layout as it is.
    func flattened(over background: Int) -> Raster {
        guard layout.hasAlpha else { return self }
        let colors = layout.colorChannels
        func composite<T: FixedWidthInteger & UnsignedInteger>(_ source: [T], scale: Int) -> [T] {
            var target = [T](repeating: 0, count: pixelCount * colors)
            let peak = Int(T.max)
            let behind = background / scale
            source.withUnsafeBufferPointer { pixels in
                target.withUnsafeMutableBufferPointer { output in
                    for index in 0..<pixelCount {
                        let base = index * (colors + 1)
                        let alpha = Int(pixels[base + colors])
                        for channel in 0..<colors {
                            let sum = Int(pixels[base + channel]) * alpha + behind * (peak - alpha)
                            output[index * colors + channel] = T((sum + peak / 2) / peak)
                        }
                    }
                }
            }
            return target
        }
        let flat: Samples =
            switch samples {
            case .u8(let values): .u8(composite(values, scale: 257))
            case .u16(let values): .u16(composite(values, scale: 1))
            }
        let layout: PixelLayout = self.layout.isGray ? .gray : .rgb
        return Raster(width: width, height: height, layout: layout, samples: flat, iccProfile: iccProfile)
    }
}
