import TFDefinition
import TFEngine
import TFStore

/// A workflow on a page: the picture that the daemon drew for its revision, filled in with states; or a list of its
/// steps if there is none. Nothing is drawn here, so showing a page stays cheap.
///
/// The picture has markers (`@c:n3@`, `@t:n3@`, …) for class and second line of a node, and for an edge's class.
struct WorkflowDiagram: Sendable {
    private enum Content {
        case picture([Piece])
        /// A list of the steps, and why there is no picture.
        case words(String)
    }

    private let graph: WorkflowGraph
    private let content: Content

    /// - Parameter revision: nil for a text that is not published, and for the built-in workflow.
    init(_ graph: WorkflowGraph, revision: RevisionID?, _ session: CompanyReadSession) throws {
        self.graph = graph
        guard let revision else {
            content = .words("")
            return
        }
        content =
            switch try session.diagramSkeleton(of: revision) {
            case .pieces(let pieces)?: .picture(pieces)
            case .refused(.size)?: .words("It is too large for a picture.")
            case .refused(.limits)?: .words("Drawing it took too long.")
            case .refused(.failure)?: .words("It could not be drawn as a picture.")
            case nil: .words("Its picture is not drawn yet.")
            }
    }

    /// The diagram with the path taken and the present step marked.
    /// - Parameters:
    ///   - states: the states by node; nil if the workflow is not shown for a ticket.
    ///   - walked: the edges of the path taken.
    func html(states: [String: StepView]? = nil, walked: Set<WorkflowGraph.Edge> = []) -> HTML {
        switch content {
        case .picture(let pieces): picture(pieces, states ?? [:], walked)
        case .words(let because): StepList(graph, states: states).html(because: because)
        }
    }

    private func picture(
        _ pieces: [Piece], _ states: [String: StepView], _ walked: Set<WorkflowGraph.Edge>
    ) -> HTML {
        var markup = ""
        for piece in pieces {
            switch piece {
            case .text(let text): markup += text
            case .nodeClass(let id): markup += states[id]?.state.rawValue ?? "todo"
            case .nodeText(let id): markup += Self.second(states[id])
            case .edgeClass(let index):
                markup += graph.edges.indices.contains(index) && walked.contains(graph.edges[index]) ? "walked" : ""
            }
        }
        return """
            <div class="diagram" tabindex="0" role="region" aria-label="Workflow">\(HTML(trusted: markup))</div>
            """
    }

    private static func second(_ view: StepView?) -> String {
        guard let view else { return StepView.State.todo.sign }
        let who = view.who.map { ", " + $0.prefix(scalars: 24) } ?? ""
        let escaped: HTML = "\(view.state.sign)\(who)"
        return String(decoding: escaped.bytes, as: UTF8.self)
    }
}
