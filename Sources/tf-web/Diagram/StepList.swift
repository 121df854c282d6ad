import TFDefinition

/// A workflow as a list: its steps in the order of the text, and where each leads. Shown if there is no picture.
struct StepList {
    /// Maximum number of steps and of ways out of a step that are listed; the page says how many more there are.
    private static let limitSteps = 250
    private static let limitWays = 12
    /// A longer list is folded, so that what follows stays close.
    private static let limitOpen = 20

    private let steps: [WorkflowGraph.Node]
    private let ways: [String: [WorkflowGraph.Edge]]
    /// The states by node; nil if the workflow is not shown for a ticket.
    private let states: [String: StepView]?
    /// The name by which other steps refer to each step, with its number.
    private let names: [String: String]

    init(_ graph: WorkflowGraph, states: [String: StepView]?) {
        steps = graph.nodes.filter { $0.kind != .start && $0.kind != .end }
        ways = Dictionary(grouping: graph.edges, by: \.from)
        self.states = states
        names = Dictionary(
            steps.enumerated().map { ($1.id, "\($0 + 1) \($1.label)") } + [("end", "the end")],
            uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter because: why the page shows a list and not a picture.
    func html(because: String) -> HTML {
        let more = steps.count - Self.limitSteps
        return """
            <details\(when(steps.count <= Self.limitOpen, " open"))>\
            <summary>The workflow’s steps in words (\(steps.count))</summary>\
            <p>\(because) It begins with \(leads(from: "start")).</p><ol>\(steps.prefix(Self.limitSteps).map(item))</ol>\
            \(when(more > 0, "<p>\(more) more steps follow; the definition lists them all.</p>"))</details>
            """
    }

    private func item(_ step: WorkflowGraph.Node) -> HTML {
        let condition: HTML? = states == nil ? step.onlyIf.map { ", \($0)" } : nil
        let state = states.map { states -> HTML in
            let view = states[step.id] ?? StepView(.idle)
            if view.isFigure { return view.line.isEmpty ? .empty : ": \(view.line)" }
            return ": \(view.tone.sign) \(view.tone.stepWord)\(view.words.map { ", " + $0 } ?? "")"
        }
        let next: HTML =
            step.kind == .ending
            ? "The workflow ends with it."
            : ways[step.id, default: []].isEmpty ? "Nothing follows it." : "Leads to \(leads(from: step.id))."
        return "<li><strong>\(step.label)</strong>\(state ?? condition ?? .empty). \(next)</li>"
    }

    private func leads(from step: String) -> HTML {
        let ways = ways[step, default: []]
        let told = ways.prefix(Self.limitWays).enumerated().map { index, way -> HTML in
            let condition: HTML = way.label.isEmpty ? .empty : " (\(way.label))"
            return "\(index == 0 ? "" : ", ")\(names[way.to] ?? way.to)\(condition)"
        }
        let more = ways.count - told.count
        return "\(told)\(when(more > 0, " and \(more) more"))"
    }
}
