/// How a perturbation is searched for; docs/technotes/Cloak.md says what was measured for each number.
package struct CloakSettings: Sendable {
    /// How far a pixel of the richest texture may move, on the 0…255 scale, before the strength is solved.
    package var box: Float
    package var steps: Int

    /// In how many groups the networks take turns (`TurnOrder`), one group a step: nearly the same way for a part of the cost,
    /// because gradients change slowly.
    package var turns: Int
    /// Whether the cheapest of these groups is asked in every second step.
    package var asksCheapestOften = false
    /// How many of its sizes a view of an encoder, and one of a network of features, sees the picture in, counted from the first.
    /// Each further one costs a look at the original.
    package var sizes = (encoder: Int.max, features: Int.max)
    /// How many times all steps together would cross half the box.
    package var crossings: Float
    /// What the gradients of SSIMULACRA2 and of butteraugli's norm are multiplied with, the networks' being 1.
    package var scoreWeight: Float = 0.25
    package var normWeight: Float = 1
    /// How strongly a change of colour is drawn back to one of luma, for each part of the bound that it takes.
    package var color: Float = 0
    /// What the networks' gradients are multiplied with. 1, but for the controls that a cloak has to beat: 0 leaves the
    /// networks out, −1 goes where they are moved least.
    package var pull: Float = 1

    package init(box: Float, steps: Int, turns: Int = 1, crossings: Float = 4) {
        self.turns = turns
        self.crossings = crossings
        self.box = box
        self.steps = steps
    }

    /// For a cloak that may bring the score down to `goal`.
    ///
    /// - Parameters:
    ///   - box, steps: what a recipe asks for instead of what suits the goal.
    package init(goal: Double, box ownBox: Double? = nil, steps ownSteps: Int? = nil) {
        let allowance = Float(100 - goal)
        let box = ownBox.map { Float($0) } ?? min(max(allowance * 16 / 28, 8), 16)
        let steps = ownSteps ?? min(max(Int((allowance * 0.5).rounded()), 10), 24)
        let isShort = steps <= 10
        // Where steps are few, small ones from which the solved strength makes more are better than large ones.
        self.init(box: box, steps: steps, turns: 3, crossings: isShort ? 2 : 5)
        if isShort {
            // A view has two to five turns by then: one in a size of its own is hardly worth the look at the original.
            sizes = (encoder: 1, features: 2)
        }
        // Long descents gain by it as short ones do; between the two as much is lost as gained.
        asksCheapestOften = isShort || steps >= 32
        // Where little may be seen the score is what ends it, else butteraugli.
        scoreWeight = min(max(1 - (allowance - 15) * 0.04, 0.25), 0.8)
        // The more may be seen, the more of it would be colour, which is what both measures see least of.
        color = min(max((allowance - 15) * 0.046, 0), 0.6)
    }
}
