import Imaging

/// A picture for the screen: 8-bit RGB in row order, alpha laid over mid grey.
public struct PixelImage: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// width × height × 3 bytes.
    public let rgb: [UInt8]

    public init(width: Int, height: Int, rgb: [UInt8]) {
        precondition(width > 0 && height > 0 && rgb.count == width * height * 3)
        self.width = width
        self.height = height
        self.rgb = rgb
    }

    /// Computes each pixel: for pictures that are drawn by code.
    public init(width: Int, height: Int, _ color: (_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8)) {
        var rgb: [UInt8] = []
        rgb.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let (red, green, blue) = color(x, y)
                rgb += [red, green, blue]
            }
        }
        self.init(width: width, height: height, rgb: rgb)
    }

    public init(_ raster: Raster) {
        let rgb =
            switch raster.samples {
            case .u8(let values): Self.rgb(values, raster.layout)
            case .u16(let values): Self.rgb(values.map { UInt8($0 >> 8) }, raster.layout)
            }
        self.init(width: raster.width, height: raster.height, rgb: rgb)
    }

    private static func rgb(_ samples: [UInt8], _ layout: PixelLayout) -> [UInt8] {
        let channels = layout.channels
        if channels == 3 { return samples }
        let (isGray, hasAlpha) = (layout.isGray, layout.hasAlpha)
        let count = samples.count / channels
        return [UInt8](unsafeUninitializedCapacity: count * 3) { target, written in
            samples.withUnsafeBufferPointer { source in
                for index in 0..<count {
                    let base = index * channels
                    let alpha = hasAlpha ? Int(source[base + channels - 1]) : 255
                    for channel in 0..<3 {
                        let value = Int(source[base + (isGray ? 0 : channel)])
                        target[index * 3 + channel] = UInt8((value * alpha + 128 * (255 - alpha) + 127) / 255)
                    }
                }
            }
            written = count * 3
        }
    }
}
