import AntiAI
import Testing

@Suite("Turns of the cloak's networks")
struct TurnOrderTests {
    @Test func theGroupsCostAboutTheSame() {
        #expect(TurnOrder(costs: [0.5, 2, 1, 4], count: 2).groups == [[3], [0, 1, 2]])
        #expect(TurnOrder(costs: [1, 1], count: 2).groups == [[0], [1]])
        #expect(TurnOrder(costs: [3], count: 2).groups == [[0]])
        #expect(TurnOrder(costs: [5, 1, 2, 1, 3], count: 3).groups == [[0], [3, 4], [1, 2]])
        #expect(TurnOrder(costs: [5, 1], count: 1).groups == [[0, 1]])
    }

    @Test func theDearestGroupComesFirst() {
        #expect(TurnOrder(costs: [3, 2, 2], count: 2).groups == [[1, 2], [0]])
        #expect(TurnOrder(costs: [1, 3, 2], count: 3).groups == [[1], [2], [0]])
    }

    @Test func everyGroupHasItsTurn() {
        let order = TurnOrder(costs: [0.5, 2, 1, 4], count: 2)
        #expect((0..<4).map(order.due) == [[3], [0, 1, 2], [3], [0, 1, 2]])
        #expect((0..<2).map(TurnOrder(costs: [3], count: 2).due) == [[0], [0]])
    }

    @Test func theCheapestGroupMayBeAskedInEverySecondStep() {
        let order = TurnOrder(costs: [3, 2, 1], count: 3, cheapestOften: true)
        #expect((0..<6).map(order.due) == [[2], [0], [2], [1], [2], [0]])
        let two = TurnOrder(costs: [2, 1], count: 2, cheapestOften: true)
        #expect((0..<4).map(two.due) == [[1], [0], [1], [0]])
        #expect((0..<2).map(TurnOrder(costs: [3], count: 2, cheapestOften: true).due) == [[0], [0]])
    }

    @Test func roundsCountHowOftenAGroupWasAsked() {
        let order = TurnOrder(costs: [3, 2, 1], count: 3)
        #expect((0..<7).map(order.round) == [0, 0, 0, 1, 1, 1, 2])
        let often = TurnOrder(costs: [3, 2, 1], count: 3, cheapestOften: true)
        #expect((0..<10).map(often.round) == [0, 0, 1, 0, 2, 1, 3, 1, 4, 2])
        #expect((0..<3).map(TurnOrder(costs: [3], count: 1, cheapestOften: true).round) == [0, 1, 2])
    }
}
