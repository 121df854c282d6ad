import TFDefinition
import TFEngine
import TFStore

/// A workflow on a page: the picture whose places the daemon found for its revision, filled in with states; or a list of
/// its steps if there is none. Nothing is drawn here, so showing a page stays cheap.
struct WorkflowDiagram: Sendable {
    private enum Content {
        case picture(DiagramLayout)
        /// A list of the steps, and why there is no picture.
        case words(String)
    }

    private let graph: WorkflowGraph
    private let content: Content

    /// - Parameter revision: nil for the built-in workflow.
    init(_ graph: WorkflowGraph, revision: RevisionID?, _ session: CompanyReadSession) throws {
        guard let revision else {
            self.init(graph, layout: nil, because: "")
            return
        }
        switch try session.diagram(of: revision) {
        case .layout(let layout)?: self.init(graph, layout: layout, because: "Its picture is not drawn yet.")
        case .refused(.size)?: self.init(graph, layout: nil, because: "It is too large for a picture.")
        case .refused(.limits)?: self.init(graph, layout: nil, because: "Drawing it took too long.")
        case .refused(.failure)?: self.init(graph, layout: nil, because: "It could not be drawn as a picture.")
        case nil: self.init(graph, layout: nil, because: "Its picture is not drawn yet.")
        }
    }

    /// - Parameters:
    ///   - layout: nil: there is no picture.
    ///   - because: why there is none, in a sentence.
    init(_ graph: WorkflowGraph, layout: DiagramLayout?, because: String) {
        self.graph = graph
        // Programs of another version may have seen other steps in the text.
        content = layout.flatMap { $0.fits(graph) ? .picture($0) : nil } ?? .words(because)
    }

    /// The diagram with the path taken and the present step marked, and a legend of the states in it.
    /// - Parameters:
    ///   - states: how the steps are shown, by node; nil if the workflow is not shown for a ticket.
    ///   - walked: the edges of the path taken.
    ///   - direction: down in a column; to the right over a whole page, unless only the other way fits there.
    func html(
        states: [String: StepView]? = nil, walked: Set<WorkflowGraph.Edge> = [],
        _ direction: DiagramLayout.Direction = .down, title: String = "The workflow"
    ) -> HTML {
        guard case .picture(let layout) = content else {
            if case .words(let because) = content { return StepList(graph, states: states).html(because: because) }
            return StepList(graph, states: states).html(because: "")
        }
        let ways: [DiagramLayout.Direction] = direction == .down ? [.down] : [.right, .down]
        let pictures = ways.compactMap { way in
            layout[way].map { drawing in
                WorkflowPicture(
                    graph: graph, drawing: drawing, direction: way, room: direction == .down ? 560 : 1_180,
                    title: title, states: states ?? [:], walked: walked)
            }
        }
        guard let picture = pictures.first(where: \.fits) ?? pictures.first else {
            return StepList(graph, states: states).html(because: "")
        }
        return "\(picture.html)\(legend(states ?? [:]))"
    }

    /// The states in the picture, with their glyphs.
    private func legend(_ states: [String: StepView]) -> HTML {
        let shown = Set(graph.nodes.compactMap { node in states[node.id].flatMap { $0.isFigure ? nil : $0.tone } })
        guard !shown.isEmpty else { return .empty }
        let order: [Tone] = [.done, .work, .wait, .fail, .skip, .idle, .off]
        let parts = order.filter(shown.contains).map { tone -> HTML in
            "<span>\(Elements.glyph(tone)) \(tone.stepWord)</span>"
        }
        return #"<p class="row sm soft">\#(parts)</p>"#
    }
}
