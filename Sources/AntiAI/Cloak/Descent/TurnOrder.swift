/// Groups of networks (each view of one by itself) of about the same cost that take turns: a gradient that is a few steps old is
/// nearly as good as a new one, so the same time allows so many steps more.
package struct TurnOrder {
    /// Places of the networks, the dearest group first; as many groups as there are networks at most.
    package let groups: [[Int]]
    /// Groups, by step, until all begins again.
    private let cycle: [Int]

    /// - Parameters:
    ///   - costs: of the networks.
    ///   - count: of groups, at least one.
    ///   - cheapestOften: whether the cheapest group is asked in every second step from the first on, the others in turn between.
    package init(costs: [Double], count: Int, cheapestOften: Bool = false) {
        var groups = [(members: [Int], cost: Double)](repeating: ([], 0), count: count)
        for index in costs.indices.sorted(by: { (costs[$0], $1) > (costs[$1], $0) }) {
            let cheapest = groups.indices.min { groups[$0].cost < groups[$1].cost } ?? 0
            groups[cheapest].members.append(index)
            groups[cheapest].cost += costs[index]
        }
        self.groups = groups.sorted { $0.cost > $1.cost }.map { $0.members.sorted() }.filter { !$0.isEmpty }
        let last = self.groups.count - 1
        cycle = cheapestOften && last > 0 ? (0..<last).flatMap { [last, $0] } : Array(0...max(last, 0))
    }

    /// The networks that a step asks.
    package func due(at step: Int) -> [Int] { groups[cycle[step % cycle.count]] }

    /// How often the networks that a step asks were asked before.
    package func round(of step: Int) -> Int {
        let group = cycle[step % cycle.count]
        let before = cycle[..<(step % cycle.count)].count { $0 == group }
        return step / cycle.count * cycle.count { $0 == group } + before
    }
}
