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
        let channels = raster.layout.channels
        var rgb = [UInt8](repeating: 0, count: raster.pixelCount * 3)
        func fill<T: FixedWidthInteger & UnsignedInteger>(_ source: [T]) {
            let shift = T.bitWidth - 8
            source.withUnsafeBufferPointer { source in
                rgb.withUnsafeMutableBufferPointer { target in
                    for index in 0..<(target.count / 3) {
                        let base = index * channels
                        for channel in 0..<3 {
                            let sample = source[base + (raster.layout.isGray ? 0 : channel)]
                            var value = Int(truncatingIfNeeded: sample >> T(shift))
                            if raster.layout.hasAlpha {
                                let alpha = Int(truncatingIfNeeded: source[base + channels - 1] >> T(shift))
                                value = (value * alpha + 128 * (255 - alpha) + 127) / 255
                            }
                            target[index * 3 + channel] = UInt8(value)
                        }
                    }
                }
            }
        }
        switch raster.samples {
        case .u8(let values): fill(values)
        case .u16(let values): fill(values)
        }
        self.init(width: raster.width, height: raster.height, rgb: rgb)
    }
}
