import Foundation

/// Rows of linear light (IEC 61966-2-1, 0…1) from a picture in sRGB, or from a halved copy of one.
protocol LinearRows: Sendable {
    var width: Int { get }
    var height: Int { get }
    /// Writes one row of each of the three planes.
    func read(
        row: Int, _ red: UnsafeMutablePointer<Float>, _ green: UnsafeMutablePointer<Float>,
        _ blue: UnsafeMutablePointer<Float>)
}

/// The transfer function of sRGB as tables.
enum SRGBTransfer {
    static func toLinear(_ value: Double) -> Double {
        value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    static let linear8: [Float] = (0..<256).map { Float(toLinear(Double($0) / 255)) }
    static let linear16: [Float] = (0..<65536).map { Float(toLinear(Double($0) / 65535)) }
}

/// A picture over a plain background, in linear light. Sides under 8 are continued by their last samples up to 8,
/// the smallest picture for which SSIMULACRA2 is defined.
struct LinearRaster: LinearRows {
    let raster: Raster
    /// What shows through transparent pixels: 0 black … 65535 white.
    let background: Int
    let width: Int
    let height: Int

    init(_ raster: Raster, background: Int = 0) {
        self.raster = raster
        self.background = background
        width = max(8, raster.width)
        height = max(8, raster.height)
    }

    func read(
        row: Int, _ red: UnsafeMutablePointer<Float>, _ green: UnsafeMutablePointer<Float>,
        _ blue: UnsafeMutablePointer<Float>
    ) {
        let step = raster.layout.channels
        let start = min(row, raster.height - 1) * raster.width * step
        switch raster.samples {
        case .u8(let samples):
            samples.withUnsafeBufferPointer { pixels in
                if raster.layout.hasAlpha {
                    composite(pixels.baseAddress! + start, scale: 257, red, green, blue)
                } else {
                    SRGBTransfer.linear8.withUnsafeBufferPointer {
                        lookUp(pixels.baseAddress! + start, $0.baseAddress!, red, green, blue)
                    }
                }
            }
        case .u16(let samples):
            samples.withUnsafeBufferPointer { pixels in
                if raster.layout.hasAlpha {
                    composite(pixels.baseAddress! + start, scale: 1, red, green, blue)
                } else {
                    SRGBTransfer.linear16.withUnsafeBufferPointer {
                        lookUp(pixels.baseAddress! + start, $0.baseAddress!, red, green, blue)
                    }
                }
            }
        }
        for x in raster.width..<max(width, raster.width) {
            red[x] = red[x - 1]
            green[x] = green[x - 1]
            blue[x] = blue[x - 1]
        }
    }

    @inline(__always)
    private func lookUp<T: FixedWidthInteger>(
        _ pixels: UnsafePointer<T>, _ table: UnsafePointer<Float>, _ red: UnsafeMutablePointer<Float>,
        _ green: UnsafeMutablePointer<Float>, _ blue: UnsafeMutablePointer<Float>
    ) {
        let step = raster.layout.channels
        let second = raster.layout.isGray ? 0 : 1
        var base = 0
        for x in 0..<raster.width {
            red[x] = table[Int(pixels[base])]
            green[x] = table[Int(pixels[base + second])]
            blue[x] = table[Int(pixels[base + 2 * second])]
            base += step
        }
    }

    @inline(__always)
    private func composite<T: FixedWidthInteger>(
        _ pixels: UnsafePointer<T>, scale: Int, _ red: UnsafeMutablePointer<Float>,
        _ green: UnsafeMutablePointer<Float>, _ blue: UnsafeMutablePointer<Float>
    ) {
        let step = raster.layout.channels
        let second = raster.layout.isGray ? 0 : 1
        SRGBTransfer.linear16.withUnsafeBufferPointer { table in
            for x in 0..<raster.width {
                let base = x * step
                let alpha = Int(pixels[base + step - 1]) * scale
                let behind = (65535 - alpha) * background + 32767
                red[x] = table[(Int(pixels[base]) * scale * alpha + behind) / 65535]
                green[x] = table[(Int(pixels[base + second]) * scale * alpha + behind) / 65535]
                blue[x] = table[(Int(pixels[base + 2 * second]) * scale * alpha + behind) / 65535]
            }
        }
    }
}

/// `LinearRaster` of a picture in a file: one band of it is in memory. Not for use by two threads at once.
final class LinearFile: LinearRows, @unchecked Sendable {
    let width: Int
    let height: Int
    private let file: RasterFile
    private let background: Int
    /// A band in sRGB.
    private let pixels: (Range<Int>) -> Raster
    private var band: (rows: Range<Int>, pixels: LinearRaster)?

    convenience init(_ file: RasterFile, background: Int = 0) {
        self.init(file, background: background) { ColorTransform.toSRGB(file.rows($0)) }
    }

    /// - Parameter pixels: a band of the picture, or of what is made of it.
    init(_ file: RasterFile, background: Int, pixels: @escaping (Range<Int>) -> Raster) {
        self.file = file
        self.background = background
        self.pixels = pixels
        width = max(8, file.width)
        height = max(8, file.height)
    }

    func read(
        row: Int, _ red: UnsafeMutablePointer<Float>, _ green: UnsafeMutablePointer<Float>,
        _ blue: UnsafeMutablePointer<Float>
    ) {
        let row = min(row, file.height - 1)
        if let band, band.rows.contains(row) {
            band.pixels.read(row: row - band.rows.lowerBound, red, green, blue)
            return
        }
        let start = row / file.bandHeight * file.bandHeight
        let rows = start..<min(file.height, start + file.bandHeight)
        let linear = LinearRaster(pixels(rows), background: background)
        band = (rows, linear)
        linear.read(row: row - start, red, green, blue)
    }
}

/// A picture at half the size in each direction, averaged in linear light.
struct HalvedLinear: LinearRows {
    let width: Int
    let height: Int
    private var planes: [[Float]]

    init(_ source: any LinearRows) {
        let rows = HalvedRows(source)
        let (width, height) = (rows.width, rows.height)
        var planes = [[Float]](repeating: [Float](repeating: 0, count: width * height), count: 3)
        let line = RowStore(width: width, rows: 3)
        for y in 0..<height {
            rows.read(row: y, line[0], line[1], line[2])
            for channel in 0..<3 {
                planes[channel].withUnsafeMutableBufferPointer {
                    ($0.baseAddress! + y * width).update(from: line[channel], count: width)
                }
            }
        }
        self.width = width
        self.height = height
        self.planes = planes
    }

    func read(
        row: Int, _ red: UnsafeMutablePointer<Float>, _ green: UnsafeMutablePointer<Float>,
        _ blue: UnsafeMutablePointer<Float>
    ) {
        for (target, plane) in zip([red, green, blue], planes) {
            plane.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + row * width, count: width) }
        }
    }
}

/// The same without planes: each row is averaged when it is asked for. Not for use by two threads at once.
struct HalvedRows: LinearRows {
    let width: Int
    let height: Int
    private let source: any LinearRows
    private let rows: RowStore

    init(_ source: any LinearRows) {
        self.source = source
        width = (source.width + 1) / 2
        height = (source.height + 1) / 2
        rows = RowStore(width: source.width, rows: 6)
    }

    /// Averages blocks of 2×2; the last column and row of odd sizes average what they have.
    func read(
        row: Int, _ red: UnsafeMutablePointer<Float>, _ green: UnsafeMutablePointer<Float>,
        _ blue: UnsafeMutablePointer<Float>
    ) {
        source.read(row: 2 * row, rows[0], rows[1], rows[2])
        source.read(row: min(2 * row + 1, source.height - 1), rows[3], rows[4], rows[5])
        for (channel, target) in [red, green, blue].enumerated() {
            let (upper, lower) = (rows[channel], rows[channel + 3])
            for x in 0..<(source.width / 2) {
                let sum = upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]
                target[x] = sum * 0.25
            }
            if source.width % 2 == 1 {
                target[width - 1] = (upper[source.width - 1] + lower[source.width - 1]) * 0.5
            }
        }
    }
}
