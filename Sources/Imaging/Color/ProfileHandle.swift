import CLCMS

/// A profile opened by lcms2; closed with the last reference.
final class ProfileHandle {
    let pointer: cmsHPROFILE

    /// Nil when lcms2 cannot open it.
    private init?(_ pointer: cmsHPROFILE?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { cmsCloseProfile(pointer) }

    /// A profile from its bytes, which lcms2 copies.
    convenience init?(_ bytes: [UInt8]) {
        self.init(bytes.withUnsafeBytes { cmsOpenProfileFromMem($0.baseAddress, cmsUInt32Number($0.count)) })
    }

    /// IEC 61966-2-1.
    static func sRGB() -> ProfileHandle? { ProfileHandle(cmsCreate_sRGBProfile()) }

    /// Grey with the tone curve of sRGB.
    static func sRGBGray() -> ProfileHandle? {
        // IEC 61966-2-1 as lcms2's parametric curve of type 4: ((a x + b)^g from d up, c x below).
        let parameters: [cmsFloat64Number] = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
        guard let curve = cmsBuildParametricToneCurve(nil, 4, parameters) else { return nil }
        defer { cmsFreeToneCurve(curve) }
        return ProfileHandle(cmsCreateGrayProfile(cmsD50_xyY(), curve))
    }

    /// An RGB display: CIE xy of white, red, green, blue, and the exponent from sample to light.
    static func display(chromaticities xy: [Double], exponent: Double) -> ProfileHandle? {
        guard let curve = cmsBuildGamma(nil, exponent) else { return nil }
        defer { cmsFreeToneCurve(curve) }
        var white = cmsCIExyY(x: xy[0], y: xy[1], Y: 1)
        var primaries = cmsCIExyYTRIPLE(
            Red: cmsCIExyY(x: xy[2], y: xy[3], Y: 1), Green: cmsCIExyY(x: xy[4], y: xy[5], Y: 1),
            Blue: cmsCIExyY(x: xy[6], y: xy[7], Y: 1))
        let curves: [OpaquePointer?] = [curve, curve, curve]
        return curves.withUnsafeBufferPointer {
            ProfileHandle(cmsCreateRGBProfile(&white, &primaries, UnsafeMutablePointer(mutating: $0.baseAddress)))
        }
    }

    /// Grey with the exponent from sample to light.
    static func gray(exponent: Double) -> ProfileHandle? {
        guard let curve = cmsBuildGamma(nil, exponent) else { return nil }
        defer { cmsFreeToneCurve(curve) }
        return ProfileHandle(cmsCreateGrayProfile(cmsD50_xyY(), curve))
    }

    /// The profile as a file (ICC.1:2022), the same bytes at any time.
    func bytes() -> [UInt8]? {
        var count: cmsUInt32Number = 0
        guard cmsSaveProfileToMem(pointer, nil, &count) != 0, count > 128 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        guard bytes.withUnsafeMutableBytes({ cmsSaveProfileToMem(pointer, $0.baseAddress, &count) }) != 0 else {
            return nil
        }
        // The header's creation time: 2000-01-01, for the bytes to be reproducible.
        bytes.replaceSubrange(24..<36, with: [0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
        return bytes
    }
}
