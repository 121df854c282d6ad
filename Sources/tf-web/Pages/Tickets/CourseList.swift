import TFDefinition
import TFStore

/// The steps that come, with who does them.
struct CourseList {
    let course: TicketCourse
    let steps: [WorkflowGraph.Node]
    /// Who asked, as the reader knows them: "you", or a name.
    let requester: String
    /// The names for people of the company's roles.
    let roles: [String: String]

    /// At most so many steps are told.
    private static let limit = 6

    /// - Parameter end: what is told last.
    func html(end: HTML) -> HTML {
        let items = steps.prefix(Self.limit).map { node -> HTML in
            let condition: HTML = node.isConditional ? ", if it is needed" : .empty
            return
                "<b>\(title(node))</b><br><small>\(who(node))\(condition)</small>"
        }
        let all = items + (steps.count > Self.limit ? ["\(steps.count - Self.limit) more steps"] : []) + [end]
        let list = all.map { item -> HTML in
            "<li class=\"fix\">\(Elements.glyph(.idle))<span>\(item)</span></li>"
        }
        return "<ol class=\"menu stack sm\">\(list)</ol>"
    }

    private func title(_ node: WorkflowGraph.Node) -> String {
        course.calls[node.reference]?.title ?? node.label
    }

    private func who(_ node: WorkflowGraph.Node) -> HTML {
        let calls = course.calls(of: node)
        guard !calls.isEmpty else { return node.kind == .wait ? "The workflow waits" : "By itself" }
        let asked = calls.filter { $0.kind != .service }.map(people).reduce(into: [String]()) { asked, people in
            if !asked.contains(people) { asked.append(people) }
        }
        guard let first = asked.first else { return "A program" }
        let names: [String] = [Words.capitalized(first)] + asked.dropFirst()
        return Words.list(names)
    }

    /// Whom a call asks, inside a sentence.
    private func people(_ call: TicketCourse.Call) -> String {
        switch call.strategy {
        case .requester: requester
        case .person: "somebody whom the workflow names"
        case .each: "everybody who is asked" + (call.role.map { ": \(Words.people($0, roles))" } ?? "")
        case .shortestQueue, .roundRobin, .pool:
            call.role.map { roles[$0] ?? ReadableName.title($0) } ?? "a worker"
        }
    }
}

extension TicketCourse {
    /// How the ticket ends if nothing goes wrong, in a part of a sentence.
    func ending(from starts: [String]) -> HTML {
        guard let ending = graph.mainEnding(from: starts) else { return "The ticket closes" }
        return "The ticket closes as <b>\(ending.label.prefix(1).lowercased() + ending.label.dropFirst())</b>"
    }
}
