import Core
import Testing

struct RemainingTimeTests {
    @Test func saysNothingTooEarly() {
        #expect(RemainingTime.seconds(elapsed: 1, fraction: 0.5) == nil)
        #expect(RemainingTime.seconds(elapsed: 60, fraction: 0.05) == nil)
        #expect(RemainingTime.seconds(elapsed: 60, fraction: 0) == nil)
    }

    @Test func goesOnAtThePaceSoFar() {
        #expect(RemainingTime.seconds(elapsed: 10, fraction: 0.25) == 30)
        #expect(RemainingTime.seconds(elapsed: 10, fraction: 1) == 0)
        #expect(RemainingTime.seconds(elapsed: 3, fraction: 0.9) == 1)
    }
}
