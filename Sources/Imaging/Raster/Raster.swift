/// Which samples a pixel has, in their order in memory. Alpha is never premultiplied.
public enum PixelLayout: Int, Sendable, Codable, CaseIterable {
    case gray = 1
    case grayAlpha = 2
    case rgb = 3
    case rgba = 4

    /// Samples per pixel.
    public var channels: Int { rawValue }
    public var hasAlpha: Bool { self == .grayAlpha || self == .rgba }
    public var isGray: Bool { self == .gray || self == .grayAlpha }
    /// Samples per pixel without alpha.
    public var colorChannels: Int { isGray ? 1 : 3 }
}

/// The samples of a picture: row after row, pixel after pixel, no padding; count = width × height × channels.
public enum Samples: Sendable, Equatable {
    /// 0…255.
    case u8([UInt8])
    /// 0…65535.
    case u16([UInt16])

    public var count: Int {
        switch self {
        case .u8(let values): values.count
        case .u16(let values): values.count
        }
    }

    /// 8 or 16.
    public var bitDepth: Int {
        switch self {
        case .u8: 8
        case .u16: 16
        }
    }
}

/// A picture in memory: upright, unpremultiplied, in the colour space of its ICC profile (sRGB where it has none).
public struct Raster: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let layout: PixelLayout
    public var samples: Samples
    /// An ICC profile (ICC.1:2022) for this layout; nil means sRGB (or its grey).
    public var iccProfile: [UInt8]?

    /// - Precondition: sides are at least 1 and `samples.count == width * height * layout.channels`.
    public init(width: Int, height: Int, layout: PixelLayout, samples: Samples, iccProfile: [UInt8]? = nil) {
        precondition(width > 0 && height > 0 && samples.count == width * height * layout.channels)
        self.width = width
        self.height = height
        self.layout = layout
        self.samples = samples
        self.iccProfile = iccProfile
    }

    public var bitDepth: Int { samples.bitDepth }
    public var pixelCount: Int { width * height }
}
