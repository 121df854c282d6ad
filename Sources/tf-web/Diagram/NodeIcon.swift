import TFDefinition

extension WorkflowGraph.Node.Kind {
    /// Who or what does it, as the outline of an icon of 16 pixels; nil: the shape says it.
    var icon: String? {
        switch self {
        case .start: "M5.5 3.5 12 8l-6.5 4.5z"
        case .end, .ending: "M4 14.5v-12h8.5L10.5 6l2 3.5H4"
        case .person: "M8 7.5a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5M2.75 14c.5-3 2.5-4 5.25-4s4.75 1 5.25 4"
        case .program: "M2.5 2.5h11v4.25h-11zM2.5 9.25h11v4.25h-11zM5 4.6h.01M5 11.4h.01"
        case .message: "M2.5 3h11v8H7.5l-3 2.75V11h-2z"
        case .change: "M3 13l.75-3.25L10.5 3 13 5.5l-6.75 6.75z"
        case .wait: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.75V8l2.25 1.5"
        case .decision, .fork: nil
        }
    }
}
