import Imaging

/// A tile of a picture as the networks see it: the stored samples, as programs that ignore profiles read them.
struct TilePixels {
    /// Where it lies in the picture.
    let x: Int
    let y: Int
    let width: Int
    let height: Int
    /// Red, green and blue, 0…1; what lies beyond the picture repeats its border.
    let planes: [Float]
    /// How far each pixel may move, 0…1 scale; nothing where the picture is fully transparent.
    private(set) var bounds: [Float]

    /// - Parameter box: how far a pixel of the richest texture may move, 0…1 scale.
    init(_ raster: Raster, x: Int, y: Int, width: Int, height: Int, box: Float) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        (planes, bounds) = Self.read(raster, x: x, y: y, width: width, height: height)
        TextureMask.make(raster, x: x, y: y, width: width, height: height).withUnsafeBufferPointer { mask in
            bounds.withUnsafeMutableBufferPointer { bounds in
                for place in 0..<bounds.count { bounds[place] *= mask[place] * box }
            }
        }
    }

    /// The planes of a rectangle, and 1 for each pixel that is not fully transparent, else 0.
    static func read(
        _ raster: Raster, x: Int, y: Int, width: Int, height: Int
    ) -> (planes: [Float], visible: [Float]) {
        var planes = [Float](repeating: 0, count: 3 * width * height)
        var visible = [Float](repeating: 1, count: width * height)
        SampleReader(raster).withSamples { sample in
            planes.withUnsafeMutableBufferPointer { planes in
                for row in 0..<height {
                    let sourceRow = min(y + row, raster.height - 1)
                    for column in 0..<width {
                        let pixel = sourceRow * raster.width + min(x + column, raster.width - 1)
                        let place = row * width + column
                        for channel in 0..<3 { planes[channel * width * height + place] = sample(pixel, channel) }
                        if raster.layout.hasAlpha, sample(pixel, 3) == 0 { visible[place] = 0 }
                    }
                }
            }
        }
        return (planes, visible)
    }
}

/// Reads samples on the scale 0…1, whatever the layout and depth.
struct SampleReader {
    private let raster: Raster

    init(_ raster: Raster) { self.raster = raster }

    /// Gives a function from pixel and channel (red, green, blue, alpha) to the sample; opaque layouts have alpha 1.
    func withSamples(_ body: ((_ pixel: Int, _ channel: Int) -> Float) -> Void) {
        let step = raster.layout.channels
        let places = raster.layout.isGray ? [0, 0, 0, 1] : [0, 1, 2, 3]
        let opaque = !raster.layout.hasAlpha
        switch raster.samples {
        case .u8(let values):
            values.withUnsafeBufferPointer { values in
                body { pixel, channel in
                    opaque && channel == 3 ? 1 : Float(values[pixel * step + places[channel]]) * (1 / 255)
                }
            }
        case .u16(let values):
            values.withUnsafeBufferPointer { values in
                body { pixel, channel in
                    opaque && channel == 3 ? 1 : Float(values[pixel * step + places[channel]]) * (1 / 65535)
                }
            }
        }
    }
}
