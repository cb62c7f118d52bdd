import CCloakKernels
import Imaging
import Synchronization

/// A perturbation of a whole picture in one byte a sample.
package struct CloakResidual: Sendable, Equatable {
    package let width: Int
    package let height: Int
    /// 1 where all channels move alike, else 3: red, green, blue.
    package let channels: Int
    /// Row after row, pixel after pixel.
    package var values: [Int8]
    /// What one count means on the 0…255 scale at gain 1.
    package let unit: Float

    /// Counts that stand for the whole box; sums of up to four rounded parts still fit into a byte.
    static let fullScale: Float = 120

    package init(width: Int, height: Int, channels: Int, values: [Int8], unit: Float) {
        precondition(values.count == width * height * channels)
        self.width = width
        self.height = height
        self.channels = channels
        self.values = values
        self.unit = unit
    }

    package var isZero: Bool { !values.contains { $0 != 0 } }
}

/// Where workers put their tiles together. Sums of whole numbers, so that their order does not matter.
final class ResidualCanvas: Sendable {
    private let width: Int
    private let height: Int
    private let channels: Int
    private let box: Float
    private let values: Mutex<[Int8]>

    /// - Parameter box: the largest change of a sample, on the 0…255 scale.
    init(width: Int, height: Int, channels: Int, box: Float) {
        self.width = width
        self.height = height
        self.channels = channels
        self.box = box
        values = Mutex([Int8](repeating: 0, count: width * height * channels))
    }

    /// Adds a tile's change (three planes, 0…1 scale) with the weights of its columns and rows.
    func add(_ change: [Float], _ tile: TileGrid.Tile, _ grid: TileGrid) {
        let (columns, rows) = grid.weights(tile)
        let scale = CloakResidual.fullScale / box * 255
        let area = grid.width * grid.height
        let count = min(grid.width, width - tile.x)
        values.withLock { values in
            values.withUnsafeMutableBufferPointer { values in
                change.withUnsafeBufferPointer { change in
                    for row in 0..<min(grid.height, height - tile.y) {
                        let target = ((tile.y + row) * width + tile.x) * channels
                        for channel in 0..<channels {
                            fx_add_row(
                                change.baseAddress! + channel * area + row * grid.width, columns, rows[row] * scale,
                                Int32(count),
                                values.baseAddress! + target + channel, Int32(channels))
                        }
                    }
                }
            }
        }
    }

    func finish() -> CloakResidual {
        CloakResidual(
            width: width, height: height, channels: channels, values: values.withLock { $0 },
            unit: box / CloakResidual.fullScale)
    }
}

extension Raster {
    /// Adds `gain · residual` and a luma residual (0…255 scale) to the picture, rounding once. Fully transparent pixels
    /// and every alpha sample stay as they are. Clips; rounds half up.
    ///
    /// - Parameter luma: values of the picture's size that go alike to every channel.
    package func adding(_ residual: CloakResidual, gain: Float, luma: Plane? = nil) -> Raster {
        precondition(residual.width == width && residual.height == height)
        precondition(luma.map { $0.width == width && $0.height == height } ?? true)
        var result = self
        switch samples {
        case .u8(var values):
            result.samples = .u8([])
            // The search for the strength does this for every gain that it tries.
            if luma == nil, !layout.hasAlpha, residual.channels == layout.channels {
                fx_add_moves(
                    KernelLevel.chosen.rawValue, residual.values, gain * residual.unit, values.count, &values)
            } else {
                add(residual, gain * residual.unit, luma, 1, &values)
            }
            result.samples = .u8(values)
        case .u16(var values):
            result.samples = .u16([])
            add(residual, gain * residual.unit, luma, 257, &values)
            result.samples = .u16(values)
        }
        return result
    }

    private func add<T: FixedWidthInteger & UnsignedInteger>(
        _ residual: CloakResidual, _ unit: Float, _ luma: Plane?, _ scale: Float, _ values: inout [T]
    ) {
        let step = layout.channels
        let colors = layout.colorChannels
        let highest = Float(T.max)
        // Grey pictures take the first channel; the residual of a grey picture has no other.
        let stride = residual.channels
        values.withUnsafeMutableBufferPointer { pixels in
            residual.values.withUnsafeBufferPointer { moves in
                for pixel in 0..<width * height {
                    let base = pixel * step
                    if layout.hasAlpha, pixels[base + colors] == 0 { continue }
                    let common = luma?.values[pixel] ?? 0
                    for channel in 0..<colors {
                        let move = Float(moves[pixel * stride + (stride == 3 ? channel : 0)]) * unit + common
                        let value = Float(pixels[base + channel]) + move * scale + 0.5
                        pixels[base + channel] = T(truncatingIfNeeded: Int32(min(max(value, 0), highest)))
                    }
                }
            }
        }
    }

    /// Whether no pixel has a colour, whatever the layout.
    package var isColorless: Bool {
        guard !layout.isGray else { return true }
        let step = layout.channels
        func check<T: Equatable>(_ values: [T]) -> Bool {
            values.withUnsafeBufferPointer { values in
                for base in Swift.stride(from: 0, to: values.count, by: step)
                where values[base] != values[base + 1] || values[base] != values[base + 2] { return false }
                return true
            }
        }
        switch samples {
        case .u8(let values): return check(values)
        case .u16(let values): return check(values)
        }
    }
}
