/// The state of one step in a ticket's diagram.
struct StepView: Sendable, Hashable {
    enum State: String, Sendable, CaseIterable {
        case todo
        case past
        case here
        case over
        case broken

        /// Glyph and word, so that no state shows by colour alone.
        var sign: String {
            switch self {
            case .todo: "○ not started"
            case .past: "✓ done"
            case .here: "▶ in progress"
            case .over: "– skipped"
            case .broken: "! failed"
            }
        }
    }

    let state: State
    /// What follows the sign: who has it, or who did it.
    let who: String?
}
