/// A part of a picture, in fractions of its sides.
public struct Crop: Hashable, Sendable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    public static let whole = Crop(x: 0, y: 0, width: 1, height: 1)
}

extension PixelImage {
    /// Resamples a part of the picture to `width` × `height`: area average when it shrinks, nearest when it grows, as
    /// a viewer at more than 1:1 should.
    public func scaled(_ crop: Crop = .whole, width: Int, height: Int) -> PixelImage {
        let targetWidth = max(1, width)
        let targetHeight = max(1, height)
        let left = crop.x * Double(self.width)
        let top = crop.y * Double(self.height)
        let columns = Self.spans(left, crop.width * Double(self.width), targetWidth, self.width)
        let rows = Self.spans(top, crop.height * Double(self.height), targetHeight, self.height)
        var result = [UInt8](repeating: 0, count: targetWidth * targetHeight * 3)
        let stride = self.width * 3
        rgb.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { target in
                var at = 0
                for (firstRow, lastRow) in rows {
                    for (firstColumn, lastColumn) in columns {
                        var red = 0
                        var green = 0
                        var blue = 0
                        for y in firstRow..<lastRow {
                            var index = y * stride + firstColumn * 3
                            for _ in firstColumn..<lastColumn {
                                red += Int(source[index])
                                green += Int(source[index + 1])
                                blue += Int(source[index + 2])
                                index += 3
                            }
                        }
                        let count = (lastRow - firstRow) * (lastColumn - firstColumn)
                        target[at] = UInt8((red + count / 2) / count)
                        target[at + 1] = UInt8((green + count / 2) / count)
                        target[at + 2] = UInt8((blue + count / 2) / count)
                        at += 3
                    }
                }
            }
        }
        return PixelImage(width: targetWidth, height: targetHeight, rgb: result)
    }

    /// The source pixels that each target pixel covers: at least one, within the picture.
    private static func spans(_ start: Double, _ length: Double, _ count: Int, _ limit: Int) -> [(Int, Int)] {
        (0..<count).map { index in
            let from = start + length * Double(index) / Double(count)
            let to = start + length * Double(index + 1) / Double(count)
            let first = min(limit - 1, max(0, Int(from.rounded(.down))))
            return (first, min(limit, max(first + 1, Int(to.rounded()))))
        }
    }

    /// Unrecognisable but of the same mood: averaged to about 8 × 8 fields and smoothed.
    public func blurred() -> PixelImage {
        let side = 7
        let small = scaled(width: side, height: side)
        let outWidth = min(width, 160)
        let outHeight = max(1, height * outWidth / width)
        return PixelImage(width: outWidth, height: outHeight) { x, y in
            let fx = (Double(x) + 0.5) / Double(outWidth) * Double(side) - 0.5
            let fy = (Double(y) + 0.5) / Double(outHeight) * Double(side) - 0.5
            let x0 = min(side - 1, max(0, Int(fx.rounded(.down))))
            let y0 = min(side - 1, max(0, Int(fy.rounded(.down))))
            let x1 = min(side - 1, x0 + 1)
            let y1 = min(side - 1, y0 + 1)
            let tx = min(1, max(0, fx - Double(x0)))
            let ty = min(1, max(0, fy - Double(y0)))
            func channel(_ offset: Int) -> UInt8 {
                func at(_ x: Int, _ y: Int) -> Double { Double(small.rgb[(y * side + x) * 3 + offset]) }
                let upper = at(x0, y0) * (1 - tx) + at(x1, y0) * tx
                let lower = at(x0, y1) * (1 - tx) + at(x1, y1) * tx
                return UInt8(upper * (1 - ty) + lower * ty)
            }
            return (channel(0), channel(1), channel(2))
        }
    }

    /// How much the preview of a difference exaggerates.
    public static let differenceGain = 40

    /// The size of the difference to another picture of the same size, `differenceGain` times; black where nothing
    /// changed. Without a sign, so that it is still there when cells of the terminal average many pixels. Nil when the
    /// sizes differ.
    public func amplifiedDifference(to other: PixelImage) -> PixelImage? {
        guard width == other.width, height == other.height else { return nil }
        let difference = zip(rgb, other.rgb).map { before, after in
            UInt8(min(255, Self.differenceGain * abs(Int(after) - Int(before))))
        }
        return PixelImage(width: width, height: height, rgb: difference)
    }
}
