/// The plane in which a mark lives: it grows with the picture, so that the mark stays as fine as the eye demands
/// and a larger picture gives it more points to spread over.
enum CanonicalPlane {
    /// Long edges, in canonical pixels.
    static let sides = [256, 512, 768, 1024]
    /// Long edge, in pixels, from which on a canonical pixel stands for several of the picture's: such a picture will be
    /// shrunk, and what is finer than that is lost to compression first.
    static let coarseFrom = 1448

    /// The side for a picture with that long edge: the nearest one by ratio, or a coarse one for a large picture.
    static func side(forLongEdge edge: Int) -> Int {
        if edge < 362 { return 256 }
        if edge < 724 { return 512 }
        if edge < coarseFrom { return 1024 }
        return edge < 2 * coarseFrom ? 768 : 1024
    }

    /// The shortest and the longest edge of pictures that are marked on a plane, of whatever lies between them.
    static func longEdges(of side: Int) -> ClosedRange<Int> {
        switch side {
        case 256: Watermark.minimumSide...361
        case 512: 362...723
        case 768: coarseFrom...2 * coarseFrom - 1
        // Middling pictures and very large ones.
        default: 724...Int.max
        }
    }

    /// The sides that a found picture may have been marked on before it was scaled or cropped, most likely first.
    static func hypotheses(forLongEdge edge: Int) -> [Int] {
        func distance(_ side: Int) -> Double {
            let ratio = Double(edge) / Double(side)
            if side == self.side(forLongEdge: edge) { return 0 }
            return ratio > 1 ? 1.5 * (ratio - 1) : 1 / ratio - 1
        }
        let plausible = sides.filter { side in
            side == self.side(forLongEdge: edge) || (edge * 3 >= side && (side == 1024 || edge * 2 <= side * 9))
        }
        return plausible.sorted { distance($0) < distance($1) }
    }
}
