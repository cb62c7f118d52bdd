/// One channel in floating point, row after row; values are on the 0…255 scale whatever the picture's depth.
public struct Plane: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public var values: [Float]

    public init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0 && values.count == width * height)
        self.width = width
        self.height = height
        self.values = values
    }

    public init(width: Int, height: Int, repeating value: Float = 0) {
        self.init(width: width, height: height, values: [Float](repeating: value, count: width * height))
    }
}

extension Raster {
    /// Luma (Rec. 601: 0.299 R + 0.587 G + 0.114 B) on the 0…255 scale; alpha is ignored.
    public func luma() -> Plane {
        var values = [Float](repeating: 0, count: pixelCount)
        let step = layout.channels
        let gray = layout.isGray
        func fill<T: BinaryInteger>(_ source: [T], _ scale: Float) {
            source.withUnsafeBufferPointer { pixels in
                for index in 0..<values.count {
                    let base = index * step
                    if gray {
                        values[index] = Float(pixels[base]) * scale
                    } else {
                        let red = Float(pixels[base]) * 0.299
                        let green = Float(pixels[base + 1]) * 0.587
                        let blue = Float(pixels[base + 2]) * 0.114
                        values[index] = (red + green + blue) * scale
                    }
                }
            }
        }
        switch samples {
        case .u8(let source): fill(source, 1)
        case .u16(let source): fill(source, 1 / 257)
        }
        return Plane(width: width, height: height, values: values)
    }
}
