/// The plane in which a mark lives: it grows with the picture, so that the mark stays as fine as the eye demands
/// and a larger picture gives it more points to spread over.
enum CanonicalPlane {
    /// Long edges, in canonical pixels.
    static let sides = [256, 512, 1024, 2048]

    /// The side for a picture with that long edge: the nearest one by ratio.
    static func side(forLongEdge edge: Int) -> Int {
        if edge < 362 { return 256 }
        if edge < 724 { return 512 }
        return edge < 1448 ? 1024 : 2048
    }

    /// The sides that a found picture may have been marked on before it was scaled or cropped, most likely first.
    static func hypotheses(forLongEdge edge: Int) -> [Int] {
        func distance(_ side: Int) -> Double {
            let ratio = Double(edge) / Double(side)
            if ratio > 1 { return side == 2048 ? 0 : 1.5 * (ratio - 1) }
            return 1 / ratio - 1
        }
        let plausible = sides.filter { side in
            side == self.side(forLongEdge: edge) || (edge * 5 >= side * 2 && (side == 2048 || edge * 2 <= side * 9))
        }
        return plausible.sorted { distance($0) < distance($1) }
    }
}
