import TFExpression

/// A failed step that waits for a ticket admin's decision.
package struct StoppedStep: Sendable, Hashable {
    package let reference: String
    /// Which pass of the step it was, from 1, as its task has it.
    package let visit: Int
    /// What the step was given.
    package let input: JSON

    package init(reference: String, visit: Int, input: JSON) {
        self.reference = reference
        self.visit = visit
        self.input = input
    }
}
