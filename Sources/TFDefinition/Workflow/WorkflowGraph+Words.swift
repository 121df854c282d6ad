import TFExpression

/// What people read in a workflow's graph, and what is left out for them.
extension WorkflowGraph {
    /// Makes an ending of each step that sets the resolution and leads only to the end.
    mutating func makeEndings() {
        let ways = Dictionary(grouping: edges, by: \.from)
        for index in nodes.indices {
            let id = nodes[index].id
            guard let resolution = resolutions[id], !nodes[index].isConditional, ways[id]?.map(\.to) == ["end"] else {
                continue
            }
            nodes[index].kind = .ending
            nodes[index].label = ReadableName.title(resolution)
            edges.removeAll { $0.from == id }
        }
        if nodes.contains(where: { $0.kind == .ending }), !edges.contains(where: { $0.to == "end" }) {
            nodes.removeAll { $0.kind == .end }
        }
    }

    /// The task's title, or its name; the step's name where several steps call the task.
    func label(_ call: TaskCall, _ step: WorkflowStep) -> String {
        guard calls[call.task.name] == 1 else { return ReadableName.title(step.name) }
        return faces[call.task.name]?.title ?? ReadableName.title(call.task.name)
    }

    /// When the steps after `catch` are reached: mostly by a deadline, or by any error.
    static func caught(_ attempt: TryCatch) -> String {
        guard attempt.handler.filter["status"] == 408,
            case .fixed(let span)? = attempt.steps.lazy.compactMap(\.timeout).first
        else { return "on error" }
        return "after \(span.words)"
    }

    /// The resolution that `set` gives the ticket if the workflow ends with it, as the ticket shows it; nil if it is
    /// computed, or none.
    static func resolution(_ value: ValueExpression) -> String? {
        switch value {
        case .literal(let json): return json["status"].stringValue.map(TextLimit.status.shortened)
        case .object(let members):
            guard case .literal(let status)? = members.first(where: { $0.name == "status" })?.value else { return nil }
            return status.stringValue.map(TextLimit.status.shortened)
        case .expression, .array: return nil
        }
    }
}

extension WorkflowGraph.Node {
    /// When the step is taken, for those who may read the definition: «only if amount > 1000 and .outcome == "approve"»;
    /// nil: always. What the ticket must be comes before what the step before must have come to, as the picture has room
    /// for the beginning.
    package var onlyIf: String? {
        guard let condition else { return nil }
        // Only the parts of a plain conjunction may change places.
        let all = condition.split(separator: " and ").map(String.init)
        let isPlain =
            !condition.contains(where: { "|()[]{},/".contains($0) })
            && ![" or ", " as ", "if ", " then "].contains(where: condition.contains)
            && all.allSatisfy { $0.count { $0 == "\"" }.isMultiple(of: 2) }
        let parts = isPlain ? all : [condition]
        let (ofStep, ofTicket) = (parts.filter { $0.hasPrefix(".") }, parts.filter { !$0.hasPrefix(".") })
        return "only if " + (ofTicket + ofStep).joined(separator: " and ").replacing("$ticket.form.", with: "")
    }
}
