/// A workflow as nodes and edges, for the diagram.
package struct WorkflowGraph: Sendable, Hashable {
    package struct Node: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case start
            case end
            case task
            case decision
            case assignment
            case fork
            case wait
        }

        /// `n0`, `n1`, … in the order of the text, or `start`, or `end`.
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
    private var known: Set<Edge> = []

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
        if known.insert(edge).inserted { edges.append(edge) }
    }

    /// How control leaves a piece of the graph.
    private struct Ends {
        /// The exits to the next step.
        var after: [Exit] = []
        /// The exits to the end of the workflow.
        var toEnd: [Exit] = []
    }

    /// Adds a list whose first step is entered by `entries`.
    private mutating func add(_ steps: [WorkflowStep], list: String, entries: [Exit]) -> Ends {
        var incoming: [Int: [Exit]] = [0: entries]
        var firstNode: [Int: String] = [:]
        var jumps: [(exit: Exit, to: Int)] = []
        var ends = Ends()
        for (index, step) in steps.enumerated() {
            firstNode[index] = "n\(nodes.count - 1)"
            let (leaving, inner) = add(step, "\(list)/\(index)/\(step.name)", incoming[index] ?? [])
            ends.toEnd += inner
            for (exit, then) in leaving {
                switch then {
                case .continue where index + 1 < steps.count: incoming[index + 1, default: []].append(exit)
                case .continue, .exit: ends.after.append(exit)
                case .end: ends.toEnd.append(exit)
                case .step(let name):
                    guard let target = steps.firstIndex(where: { $0.name == name }) else { continue }
                    jumps.append((exit, target))
                }
            }
        }
        for jump in jumps { if let node = firstNode[jump.to] { connect(jump.exit, to: node) } }
        return ends
    }

    /// Adds a step.
    /// - Returns: the step's exits, and those inside it that lead to the end of the workflow.
    private mutating func add(
        _ step: WorkflowStep, _ reference: String, _ entries: [Exit]
    ) -> (leaving: [(exit: Exit, then: FlowDirective)], toEnd: [Exit]) {
        let then = step.then ?? .continue
        switch step.kind {
        case .do(let inner):
            let ends = add(inner, list: reference + "/do", entries: entries)
            return (ends.after.map { ($0, then) }, ends.toEnd)
        case .for(let loop):
            let node = node(step, reference, .decision, entries)
            let ends = add(loop.steps, list: reference + "/do", entries: [Exit(from: node, label: "each")])
            for exit in ends.after { connect(exit, to: node) }
            return ([(Exit(from: node, label: "all done"), then)], ends.toEnd)
        case .fork(let fork):
            let node = node(step, reference, .fork, entries)
            var leaving: [(exit: Exit, then: FlowDirective)] = []
            var toEnd: [Exit] = []
            for (index, branch) in fork.branches.enumerated() {
                let label = branch.isBackground ? "in the background" : ""
                let ends = add(
                    branch, "\(reference)/fork/branches/\(index)/\(branch.name)", [Exit(from: node, label: label)])
                // A branch in the background leads nowhere: it is cancelled when the others end.
                if !branch.isBackground { leaving += ends.leaving.map { ($0.exit, then) } }
                toEnd += ends.toEnd
            }
            return (leaving, toEnd)
        case .try(let attempt):
            let tried = add(attempt.steps, list: reference + "/try", entries: entries)
            var leaving = tried.after.map { (exit: $0, then: then) }
            var toEnd = tried.toEnd
            let first = "n\(nodes.count - 1)"
            if let steps = attempt.handler.steps, let last = nodes.last, last.kind != .start {
                let ends = add(
                    steps, list: reference + "/catch/do", entries: [Exit(from: last.id, label: "on error")])
                leaving += ends.after.map { ($0, attempt.handler.then ?? then) }
                toEnd += ends.toEnd
            } else if let next = attempt.handler.then, first != "start", let last = nodes.last {
                leaving.append((Exit(from: last.id, label: "on error"), next))
            }
            return (leaving, toEnd)
        case .listen(let listen):
            let node = node(step, reference, .wait, entries)
            guard let each = listen.forEach else { return ([(Exit(from: node, label: ""), then)], []) }
            let ends = add(each.steps, list: reference + "/foreach/do", entries: [Exit(from: node, label: "each")])
            for exit in ends.after { connect(exit, to: node) }
            return ([(Exit(from: node, label: "all done"), then)], ends.toEnd)
        case .switch(let cases):
            let node = node(step, reference, .decision, entries)
            var leaving = cases.map { (exit: Exit(from: node, label: Self.label($0.name)), then: $0.then) }
            if !cases.contains(where: { $0.when == nil }) {
                leaving.append((Exit(from: node, label: "otherwise"), then))
            }
            return (leaving, [])
        case .raise:
            // A raised error goes on at a `catch`, to which the edges of the `try` lead.
            _ = node(step, reference, .assignment, entries)
            return ([], [])
        case .call, .http, .openAPI, .function, .run:
            return ([(Exit(from: node(step, reference, .task, entries), label: ""), then)], [])
        case .wait: return ([(Exit(from: node(step, reference, .wait, entries), label: ""), then)], [])
        case .set, .emit, .ticket:
            return ([(Exit(from: node(step, reference, .assignment, entries), label: ""), then)], [])
        }
    }

    private mutating func node(
        _ step: WorkflowStep, _ reference: String, _ kind: Node.Kind, _ entries: [Exit]
    ) -> String {
        let id = "n\(nodes.count - 1)"
        nodes.append(
            Node(
                id: id, reference: reference, label: Self.label(step.name), kind: kind,
                isConditional: step.condition != nil))
        for exit in entries { connect(exit, to: id) }
        return id
    }

    /// A step's name for people: `postMortem` becomes "Post mortem".
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
