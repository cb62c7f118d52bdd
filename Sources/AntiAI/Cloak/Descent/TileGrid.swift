/// Overlapping tiles over a picture, all of one size: each is worked on alone, and neighbours fade into each other.
package struct TileGrid {
    package struct Tile: Equatable {
        package var column: Int
        package var row: Int
        package var x: Int
        package var y: Int
    }

    /// How far neighbours reach into each other at least, on tiles with neighbours.
    package static let overlap = 48
    /// The outermost samples of a tile next to a neighbour count nothing: there the network saw beyond the tile's end.
    package static let halo = 8

    /// No side of a tile among others is shorter where `side` allows it: SSIMULACRA2 loses a scale under 256 samples, so that a
    /// smaller tile seems better than it is, and what is made of it is too visible in the whole.
    package static let least = 256

    /// The size of every tile; multiples of 16, larger than the picture where that is small.
    package let width: Int
    package let height: Int
    private let xs: [Int]
    private let ys: [Int]

    /// The tiles, of whatever shape, that together have the fewest samples: what two of them share is worked on twice.
    ///
    /// - Parameter side: a tile has as many samples as a square of this side at most; a multiple of 16.
    package init(width: Int, height: Int, side: Int) {
        let least = min(Self.least, side)
        var (across, down) = (Line(width, limit: side, least: least), Line(height, limit: side, least: least))
        for limit in stride(from: least, through: side * side / least, by: 16) {
            let columns = Line(width, limit: limit, least: least)
            let rows = Line(height, limit: side * side / columns.size / 16 * 16, least: least)
            if columns.samples * rows.samples < across.samples * down.samples { (across, down) = (columns, rows) }
        }
        (self.width, xs) = (across.size, across.starts)
        (self.height, ys) = (down.size, down.starts)
    }

    package var count: Int { xs.count * ys.count }

    package subscript(index: Int) -> Tile {
        let (row, column) = index.quotientAndRemainder(dividingBy: xs.count)
        return Tile(column: column, row: row, x: xs[column], y: ys[row])
    }

    /// Tiles along one side of the picture.
    private struct Line {
        let size: Int
        let starts: [Int]
        var samples: Int { size * starts.count }

        init(_ length: Int, limit: Int, least: Int) {
            guard length > limit else {
                (size, starts) = (max(32, (length + 15) / 16 * 16), [0])
                return
            }
            let count = (length - overlap + limit - overlap - 1) / (limit - overlap)
            let even = (length + (count - 1) * overlap + count - 1) / count
            let size = min(limit, max((even + 15) / 16 * 16, least))
            (self.size, starts) = (size, (0..<count).map { $0 * (length - size) / (count - 1) })
        }
    }

    /// What a tile counts at each of its columns and rows: with its neighbours' it adds up to 1.
    package func weights(_ tile: Tile) -> (columns: [Float], rows: [Float]) {
        (Self.weights(xs, tile.column, width), Self.weights(ys, tile.row, height))
    }

    private static func weights(_ starts: [Int], _ index: Int, _ size: Int) -> [Float] {
        var weights = [Float](repeating: 1, count: size)
        /// The share of the later of two tiles at a place in their overlap.
        func later(_ place: Int, _ overlap: Int) -> Float {
            min(max((Float(place - halo) + 0.5) / Float(overlap - 2 * halo), 0), 1)
        }
        if index > 0 {
            let overlap = starts[index - 1] + size - starts[index]
            for place in 0..<overlap { weights[place] *= later(place, overlap) }
        }
        if index + 1 < starts.count {
            let overlap = starts[index] + size - starts[index + 1]
            for place in 0..<overlap { weights[size - overlap + place] *= 1 - later(place, overlap) }
        }
        return weights
    }
}
