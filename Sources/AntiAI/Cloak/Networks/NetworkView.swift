import Core
import Foundation

/// One of a network's places in the ensemble: how much it counts there, and in which sizes it sees the picture, one after
/// the other.
package struct NetworkView: Sendable, Equatable, Decodable {
    /// What it counts, times the weight of the network.
    package var weight: Float
    /// What the picture's sides are multiplied with.
    package var scales: [Double]

    package init(weight: Float, scales: [Double]) {
        self.weight = weight
        self.scales = scales
    }

    /// A network whose file says nothing of it.
    package static let usual = NetworkView(weight: 1, scales: [1, 0.88, 0.75])

    private static let bounds = 0.25...1.5

    /// The samples that it sees, as a part of the picture's, on average.
    var meanArea: Double { scales.reduce(0) { $0 + $1 * $1 } / Double(max(scales.count, 1)) }

    /// `fixative_views`: a JSON array.
    ///
    /// - Throws: `UserError` that says what is wrong with it.
    static func list(_ text: String, _ plan: NetworkPlan) throws -> [NetworkView] {
        guard text.utf8.count <= 1 << 12,
            let views = try? JSONDecoder().decode([NetworkView].self, from: Data(text.utf8)),
            (1...4).contains(views.count),
            views.allSatisfy({ view in
                view.weight.isFinite && (0...100).contains(view.weight) && (1...12).contains(view.scales.count)
                    && view.scales.allSatisfy(bounds.contains)
            })
        else {
            throw plan.wrong(
                "its views are not one to four of a weight from 0 to 100 and one to twelve scales from 0.25 to 1.5")
        }
        return views
    }
}
