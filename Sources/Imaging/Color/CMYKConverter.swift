import CLCMS

/// Turns rows of CMYK samples into 8-bit sRGB.
///
/// Through the embedded profile with lcms2 (perceptual intent, black point compensated) where there is a usable one;
/// otherwise by the plain formula R = 255 · (1 − C) · (1 − K), and so on for G with M and B with Y, as PostScript and
/// browsers do.
struct CMYKConverter {
    private let transform: LCMSTransform?
    private let isInverted: Bool

    /// - Parameters:
    ///   - profile: the embedded profile; ignored when it is not a usable one for CMYK.
    ///   - isInverted: whether 255 means no ink (Adobe's JPEG files) instead of full ink.
    init(profile: [UInt8]?, isInverted: Bool) {
        self.isInverted = isInverted
        guard let profile, let checked = ICCProfile.checked(profile, family: .cmyk),
            let source = ProfileHandle(checked), let target = ProfileHandle.sRGB()
        else {
            transform = nil
            return
        }
        transform = LCMSTransform(
            from: source, isInverted ? fx_cmyk8_inverted : fx_cmyk8, to: target, fx_rgb8,
            intent: cmsUInt32Number(INTENT_PERCEPTUAL))
    }

    /// - Precondition: `source` holds 4 bytes for each pixel, `target` has room for 3.
    func convert(_ source: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, pixels: Int) {
        precondition(source.count >= pixels * 4)
        if let transform {
            transform.apply(source.baseAddress!, to: target, pixels: pixels)
            return
        }
        let flip: UInt8 = isInverted ? 0 : 255
        for pixel in 0..<pixels {
            let paper = UInt32(source[pixel * 4 + 3] ^ flip)
            for channel in 0..<3 {
                let ink = UInt32(source[pixel * 4 + channel] ^ flip)
                target[pixel * 3 + channel] = UInt8(truncatingIfNeeded: (ink * paper + 127) / 255)
            }
        }
    }
}
