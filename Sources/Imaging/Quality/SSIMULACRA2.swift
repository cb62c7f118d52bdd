/// The original side of SSIMULACRA2, prepared once for any number of comparisons.
///
/// SSIMULACRA2 (Sneyers, Cloudinary 2023) compares pictures in XYB at six scales by structural similarity and by added
/// and lost edges; 90 is visually lossless, 70 high quality, 50 medium. Pictures with transparency are compared over
/// black and over white, and the worse score counts. Colours go through their ICC profile to sRGB first.
///
/// Up to four megapixels the original's half of the work is kept (about 50 bytes a pixel); beyond that it is done
/// again for each comparison, band after band, so that memory stays at about 5 bytes a pixel.
public struct SSIMULACRA2Reference: Sendable {
    private static let keptPixels = 1 << 22
    public let width: Int
    public let height: Int
    private let original: Raster
    private let composites: [SSIMULACRA2Composite]

    public init(_ raster: Raster) { self.init(raster, keepingUpTo: Self.keptPixels) }

    /// - Parameter pixels: the size up to which the original's half of the work is kept.
    package init(_ raster: Raster, keepingUpTo pixels: Int) {
        let original = ColorTransform.toSRGB(raster)
        self.original = original
        width = raster.width
        height = raster.height
        let backgrounds = original.isTranslucent ? [0, 65535] : [0]
        composites = backgrounds.map {
            SSIMULACRA2Composite(original, background: $0, keeps: raster.pixelCount <= pixels)
        }
    }

    /// The score of a changed picture of the same size: 100 for an identical one, lower for worse, no lower limit.
    ///
    /// - Precondition: width and height are those of the original.
    public func score(_ raster: Raster) -> Double {
        precondition(raster.width == width && raster.height == height)
        let changed = ColorTransform.toSRGB(raster)
        return pairs(changed).map { $0.score(changed, heat: nil) }.min() ?? 100
    }

    /// The score of a picture in a file beside its original, both band after band: memory for about a megapixel, and a
    /// quarter of a byte for each pixel.
    ///
    /// - Precondition: both have the same size.
    public static func score(_ original: RasterFile, _ changed: RasterFile) -> Double {
        precondition(original.width == changed.width && original.height == changed.height)
        let backgrounds = original.isTranslucent || changed.isTranslucent ? [0, 65535] : [0]
        return backgrounds.map { background in
            SSIMULACRA2Composite(LinearFile(original, background: background), background: background)
                .score(LinearFile(changed, background: background), keeping: 3, heat: nil)
        }.min() ?? 100
    }

    /// For each pixel the score that the picture would have if all of it were as different as it is here.
    ///
    /// - Precondition: width and height are those of the original.
    public func localScores(_ raster: Raster) -> Plane {
        precondition(raster.width == width && raster.height == height)
        let changed = ColorTransform.toSRGB(raster)
        var worst = [Float](repeating: 0, count: width * height)
        for composite in pairs(changed) {
            let heat = HeatPlane(width: max(8, width), height: max(8, height))
            _ = composite.score(changed, heat: heat)
            for y in 0..<height {
                for x in 0..<width {
                    worst[y * width + x] = max(worst[y * width + x], heat.values[y * heat.width + x])
                }
            }
        }
        let scores = worst.map { Float(max(0, SSIMULACRA2Weights.score(Double($0)))) }
        return Plane(width: width, height: height, values: scores)
    }

    /// An opaque original needs the second background as well when the changed picture is translucent.
    private func pairs(_ changed: Raster) -> [SSIMULACRA2Composite] {
        guard composites.count == 1, changed.isTranslucent else { return composites }
        return composites + [SSIMULACRA2Composite(original, background: 65535, keeps: false)]
    }
}

extension Raster {
    /// Whether any pixel lets the background through.
    public var isTranslucent: Bool {
        guard layout.hasAlpha else { return false }
        let step = layout.channels
        switch samples {
        case .u8(let values): return stride(from: step - 1, to: values.count, by: step).contains { values[$0] != 255 }
        case .u16(let values):
            return stride(from: step - 1, to: values.count, by: step).contains { values[$0] != 65535 }
        }
    }
}

/// One original over one background.
struct SSIMULACRA2Composite: Sendable {
    private let background: Int
    private let levels: [any LinearRows]
    /// The prepared bands of each scale; empty where they are made anew each time.
    private let bands: [[ReferenceBand]]

    init(_ raster: Raster, background: Int, keeps: Bool) {
        self.background = background
        let levels = Self.levels(LinearRaster(raster, background: background), keeping: 1)
        self.levels = levels
        if keeps {
            bands = levels.enumerated().map { scale, level in
                Self.bands(of: level).map { ReferenceBand(level, scale: scale, from: $0.lowerBound, rows: $0.count) }
            }
        } else {
            bands = []
        }
    }

    init(_ file: LinearFile, background: Int) {
        self.background = background
        levels = Self.levels(file, keeping: 3)
        bands = []
    }

    /// - Parameter first: the scale from which on the halved pictures are kept in memory.
    private static func levels(_ base: any LinearRows, keeping first: Int) -> [any LinearRows] {
        var levels: [any LinearRows] = [base]
        while levels.count < SSIMULACRA2Weights.scales, let last = levels.last {
            let half = ((last.width + 1) / 2, (last.height + 1) / 2)
            if min(half.0, half.1) < SSIMULACRA2Weights.minimumSide { break }
            levels.append(levels.count < first ? HalvedRows(last) : HalvedLinear(last))
        }
        return levels
    }

    private static func bands(of level: any LinearRows) -> [Range<Int>] {
        let rows = max(16, min(128, (2 << 20) / level.width))
        return stride(from: 0, to: level.height, by: rows).map { $0..<min(level.height, $0 + rows) }
    }

    func score(_ changed: Raster, heat: HeatPlane?) -> Double {
        score(LinearRaster(changed, background: background), keeping: 1, heat: heat)
    }

    func score(_ changed: any LinearRows, keeping first: Int, heat: HeatPlane?) -> Double {
        let other = Self.levels(changed, keeping: first)
        var weighted = 0.0
        for (scale, level) in levels.enumerated() {
            let comparison = ScaleComparison(other[scale], scale: scale, scales: levels.count, heat: heat)
            if bands.isEmpty {
                for rows in Self.bands(of: level) {
                    comparison.add(ReferenceBand(level, scale: scale, from: rows.lowerBound, rows: rows.count))
                }
            } else {
                for band in bands[scale] { comparison.add(band) }
            }
            weighted += comparison.weighted
        }
        return SSIMULACRA2Weights.score(weighted)
    }
}
