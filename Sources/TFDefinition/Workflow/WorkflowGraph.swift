/// A workflow as nodes and edges, for the diagram.
package struct WorkflowGraph: Sendable, Hashable {
    /// A step, or the start or end of the workflow.
    package struct Node: Sendable, Hashable {
        /// What the node is to people; a page finds its icon by the word.
        package enum Kind: String, Sendable, Hashable {
            case start
            case end
            /// Sets the ticket's resolution, with which the workflow ends.
            case ending
            /// A task for people, or a function that asks people.
            case person
            /// What a program, a server or another workflow does.
            case program
            /// A comment on the ticket.
            case message
            /// Changes data or the ticket, or raises an error.
            case change
            case wait
            case decision
            case fork

            /// Whether somebody or something takes its time with it.
            package var isAwaited: Bool { self == .person || self == .program || self == .wait }
        }

        /// `n0`, `n1`, … in the order of the text, or `start`, or `end`.
        package let id: String
        /// The step's JSON Pointer; empty for start and end.
        package let reference: String
        package internal(set) var label: String
        package internal(set) var kind: Kind
        /// The expression after `if`; nil: the step is always taken.
        package let condition: String?
        package var isConditional: Bool { condition != nil }
        /// Whether it is a `switch`, and not the head of a loop.
        var isSwitch = false
        /// Whether it calls a function, so that what happens below its step is told at it.
        package internal(set) var isFunction = false
        /// The tasks to which it leads, in the order of the text.
        package internal(set) var tasks: [CalledTask] = []
    }

    /// What a called task is to people.
    package struct TaskFace: Sendable, Hashable {
        /// nil if it is computed for each ticket.
        package let title: String?
        package let isForProgram: Bool

        package init(title: String?, isForProgram: Bool) {
            self.title = title
            self.isForProgram = isForProgram
        }

        package init(_ task: TaskDefinition) {
            title = task.title.isComputed ? nil : task.title.source
            isForProgram = task.kind == .service
        }
    }

    /// A way from one node to another.
    package struct Edge: Sendable, Hashable {
        /// The ids of its nodes.
        package let from: String
        package let to: String
        /// When it is taken, in words; empty: nothing is told.
        package let label: String
        /// Whether it is taken after an error, such as a deadline that has passed.
        package var isOnError = false
    }

    package internal(set) var nodes: [Node]
    package internal(set) var edges: [Edge] = []
    private var known: Set<Edge> = []
    /// The resolutions that steps set, by node.
    var resolutions: [String: String] = [:]
    let faces: [String: TaskFace]
    /// How many steps call each task.
    let calls: [String: Int]
    /// The tasks to which each function leads.
    private let functions: [String: [CalledTask]]

    /// - Parameter faces: the called tasks by their names, as far as they are known.
    package init(_ workflow: WorkflowDefinition, faces: [String: TaskFace] = [:]) {
        self.faces = faces
        calls = workflow.allSteps.reduce(into: [:]) { calls, step in
            if case .call(let call) = step.kind { calls[call.task.name, default: 0] += 1 }
        }
        functions = Dictionary(
            workflow.functions.keys.map { ($0, workflow.tasks(ofFunction: $0)) },
            uniquingKeysWith: { first, _ in first })
        nodes = [Node(id: "start", reference: "", label: "Start", kind: .start, condition: nil)]
        let ends = add(workflow.steps, list: "/do", entries: [Exit(from: "start", label: "")])
        nodes.append(Node(id: "end", reference: "", label: "End", kind: .end, condition: nil))
        for exit in ends.after + ends.toEnd { connect(exit, to: "end") }
        makeEndings()
        joinDecisions()
    }

    /// Lets a decision about one task alone leave from that task: what was decided stands on the arrows.
    private mutating func joinDecisions() {
        for decision in nodes where decision.kind == .decision && decision.isSwitch && !decision.isConditional {
            let entries = edges.filter { $0.to == decision.id }
            guard entries.count == 1, let entry = entries.first, entry.label.isEmpty, entry.from != decision.id,
                edges.count(where: { $0.from == entry.from }) == 1,
                let before = nodes.first(where: { $0.id == entry.from }),
                before.kind == .person || before.kind == .program, !before.isConditional
            else { continue }
            edges = edges.filter { $0 != entry }.map { edge in
                edge.from == decision.id ? Edge(from: before.id, to: edge.to, label: edge.label) : edge
            }
            nodes.removeAll { $0.id == decision.id }
        }
    }

    /// An edge whose end is not known yet.
    private struct Exit {
        let from: String
        let label: String
        var isOnError = false
    }

    private mutating func connect(_ exit: Exit, to node: String) {
        let edge = Edge(from: exit.from, to: node, label: exit.label, isOnError: exit.isOnError)
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
                    steps, list: reference + "/catch/do",
                    entries: [Exit(from: last.id, label: Self.caught(attempt), isOnError: true)])
                leaving += ends.after.map { ($0, attempt.handler.then ?? then) }
                toEnd += ends.toEnd
            } else if let next = attempt.handler.then, first != "start", let last = nodes.last {
                leaving.append((Exit(from: last.id, label: Self.caught(attempt), isOnError: true), next))
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
            nodes[nodes.count - 1].isSwitch = true
            var leaving = cases.map { (exit: Exit(from: node, label: ReadableName.words($0.name)), then: $0.then) }
            if !cases.contains(where: { $0.when == nil }) {
                leaving.append((Exit(from: node, label: "otherwise"), then))
            }
            return (leaving, [])
        case .raise:
            // A raised error goes on at a `catch`, to which the edges of the `try` lead.
            _ = node(step, reference, .change, entries)
            return ([], [])
        case .call(let call):
            let tasks = [CalledTask(reference: reference, step: step.name, call: call)]
            let node = node(step, reference, kind(of: tasks), entries, label: label(call, step))
            nodes[nodes.count - 1].tasks = tasks
            return ([(Exit(from: node, label: ""), then)], [])
        case .function(let call):
            let tasks = tasks(of: call, step, reference)
            let node = node(step, reference, kind(of: tasks), entries)
            nodes[nodes.count - 1].isFunction = true
            nodes[nodes.count - 1].tasks = tasks
            return ([(Exit(from: node, label: ""), then)], [])
        case .http, .openAPI, .run:
            return ([(Exit(from: node(step, reference, .program, entries), label: ""), then)], [])
        case .wait: return ([(Exit(from: node(step, reference, .wait, entries), label: ""), then)], [])
        case .set(let value):
            let node = node(step, reference, .change, entries)
            resolutions[node] = Self.resolution(value)
            return ([(Exit(from: node, label: ""), then)], [])
        case .emit: return ([(Exit(from: node(step, reference, .change, entries), label: ""), then)], [])
        case .ticket(let function):
            let kind: Node.Kind = function.name == .comment ? .message : .change
            return ([(Exit(from: node(step, reference, kind, entries), label: ""), then)], [])
        }
    }

    private func tasks(of call: FunctionCall, _ step: WorkflowStep, _ reference: String) -> [CalledTask] {
        (functions[call.name] ?? []).map { task in
            CalledTask(
                reference: reference + task.reference, step: task.step.isEmpty ? step.name : task.step, call: task.call)
        }
    }

    private mutating func node(
        _ step: WorkflowStep, _ reference: String, _ kind: Node.Kind, _ entries: [Exit], label: String? = nil
    ) -> String {
        let id = "n\(nodes.count - 1)"
        nodes.append(
            Node(
                id: id, reference: reference, label: label ?? ReadableName.title(step.name), kind: kind,
                condition: step.condition?.source))
        for exit in entries { connect(exit, to: id) }
        return id
    }
}
