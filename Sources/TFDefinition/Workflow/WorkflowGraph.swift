/// A workflow as nodes and edges, for the diagram.
package struct WorkflowGraph: Sendable, Hashable {
    package struct Node: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case start
            case end
            case task
            case decision
            case assignment
        }

        /// `n0`, `n1`, … in the order of the text; `start` and `end`.
        package let id: String
        /// The step's JSON Pointer; empty for start and end.
        package let reference: String
        package let label: String
        package let kind: Kind
        package let isConditional: Bool
    }

    package struct Edge: Sendable, Hashable {
        package let from: String
        package let to: String
        package let label: String
    }

    package private(set) var nodes: [Node]
    package private(set) var edges: [Edge] = []

    package init(_ workflow: WorkflowDefinition) {
        nodes = [Node(id: "start", reference: "", label: "Start", kind: .start, isConditional: false)]
        let ends = add(workflow.steps, list: "/do", entries: [Exit(from: "start", label: "")])
        nodes.append(Node(id: "end", reference: "", label: "End", kind: .end, isConditional: false))
        for exit in ends.after + ends.toEnd { connect(exit, to: "end") }
    }

    /// An edge whose end is not known yet.
    private struct Exit {
        let from: String
        let label: String
    }

    private mutating func connect(_ exit: Exit, to node: String) {
        let edge = Edge(from: exit.from, to: node, label: exit.label)
        if !edges.contains(edge) { edges.append(edge) }
    }

    /// Adds a list; `after` leave it for what follows, `toEnd` end the workflow.
    private mutating func add(
        _ steps: [WorkflowStep], list: String, entries: [Exit]
    ) -> (after: [Exit], toEnd: [Exit]) {
        var incoming: [Int: [Exit]] = [0: entries]
        var firstNode: [Int: String] = [:]
        var jumps: [(exit: Exit, to: Int)] = []
        var after: [Exit] = []
        var toEnd: [Exit] = []
        for (index, step) in steps.enumerated() {
            let reference = "\(list)/\(index)/\(step.name)"
            let arriving = incoming[index] ?? []
            var leaving: [(exit: Exit, then: FlowDirective)] = []
            if case .do(let inner) = step.kind {
                firstNode[index] = "n\(nodes.count - 1)"
                let ends = add(inner, list: reference + "/do", entries: arriving)
                toEnd += ends.toEnd
                leaving = ends.after.map { ($0, step.then ?? .continue) }
            } else {
                let id = add(step, reference)
                firstNode[index] = id
                for exit in arriving { connect(exit, to: id) }
                leaving = exits(of: step, id)
            }
            for (exit, then) in leaving {
                switch then {
                case .continue:
                    if index + 1 < steps.count {
                        incoming[index + 1, default: []].append(exit)
                    } else {
                        after.append(exit)
                    }
                case .exit: after.append(exit)
                case .end: toEnd.append(exit)
                case .step(let name):
                    guard let target = steps.firstIndex(where: { $0.name == name }) else { continue }
                    jumps.append((exit, target))
                }
            }
        }
        for jump in jumps { if let node = firstNode[jump.to] { connect(jump.exit, to: node) } }
        return (after, toEnd)
    }

    private mutating func add(_ step: WorkflowStep, _ reference: String) -> String {
        let kind: Node.Kind =
            switch step.kind {
            case .switch: .decision
            case .set: .assignment
            case .call, .do: .task
            }
        let id = "n\(nodes.count - 1)"
        nodes.append(
            Node(
                id: id, reference: reference, label: Self.label(step.name), kind: kind,
                isConditional: step.condition != nil))
        return id
    }

    private func exits(of step: WorkflowStep, _ id: String) -> [(exit: Exit, then: FlowDirective)] {
        guard case .switch(let cases) = step.kind else { return [(Exit(from: id, label: ""), step.then ?? .continue)] }
        var exits = cases.map { (exit: Exit(from: id, label: Self.label($0.name)), then: $0.then) }
        if !cases.contains(where: { $0.when == nil }) {
            exits.append((Exit(from: id, label: "otherwise"), step.then ?? .continue))
        }
        return exits
    }

    /// A step's name as a person reads it: `postMortem` becomes "Post mortem".
    package static func label(_ name: String) -> String {
        var words = ""
        for character in name {
            if character == "-" || character == "_" {
                words.append(" ")
            } else if character.isUppercase, let last = words.last, last.isLowercase {
                words.append(" ")
                words.append(contentsOf: character.lowercased())
            } else {
                words.append(character)
            }
        }
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
