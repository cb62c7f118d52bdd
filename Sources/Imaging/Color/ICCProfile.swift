import CLCMS

/// Judges embedded ICC profiles (ICC.1:2022), which come from strangers.
public enum ICCProfile {
    /// The largest profile that is taken over, in bytes; printing profiles have two or three million.
    public static let maximumSize = 8 << 20

    /// The colours that a profile describes.
    enum Family {
        case gray, rgb, cmyk

        init(_ layout: PixelLayout) { self = layout.isGray ? .gray : .rgb }

        fileprivate var signature: cmsColorSpaceSignature {
            switch self {
            case .gray: cmsSigGrayData
            case .rgb: cmsSigRgbData
            case .cmyk: cmsSigCmykData
            }
        }
    }

    /// The profile when it opens, is of a sane size, describes pixels of this layout and leads to sRGB; else nil.
    public static func usable(_ bytes: [UInt8], for layout: PixelLayout) -> [UInt8]? {
        guard let profile = checked(bytes, family: Family(layout)) else { return nil }
        return ColorTransform.canConvert(profile, layout: layout) ? profile : nil
    }

    /// The profile cut to the size that its header states, when it opens and describes colours of this family.
    static func checked(_ bytes: [UInt8], family: Family) -> [UInt8]? {
        guard bytes.count > 132, bytes.count <= maximumSize else { return nil }
        let stated = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
        guard stated > 132, stated <= bytes.count else { return nil }
        let profile = stated == bytes.count ? bytes : Array(bytes[0..<stated])
        guard let handle = ProfileHandle(profile) else { return nil }
        let classes = [cmsSigInputClass, cmsSigDisplayClass, cmsSigOutputClass, cmsSigColorSpaceClass]
        guard classes.contains(cmsGetDeviceClass(handle.pointer)) else { return nil }
        return cmsGetColorSpace(handle.pointer) == family.signature ? profile : nil
    }
}
