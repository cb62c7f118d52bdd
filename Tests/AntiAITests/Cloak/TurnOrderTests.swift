import AntiAI
import Testing

@Suite("Turns of the cloak's networks")
struct TurnOrderTests {
    @Test func theGroupsCostAboutTheSame() {
        #expect(TurnOrder(costs: [0.5, 2, 1, 4]).groups == [[3], [0, 1, 2]])
        #expect(TurnOrder(costs: [1, 1]).groups == [[0], [1]])
        #expect(TurnOrder(costs: [3]).groups == [[0]])
    }

    @Test func theDearestGroupBegins() {
        let order = TurnOrder(costs: [0.5, 2, 1, 4])
        #expect((0..<4).map(order.due) == [[3], [0, 1, 2], [3], [0, 1, 2]])
        #expect((0..<2).map(TurnOrder(costs: [3]).due) == [[0], [0]])
    }
}
