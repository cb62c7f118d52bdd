/// How a perturbation is searched for; docs/technotes/Cloak.md says what was measured for each number.
package struct CloakSettings: Sendable, Equatable {
    /// How far a pixel of the richest texture may move, on the 0…255 scale.
    package var box: Float
    package var steps: Int
    /// The SSIMULACRA2 of a tile around which the multiplier of the visibility term swings.
    package var target: Double

    /// In how many groups the networks take turns, one group a step: nearly the same way for a part of the cost, because
    /// gradients change slowly.
    package var turns: Int
    /// How many times all steps together would cross half the box.
    package var crossings: Float
    /// What the gradient of SSIMULACRA2 is multiplied with at first, the networks' being 1.
    package var multiplier: Float = 0.5
    /// What the networks' gradients are multiplied with. 1, but for the controls that a cloak has to beat: 0 leaves the
    /// networks out, −1 goes where they are moved least.
    package var pull: Float = 1

    package init(box: Float, steps: Int, target: Double, turns: Int = 1, crossings: Float = 6) {
        self.turns = turns
        self.crossings = crossings
        self.box = box
        self.steps = steps
        self.target = target
    }

    /// For a cloak that may bring the score down to `goal`.
    ///
    /// - Parameters:
    ///   - box, steps: what a recipe asks for instead of what suits the goal.
    package init(goal: Double, box ownBox: Double? = nil, steps ownSteps: Int? = nil) {
        let allowance = 100 - goal
        let box = ownBox.map { Float($0) } ?? min(max(Float(allowance) * 8 / 28, 8), 12)
        let steps = ownSteps ?? min(max(Int((allowance * 0.5).rounded()), 6), 24)
        // Few steps mean that time is short, and that the multiplier has no time to grow.
        self.init(box: box, steps: steps, target: goal + 0.15 * allowance, turns: steps <= 10 ? 3 : 2)
        if steps <= 10 { multiplier = 1 }
    }
}
