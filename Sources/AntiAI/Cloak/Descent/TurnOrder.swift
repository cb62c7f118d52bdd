/// Groups of networks (each view of one by itself) of about the same cost that take turns: a gradient that is one or two steps old is nearly as good as
/// a new one, so the same time allows so many steps more.
package struct TurnOrder {
    /// Places of the networks, the group of the dearest first; as many groups as there are networks at most.
    package let groups: [[Int]]

    /// - Parameters:
    ///   - costs: of the networks.
    ///   - count: of groups, at least one.
    package init(costs: [Double], count: Int) {
        var groups = [(members: [Int], cost: Double)](repeating: ([], 0), count: count)
        for index in costs.indices.sorted(by: { (costs[$0], $1) > (costs[$1], $0) }) {
            let cheapest = groups.indices.min { groups[$0].cost < groups[$1].cost } ?? 0
            groups[cheapest].members.append(index)
            groups[cheapest].cost += costs[index]
        }
        self.groups = groups.map { $0.members.sorted() }.filter { !$0.isEmpty }
    }

    /// How often all groups were asked before a step.
    package func round(of step: Int) -> Int { step / groups.count }

    /// The networks that a step asks.
    package func due(at step: Int) -> [Int] { groups[step % groups.count] }
}
