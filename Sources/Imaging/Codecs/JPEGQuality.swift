/// The quality setting behind a quantisation table.
enum JPEGQuality {
    /// The table of luma in annex K.1 of ITU-T T.81, in zigzag order.
    private static let luma = [
        16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
        26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
        56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
        95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
    ]

    /// The setting of libjpeg, 1…100, whose table is nearest; exact for files that libjpeg's scaling made.
    static func estimate(_ table: [Int]) -> Int {
        precondition(table.count == luma.count)
        let distances = (1...100).map { quality in
            zip(table, scaled(quality)).reduce(0) { $0 + abs($1.0 - $1.1) }
        }
        let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 99
        return nearest + 1
    }

    /// libjpeg's rule: the percentage is 5000 / quality below 50, 200 − 2 · quality from there on.
    private static func scaled(_ quality: Int) -> [Int] {
        let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
        return luma.map { min(255, max(1, ($0 * percent + 50) / 100)) }
    }
}
