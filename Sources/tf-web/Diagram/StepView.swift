/// The state of one step in a ticket's diagram.
struct StepView: Sendable, Hashable {
    enum State: String, Sendable, CaseIterable {
        case todo
        case past
        case here
        case over
        case broken

        /// Glyph and word, so that no state is shown by colour alone.
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
    /// The holder of the step's task, or who completed it; shown after the sign.
    let who: String?
}
