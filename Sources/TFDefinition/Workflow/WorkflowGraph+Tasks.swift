/// The tasks to which the steps of a workflow lead, also by functions, which have no nodes of their own: what happens in
/// them is told at the step that calls them.
extension WorkflowGraph {
    /// A task to which a step leads.
    package struct CalledTask: Sendable, Hashable {
        /// Where its call is told, as a JSON Pointer: the step itself, or a place below it if it is one of several in a
        /// function.
        package let reference: String
        /// The name of the step that calls it, which may be one of the function's.
        package let step: String
        package let call: TaskCall
    }

    /// The nodes by what is told at them.
    package struct Places: Sendable {
        private let nodes: [String: Node]

        package init(_ graph: WorkflowGraph) {
            nodes = Dictionary(
                graph.nodes.filter { !$0.reference.isEmpty }.map { ($0.reference, $0) },
                uniquingKeysWith: { first, _ in first })
        }

        /// The node of a step; of one in a function, the node of the step that calls the function. nil: it has none.
        package subscript(_ reference: String) -> Node? {
            var place = reference[...]
            while !place.isEmpty {
                if let node = nodes[String(place)] {
                    return node.isFunction || place.endIndex == reference.endIndex ? node : nil
                }
                place = place[..<(place.lastIndex(of: "/") ?? place.startIndex)]
            }
            return nil
        }
    }

    /// The names of the tasks that are called, by the JSON Pointers at which that is told.
    package var tasksByStep: [String: String] {
        nodes.flatMap(\.tasks).reduce(into: [:]) { names, task in names[task.reference] = task.call.task.name }
    }

    /// Who or what does what a step's tasks ask for: people, if one of the tasks is theirs.
    func kind(of tasks: [CalledTask]) -> Node.Kind {
        tasks.contains { faces[$0.call.task.name]?.isForProgram != true } ? .person : .program
    }
}

extension WorkflowDefinition {
    /// How many tasks of a function are known, and how many of its steps are looked at for them: functions that call
    /// others more than once have any number.
    private static let (limitTasks, limitSteps) = (20, 500)

    /// The tasks to which a function leads, in the order of the text; their places are those below its call.
    func tasks(ofFunction name: String) -> [WorkflowGraph.CalledTask] {
        var search = TaskSearch(left: Self.limitSteps)
        if let body = functions[name] { look(at: body, "", "", in: [name], &search) }
        return search.found
    }

    private struct TaskSearch {
        var found: [WorkflowGraph.CalledTask] = []
        var left: Int
    }

    /// - Parameters:
    ///   - name: the step's as it is told; a function's body has none of its own.
    ///   - names: the functions in which the step is, as each may call itself.
    private func look(
        at step: WorkflowStep, _ reference: String, _ name: String, in names: Set<String>, _ search: inout TaskSearch
    ) {
        guard search.left > 0, search.found.count < Self.limitTasks else { return }
        search.left -= 1
        if case .call(let call) = step.kind {
            search.found.append(.init(reference: reference, step: name, call: call))
        }
        if case .function(let call) = step.kind, !names.contains(call.name), let body = functions[call.name] {
            look(at: body, reference, name, in: names.union([call.name]), &search)
        }
        for (part, steps) in step.kind.lists {
            for (index, inner) in steps.enumerated() {
                look(at: inner, "\(reference)/\(part)/\(index)/\(inner.name)", inner.name, in: names, &search)
            }
        }
    }
}
