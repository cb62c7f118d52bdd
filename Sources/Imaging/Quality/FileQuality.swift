import Foundation

extension ImageQuality {
    /// Compares a changed picture in a file with its original.
    ///
    /// - Throws: `UserError` when their sizes differ.
    public static func compare(_ original: RasterFile, _ changed: RasterFile) throws -> QualityReport {
        try requireSameSize((original.width, original.height), (changed.width, changed.height))
        return compare(original, changed, ssimulacra2: SSIMULACRA2Reference.score(original, changed))
    }

    /// The same for pictures in files, band by band.
    ///
    /// - Precondition: both have the same size.
    public static func compare(
        _ original: RasterFile, _ changed: RasterFile, ssimulacra2: Double
    ) -> QualityReport {
        guard min(original.width, original.height) > 2 * RowBlur.radius else {
            return compare(
                original.rows(0..<original.height), changed.rows(0..<changed.height), ssimulacra2: ssimulacra2)
        }
        var report = QualityReport(ssimulacra2: ssimulacra2, psnr: nil, ssim: 1, worstDeltaE: 0, meanDeltaE: 0)
        for background in original.isTranslucent || changed.isTranslucent ? [0, 65535] : [0] {
            let pair = BandPair(original, changed, background: background)
            if let psnr = pair.peakSignalToNoise() { report.psnr = min(report.psnr ?? .infinity, psnr) }
            report.ssim = min(report.ssim, pair.similarity())
            let colors = CIEDE2000.compare(
                LinearFile(original, background: 0) { pair.band($0).0 },
                LinearFile(changed, background: 0) { pair.band($0).1 })
            report.worstDeltaE = max(report.worstDeltaE, colors.worst)
            report.meanDeltaE = max(report.meanDeltaE, colors.mean)
        }
        return report
    }
}

/// Two pictures in files, in sRGB over a plain background and alike, band by band.
private struct BandPair {
    let original: RasterFile
    let changed: RasterFile
    let background: Int

    init(_ original: RasterFile, _ changed: RasterFile, background: Int) {
        self.original = original
        self.changed = changed
        self.background = background
    }

    func band(_ rows: Range<Int>) -> (Raster, Raster) {
        let (first, second) = ImageQuality.alike(
            ColorTransform.toSRGB(original.rows(rows)), ColorTransform.toSRGB(changed.rows(rows)))
        return (first.flattened(over: background), second.flattened(over: background))
    }

    func peakSignalToNoise() -> Double? {
        var (error, count) = (0.0, 0.0)
        for rows in original.bands {
            let (first, second) = band(rows)
            error += ImageQuality.squaredError(first, second)
            count += Double(first.samples.count)
        }
        return error == 0 ? nil : 10 * log10(255 * 255 * count / error)
    }

    func similarity() -> Double {
        var (rows, first, second) = (0..<0, Plane(width: 1, height: 1), Plane(width: 1, height: 1))
        return StructuralSimilarity.mean(width: original.width, height: original.height) { y, a, b in
            if !rows.contains(y) {
                rows = y..<min(original.height, y + original.bandHeight)
                let pair = band(rows)
                (first, second) = (pair.0.luma(), pair.1.luma())
            }
            first.copyRow(y - rows.lowerBound, to: a)
            second.copyRow(y - rows.lowerBound, to: b)
        }
    }
}
