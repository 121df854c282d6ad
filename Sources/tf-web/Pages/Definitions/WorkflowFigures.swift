import TFDefinition
import TFEngine
import TFStore

/// Where tickets are in a workflow now, and how long its steps take: on the diagram, and as a table.
struct WorkflowFigures {
    /// Older tasks do not count.
    private static let days: Int64 = 90

    private let graph: WorkflowGraph
    /// By the step's name.
    private let figures: [String: StepFigures]
    private let names: [String: String]
    /// By what their tasks are found in lists, by node: the task that a step calls; of several in a function, the step.
    private let tasks: [String: String]
    private let company: Company
    private let lines: [String: Int]
    /// Whether the reader may open the list of tickets.
    private let listsTickets: Bool

    init(
        _ workflow: WorkflowDefinition, _ graph: WorkflowGraph, _ row: DefinitionRow,
        _ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession
    ) throws {
        self.graph = graph
        company = request.company
        listsTickets = request.subject.listsTickets
        figures = try session.stepFigures(
            of: row.id, calling: Set(workflow.calledTasks.map(\.name)), since: request.now - Self.days * 86_400_000)
        let lines = StepLines(row.source)
        self.lines = graph.nodes.reduce(into: [:]) { found, node in found[node.id] = lines[node.reference] }
        tasks = graph.nodes.reduce(into: [:]) { tasks, node in
            let names = Set(node.tasks.map(\.call.task.name))
            tasks[node.id] = names.count > 1 ? node.reference.lastPart : names.first
        }
        names = graph.nodes.reduce(into: [:]) { names, node in
            if node.kind == .person || node.kind == .program {
                names[node.id] = node.reference.lastPart
            }
        }
    }

    private func figures(_ node: WorkflowGraph.Node) -> StepFigures? { names[node.id].flatMap { figures[$0] } }

    /// The nodes of the diagram: a link to the step's line, how long it takes, and what is there now.
    var states: [String: StepView] {
        graph.nodes.reduce(into: [:]) { states, node in
            let figures = figures(node)
            var view = StepView((figures?.waiting ?? 0) > 0 ? .work : .idle, link: lines[node.id].map { "#L\($0)" })
            view.isFigure = true
            // A condition is not said elsewhere; the times stand in the table too.
            view.words = node.onlyIf ?? figures.flatMap(Self.usually)
            if let figures, let name = names[node.id] {
                if figures.waiting > 0 {
                    view.badges.append(
                        .init(
                            text: "\(figures.waiting) now",
                            label: "\(counted(figures.waiting, "ticket")) at \(node.label)",
                            link: waiting(at: name)))
                }
                if figures.failed > 0 {
                    view.badges.append(
                        .init(
                            text: "\(figures.failed) failed", label: "\(figures.failed) failed at \(node.label)",
                            link: failed(node)))
                }
            }
            states[node.id] = view
        }
    }

    private static func usually(_ figures: StepFigures) -> String? {
        guard let median = figures.median, let mostly = figures.mostly else { return nil }
        let (half, most) = (Times.roughly(median), Times.roughly(mostly))
        return half == most ? "usually \(half)" : "\(half), 90 % < \(most)"
    }

    private func waiting(at step: String) -> String? {
        listsTickets ? ListAddress("/c/\(company.slug)/tickets", [("step", step)]).text : nil
    }

    private func failed(_ node: WorkflowGraph.Node) -> String? {
        guard listsTickets, let task = tasks[node.id] else { return nil }
        return ListAddress("/c/\(company.slug)/tasks", [("state", "failed"), ("step", task)]).text
    }

    /// The steps of which there is something to tell.
    private var shown: [(node: WorkflowGraph.Node, figures: StepFigures)] {
        graph.nodes.compactMap { node in figures(node).map { (node, $0) } }
    }

    /// What stands in the diagram's steps; empty if nothing does.
    var legend: HTML {
        when(
            !shown.isEmpty,
            "In a step: how many tickets are there now, and how long half and 90 % of them took at most")
    }

    /// The same figures to read, with links.
    var table: HTML {
        guard !shown.isEmpty else {
            return #"<p class="sm soft">No ticket has come through it in the last \#(Self.days) days.</p>"#
        }
        let rows = shown.map { node, figures -> HTML in
            let name = names[node.id] ?? ""
            return """
                <tr><th scope="row">\(node.label)</th>\
                <td class="num">\(link(figures.waiting, waiting(at: name)))</td>\
                <td class="num">\(figures.median.map { Times.length($0) } ?? "–")</td>\
                <td class="num">\(figures.mostly.map { Times.length($0) } ?? "–")</td>\
                <td class="num">\(figures.finished)</td>\
                <td class="num">\(link(figures.failed, failed(node)))</td></tr>
                """
        }
        return """
            <details><summary class="sm soft">The figures as a table</summary>\
            <div class="box" tabindex="0" role="region" aria-label="The figures as a table"><table>\
            <caption class="sm">Waiting now; times of tasks that were done in the last \(Self.days) days</caption>\
            <thead><tr><th scope="col">Step</th><th scope="col" class="num">Waiting now</th>\
            <th scope="col" class="num">Half took less than</th><th scope="col" class="num">9 of 10 took less than</th>\
            <th scope="col" class="num">Done</th><th scope="col" class="num">Failed</th></tr></thead>\
            <tbody>\(rows)</tbody></table></div></details>
            """
    }

    private func link(_ count: Int, _ path: String?) -> HTML {
        guard count > 0, let path else { return "\(count)" }
        return #"<a href="\#(path)">\#(count)</a>"#
    }
}

extension String {
    /// The name of the step at the end of a JSON Pointer.
    fileprivate var lastPart: String? { split(separator: "/").last.map(String.init) }
}
