/// Two groups of networks of about the same cost that take turns: with few steps, a gradient that is one step old is
/// nearly as good as a new one, at half the price.
package struct TurnOrder {
    /// Places of the networks, the group of the dearest first; one group where there is one network.
    package let groups: [[Int]]

    /// - Parameter costs: of the networks.
    package init(costs: [Double]) {
        var groups: [(members: [Int], cost: Double)] = [([], 0), ([], 0)]
        for index in costs.indices.sorted(by: { (costs[$0], $1) > (costs[$1], $0) }) {
            let cheaper = groups[1].cost < groups[0].cost ? 1 : 0
            groups[cheaper].members.append(index)
            groups[cheaper].cost += costs[index]
        }
        self.groups = groups.map { $0.members.sorted() }.filter { !$0.isEmpty }
    }

    /// The networks that a step asks.
    package func due(at step: Int) -> [Int] { groups[step % groups.count] }
}
