import Imaging

/// A small picture that stands for a large one while strengths are solved: a grid of tiles side by side.
///
/// Its score is only a step on the way; what is reported is measured on the whole picture.
struct SampleTiles {
    /// Pictures up to this size stand for themselves.
    static let wholePixels = 3_000_000
    static let side = 320
    static let perRow = 5

    private let origins: [(x: Int, y: Int)]
    private let columns: Int
    private let rows: Int
    private let source: (width: Int, height: Int)

    /// Nil for pictures that are small enough to be used whole, or too narrow for tiles.
    init?(width: Int, height: Int) {
        guard width * height > Self.wholePixels else { return nil }
        let columns = min(Self.perRow, width / Self.side)
        let rows = min(Self.perRow, height / Self.side)
        guard columns > 0, rows > 0 else { return nil }
        self.columns = columns
        self.rows = rows
        source = (width, height)
        // On multiples of 16, so that the blocks of JPEG fall as they do in the whole picture.
        func places(_ count: Int, _ length: Int) -> [Int] {
            let gap = Double(length - Self.side * count) / Double(count + 1)
            return (0..<count).map { Int((Double($0 + 1) * gap).rounded()) + $0 * Self.side }.map { $0 / 16 * 16 }
        }
        let xs = places(columns, width)
        let ys = places(rows, height)
        origins = ys.flatMap { y in xs.map { x in (x, y) } }
    }

    func cut(_ raster: Raster) -> Raster {
        let channels = raster.layout.channels
        let samples: Samples =
            switch raster.samples {
            case .u8(let values): .u8(cut(values, channels))
            case .u16(let values): .u16(cut(values, channels))
            }
        return Raster(
            width: columns * Self.side, height: rows * Self.side, layout: raster.layout, samples: samples,
            iccProfile: raster.iccProfile)
    }

    /// Without more than a row of tiles in memory, and the tiles.
    func cut(_ file: RasterFile) -> Raster {
        var (deep, shallow): ([UInt16], [UInt8]) = ([], [])
        for row in 0..<rows {
            let places = origins[row * columns..<(row + 1) * columns]
            let top = places[places.startIndex].y
            let strip = file.rows(top..<top + Self.side)
            for y in 0..<Self.side {
                for place in places {
                    let start = (y * file.width + place.x) * file.layout.channels
                    let range = start..<start + Self.side * file.layout.channels
                    switch strip.samples {
                    case .u8(let values): shallow += values[range]
                    case .u16(let values): deep += values[range]
                    }
                }
            }
        }
        return Raster(
            width: columns * Self.side, height: rows * Self.side, layout: file.layout,
            samples: file.bitDepth == 16 ? .u16(deep) : .u8(shallow), iccProfile: file.iccProfile)
    }

    func cut(_ plane: Plane) -> Plane {
        Plane(width: columns * Self.side, height: rows * Self.side, values: cut(plane.values, 1))
    }

    func cut(_ residual: MarkResidual) -> Plane {
        var result = Plane(width: columns * Self.side, height: rows * Self.side)
        let starts = (0..<rows).map { origins[$0 * columns].y }
        residual.forEachRow { y, line in
            guard let row = starts.lastIndex(where: { $0 <= y }), y < starts[row] + Self.side else { return }
            for column in 0..<columns {
                let to = (row * Self.side + y - starts[row]) * result.width + column * Self.side
                for x in 0..<Self.side { result.values[to + x] = line[origins[column].x + x] }
            }
        }
        return result
    }

    func cut(_ residual: CloakResidual) -> CloakResidual {
        CloakResidual(
            width: columns * Self.side, height: rows * Self.side, channels: residual.channels,
            values: cut(residual.values, residual.channels), unit: residual.unit)
    }

    private func cut<T>(_ values: [T], _ channels: Int) -> [T] {
        var result: [T] = []
        result.reserveCapacity(columns * rows * Self.side * Self.side * channels)
        for row in 0..<rows {
            for y in 0..<Self.side {
                for column in 0..<columns {
                    let origin = origins[row * columns + column]
                    let start = ((origin.y + y) * source.width + origin.x) * channels
                    result.append(contentsOf: values[start..<(start + Self.side * channels)])
                }
            }
        }
        return result
    }
}
