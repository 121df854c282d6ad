import Synchronization
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Workflows as pages show them: the picture that the daemon drew of a revision, filled in with states; or the steps in
/// words where there is none. Nothing is drawn here, whatever is looked at, and however often.
///
/// The skeleton holds markers (`@c:n3@`, `@t:n3@`, …) for class and second line of a node, and for an edge's class.
final class Diagrams: Sendable {
    /// Of all pictures that are kept in memory.
    private static let limitBytes = 8 << 20

    private struct Cache {
        /// By revision.
        var skeletons: [RevisionID: [Piece]] = [:]
        var bytes = 0
    }

    private let cache = Mutex(Cache())
    private let store: Store

    init(store: Store) { self.store = store }

    /// A revision of a workflow, and whose it is.
    struct Revision {
        let company: CompanyID
        let id: RevisionID
    }

    /// A workflow with the path taken and the present step marked.
    /// - Parameters:
    ///   - revision: nil: of a text that is not published, or of the built-in workflow.
    ///   - states: by node; nil: of a workflow that nobody runs.
    ///   - walked: edges of the path taken.
    func html(
        _ graph: WorkflowGraph, revision: Revision?, states: [String: StepView]? = nil,
        walked: Set<WorkflowGraph.Edge> = []
    ) async throws -> HTML {
        func inWords(_ because: String) -> HTML { StepList(graph, states: states).html(because: because) }
        guard let revision else { return inWords("") }
        if let known = cache.withLock({ $0.skeletons[revision.id] }) {
            return picture(known, graph, states ?? [:], walked)
        }
        switch try await store.read(in: revision.company, { try $0.diagram(of: revision.id) }) {
        case .svg(let svg)?:
            let pieces = SVGSkeleton(svg).pieces
            keep(pieces, revision.id, bytes: svg.utf8.count)
            return picture(pieces, graph, states ?? [:], walked)
        case .refused(.size)?: return inWords("It is too large for a picture.")
        case .refused(.limits)?: return inWords("Drawing it took too long.")
        case .refused(.failure)?: return inWords("It could not be drawn as a picture.")
        case nil: return inWords("Its picture is not drawn yet.")
        }
    }

    private func keep(_ pieces: [Piece], _ revision: RevisionID, bytes: Int) {
        cache.withLock { cache in
            if cache.bytes + bytes > Self.limitBytes { cache = Cache() }
            if cache.skeletons.updateValue(pieces, forKey: revision) == nil { cache.bytes += bytes }
        }
    }

    private func picture(
        _ skeleton: [Piece], _ graph: WorkflowGraph, _ states: [String: StepView], _ walked: Set<WorkflowGraph.Edge>
    ) -> HTML {
        var markup = ""
        for piece in skeleton {
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
