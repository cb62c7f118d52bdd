/// What the chunks gAMA and cHRM of a PNG say about its samples (PNG 3rd edition, sections 11.3.2.1 and 11.3.2.2).
struct PNGColorimetry {
    /// The stored exponent: sample = light ^ gamma; 0 where there is none.
    var gamma: Double
    /// x and y of white, red, green and blue; nil where there are none.
    var chromaticities: [Double]?

    private static let sRGBGamma = 0.45455
    private static let sRGBChromaticities = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06]

    /// A profile that says the same, nil where the chunks say sRGB, nothing, or nonsense.
    ///
    /// Files whose samples are not sRGB would otherwise change their look as soon as the chunks are gone.
    func profile(for layout: PixelLayout) -> [UInt8]? {
        guard gamma != 0 || chromaticities != nil else { return nil }
        let exponent = gamma == 0 ? Self.sRGBGamma : gamma
        let points = layout.isGray ? nil : chromaticities
        guard exponent.isFinite, (0.1...10).contains(exponent) else { return nil }
        guard !isSRGB(exponent, points) else { return nil }
        if layout.isGray { return ProfileHandle.gray(exponent: 1 / exponent)?.bytes() }
        let xy = points ?? Self.sRGBChromaticities
        guard xy.allSatisfy({ $0.isFinite && (-1...1).contains($0) }), xy[1] > 0.01 else { return nil }
        guard let bytes = ProfileHandle.display(chromaticities: xy, exponent: 1 / exponent)?.bytes() else { return nil }
        return ICCProfile.usable(bytes, for: layout)
    }

    private func isSRGB(_ exponent: Double, _ points: [Double]?) -> Bool {
        guard abs(exponent - Self.sRGBGamma) < 0.005 else { return false }
        return zip(points ?? [], Self.sRGBChromaticities).allSatisfy { abs($0 - $1) < 0.002 }
    }
}
