import CLCMS
import Synchronization

/// Conversion to sRGB (IEC 61966-2-1), for the screen and for comparisons; lcms2 does the arithmetic.
public enum ColorTransform {
    /// The picture in sRGB without a profile, in its own layout and depth; grey gets the tone curve of sRGB.
    ///
    /// Relative colorimetric with black point compensation; alpha stays. A picture without a profile is returned
    /// as it is, and so is one whose profile cannot be used (decoding has dropped those), as sRGB.
    public static func toSRGB(_ raster: Raster) -> Raster {
        guard let profile = raster.iccProfile else { return raster }
        var result = raster
        result.iccProfile = nil
        let key = TransformKey(profile: profile, layout: raster.layout, depth: raster.bitDepth)
        guard let transform = TransformCache.shared.transform(key) else { return result }
        switch raster.samples {
        case .u8(let values): result.samples = .u8(transform.apply(values, pixels: raster.pixelCount))
        case .u16(let values): result.samples = .u16(transform.apply(values, pixels: raster.pixelCount))
        }
        return result
    }

    /// Whether lcms2 finds a way from this profile to sRGB.
    static func canConvert(_ profile: [UInt8], layout: PixelLayout) -> Bool {
        TransformCache.shared.transform(TransformKey(profile: profile, layout: layout, depth: 8)) != nil
    }
}

private struct TransformKey: Hashable {
    let profile: [UInt8]
    let layout: PixelLayout
    let depth: Int

    var format: cmsUInt32Number {
        switch (layout, depth) {
        case (.gray, 8): fx_gray8
        case (.gray, _): fx_gray16
        case (.grayAlpha, 8): fx_gray_alpha8
        case (.grayAlpha, _): fx_gray_alpha16
        case (.rgb, 8): fx_rgb8
        case (.rgb, _): fx_rgb16
        case (.rgba, 8): fx_rgba8
        case (.rgba, _): fx_rgba16
        }
    }
}

/// A transform of lcms2. Sendable because without lcms2's one-pixel cache using it changes nothing.
final class LCMSTransform: @unchecked Sendable {
    private let pointer: cmsHTRANSFORM

    /// Nil when lcms2 finds no way between the profiles.
    init?(
        from source: ProfileHandle, _ sourceFormat: cmsUInt32Number, to target: ProfileHandle,
        _ targetFormat: cmsUInt32Number, intent: cmsUInt32Number
    ) {
        let flags = cmsFLAGS_NOCACHE | cmsFLAGS_COPY_ALPHA | cmsFLAGS_BLACKPOINTCOMPENSATION
        guard
            let pointer = cmsCreateTransform(
                source.pointer, sourceFormat, target.pointer, targetFormat, intent, cmsUInt32Number(flags))
        else { return nil }
        self.pointer = pointer
    }

    deinit { cmsDeleteTransform(pointer) }

    /// The samples converted between formats with the same number of channels.
    func apply<Sample>(_ values: [Sample], pixels: Int) -> [Sample] {
        [Sample](unsafeUninitializedCapacity: values.count) { target, count in
            values.withUnsafeBufferPointer { apply($0.baseAddress!, to: target.baseAddress!, pixels: pixels) }
            count = values.count
        }
    }

    /// `pixels` pixels from one buffer into another; both must be large enough for their formats.
    func apply(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, pixels: Int) {
        cmsDoTransform(pointer, source, target, cmsUInt32Number(pixels))
    }
}

/// The transforms that were used last: building one can cost more than using it on a thumbnail.
private final class TransformCache: Sendable {
    static let shared = TransformCache()

    private static let capacity = 8
    private let entries = Mutex<[(key: TransformKey, transform: LCMSTransform)]>([])

    func transform(_ key: TransformKey) -> LCMSTransform? {
        let known = entries.withLock { entries -> LCMSTransform? in
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = entries.remove(at: index)
            entries.append(entry)
            return entry.transform
        }
        if let known { return known }
        guard let made = Self.make(key) else { return nil }
        entries.withLock { entries in
            entries.append((key, made))
            if entries.count > Self.capacity { entries.removeFirst() }
        }
        return made
    }

    private static func make(_ key: TransformKey) -> LCMSTransform? {
        guard let source = ProfileHandle(key.profile),
            let target = key.layout.isGray ? ProfileHandle.sRGBGray() : ProfileHandle.sRGB()
        else { return nil }
        return LCMSTransform(
            from: source, key.format, to: target, key.format, intent: cmsUInt32Number(INTENT_RELATIVE_COLORIMETRIC))
    }
}
