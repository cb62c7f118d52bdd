import Imaging
import Testing

struct CIEDE2000Tests {
    /// Lab of the first colour, Lab of the second, ΔE2000: the test data of Sharma, Wu and Dalal (2005), table 1.
    static let published: [[Double]] = [
        [50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425], [50, 3.1571, -77.2803, 50, 0, -82.7485, 2.8615],
        [50, 2.8361, -74.0200, 50, 0, -82.7485, 3.4412], [50, -1.3802, -84.2814, 50, 0, -82.7485, 1.0000],
        [50, -1.1848, -84.8006, 50, 0, -82.7485, 1.0000], [50, -0.9009, -85.5211, 50, 0, -82.7485, 1.0000],
        [50, 0, 0, 50, -1, 2, 2.3669], [50, -1, 2, 50, 0, 0, 2.3669],
        [50, 2.4900, -0.0010, 50, -2.4900, 0.0009, 7.1792], [50, 2.4900, -0.0010, 50, -2.4900, 0.0010, 7.1792],
        [50, 2.4900, -0.0010, 50, -2.4900, 0.0011, 7.2195], [50, 2.4900, -0.0010, 50, -2.4900, 0.0012, 7.2195],
        [50, -0.0010, 2.4900, 50, 0.0009, -2.4900, 4.8045], [50, -0.0010, 2.4900, 50, 0.0010, -2.4900, 4.8045],
        [50, -0.0010, 2.4900, 50, 0.0011, -2.4900, 4.7461], [50, 2.5, 0, 50, 0, -2.5, 4.3065],
        [50, 2.5, 0, 73, 25, -18, 27.1492], [50, 2.5, 0, 61, -5, 29, 22.8977], [50, 2.5, 0, 56, -27, -3, 31.9030],
        [50, 2.5, 0, 58, 24, 15, 19.4535], [50, 2.5, 0, 50, 3.1736, 0.5854, 1.0000],
        [50, 2.5, 0, 50, 3.2972, 0, 1.0000], [50, 2.5, 0, 50, 1.8634, 0.5757, 1.0000],
        [50, 2.5, 0, 50, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]

    @Test(arguments: published)
    func agreesWithThePublishedPairs(_ row: [Double]) {
        let first = SIMD3(row[0], row[1], row[2])
        let second = SIMD3(row[3], row[4], row[5])
        #expect(abs(CIEDE2000.difference(first, second) - row[6]) < 0.00006)
    }

    @Test(arguments: published)
    func takesEightColoursAtATimeToTheSame(_ row: [Double]) {
        let lanes = row.map { Lanes(repeating: Float($0)) }
        let both = CIEDE2000.difference(
            .init(l: lanes[0], a: lanes[1], b: lanes[2]), .init(l: lanes[3], a: lanes[4], b: lanes[5]))
        let one = CIEDE2000.difference(color(lanes, 0, lane: 0), color(lanes, 3, lane: 0))
        #expect((0..<8).allSatisfy { abs(Double(both[$0]) - one) < 0.002 })
    }

    /// From far apart to a rounding apart, vivid, grey and of opposite hues.
    @Test(arguments: [60, 5, 0.5, 0.01] as [Float])
    func agreesWithItselfAtEveryDistance(_ reach: Float) {
        var random = SystemRandomNumberGenerator()
        for chroma in [100, 20, 1, 0.01, 0] as [Float] {
            for opposite in [false, true] {
                let l = Lanes.random(in: 0...100, using: &random)
                let a = Lanes.random(in: -chroma...chroma, using: &random)
                let b = Lanes.random(in: -chroma...chroma, using: &random)
                let sign: Float = opposite ? -1 : 1
                let moves = (0..<3).map { _ in Lanes.random(in: -reach...reach, using: &random) }
                let lanes = [l, a, b, l + moves[0], a * sign + moves[1], b * sign + moves[2]]
                let both = CIEDE2000.difference(
                    .init(l: lanes[0], a: lanes[1], b: lanes[2]), .init(l: lanes[3], a: lanes[4], b: lanes[5]))
                for lane in 0..<8 {
                    let one = CIEDE2000.difference(color(lanes, 0, lane: lane), color(lanes, 3, lane: lane))
                    #expect(abs(Double(both[lane]) - one) < 0.002 + one * 1e-4)
                }
            }
        }
    }

    private func color(_ lanes: [Lanes], _ first: Int, lane: Int) -> SIMD3<Double> {
        SIMD3(Double(lanes[first][lane]), Double(lanes[first + 1][lane]), Double(lanes[first + 2][lane]))
    }
}
