import AntiAI
import Imaging
import Testing

@Suite("Estimate of butteraugli")
struct ButteraugliEstimateTests {
    private static let flat = ButteraugliEstimate(Drawing.gray(160, 120) { _, _ in 128 })

    private static func noise(_ sigma: Float) -> Plane {
        var dice = Dice(9)
        return Plane(width: 160, height: 120, values: (0..<160 * 120).map { _ in sigma * dice.normal() })
    }

    @Test func growsWithTheChangeInProportion() {
        #expect(Self.flat.norm(of: Self.noise(0)) == 0)
        let (one, three) = (Self.flat.norm(of: Self.noise(1)), Self.flat.norm(of: Self.noise(3)))
        #expect(one > 0 && abs(three / one - 3) < 0.001)
    }

    @Test func textureHidesAChange() {
        var dice = Dice(2)
        let rough = ButteraugliEstimate(Drawing.gray(160, 120) { _, _ in 128 + 20 * dice.normal() })
        #expect(rough.norm(of: Self.noise(1)) < 0.5 * Self.flat.norm(of: Self.noise(1)))
    }

    @Test func aChangeInOnePlaceCountsMoreThanTheSamePowerEverywhere() {
        var spot = Self.noise(0)
        let everywhere = Self.noise(1)
        for y in 40..<80 { for x in 60..<100 { spot.values[y * 160 + x] = 3.46 * everywhere.values[y * 160 + x] } }
        #expect(Self.flat.norm(of: spot) > 1.3 * Self.flat.norm(of: everywhere))
    }
}
