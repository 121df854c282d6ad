/// A call of a task in a workflow, whose output may become a value.
package struct CallSite: Sendable, Hashable {
    /// The step that calls.
    let step: String
    let task: DefinitionName
    /// The strategy, if the call itself names people.
    let strategy: AssignmentStrategy?

    init(_ step: String, _ call: TaskCall) {
        self.step = step
        task = call.task
        strategy = call.assign?.people != nil ? .each : call.assign?.person != nil ? .person : nil
    }
}

/// What a value in a workflow can be.
struct FlowValue: Hashable {
    /// The calls whose output it may be, in the order of the text.
    var calls: [CallSite] = []
    /// Whether it may be the workflow's input.
    var hasInput = false
    /// Whether it may be something that is known only at run time.
    var isOpen = false

    static let open = FlowValue(isOpen: true)
    private static let limit = 16

    mutating func join(_ other: FlowValue) {
        for call in other.calls where !calls.contains(call) { calls.append(call) }
        hasInput = hasInput || other.hasInput
        isOpen = isOpen || other.isOpen || calls.count > Self.limit
        // An open value says nothing more; one form for it lets the analysis end.
        if isOpen { self = .open }
    }
}

/// Follows data and control through a workflow: what each step's input can be, and which steps are never reached.
///
/// A fixpoint over the lists: a step's possible inputs only grow, and a step is followed again only when they have
/// grown. So the time is proportional to the number of steps, however they jump.
struct WorkflowFlow {
    /// Each step's raw input, by JSON Pointer; steps that are never reached are absent.
    private(set) var given: [String: FlowValue] = [:]
    /// Steps that are never reached although their list is.
    private(set) var unreached: [String] = []

    /// How control leaves a step or list: the output, and where it goes.
    private typealias Exit = (value: FlowValue, then: FlowDirective)
    private var ends: [String: FlowValue] = [:]

    init(_ workflow: WorkflowDefinition) {
        let isPlain = workflow.input?.value == nil && workflow.schedule == nil
        _ = follow(workflow.steps, "/do", isPlain ? FlowValue(hasInput: true) : .open)
        for (name, step) in workflow.functions {
            given["/use/functions/\(name)"] = .open
            _ = follow(step, "/use/functions/\(name)", .open)
        }
        findUnreached(workflow.steps, "/do")
        for (name, step) in workflow.functions { findUnreached(in: step, "/use/functions/\(name)") }
    }

    /// A step's input, after `input.from`.
    func body(_ step: WorkflowStep, _ reference: String) -> FlowValue {
        step.input?.value == nil ? given[reference] ?? .open : .open
    }

    /// A step's raw output, before `output.as`.
    func work(_ step: WorkflowStep, _ reference: String) -> FlowValue {
        if case .call(let call) = step.kind { return FlowValue(calls: [CallSite(step.name, call)]) }
        return .open
    }

    // MARK: Lists

    /// - Returns: the list's output; nil if its end is never reached.
    private mutating func follow(_ steps: [WorkflowStep], _ list: String, _ input: FlowValue) -> FlowValue? {
        var after = ends[list]
        let places = Dictionary(
            steps.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        var open: [(index: Int, value: FlowValue)] = [(0, input)]
        while let (index, value) = open.popLast() {
            guard steps.indices.contains(index) else {
                after = after.joined(value)
                continue
            }
            let step = steps[index]
            let reference = "\(list)/\(index)/\(step.name)"
            let before = given[reference]
            let joined = before.joined(value)
            if joined == before { continue }
            given[reference] = joined
            if step.condition != nil { open.append((index + 1, joined)) }
            for exit in follow(step, reference, joined) {
                switch exit.then {
                case .continue: open.append((index + 1, exit.value))
                case .exit: after = after.joined(exit.value)
                case .end: break
                case .step(let name):
                    if let target = places[name] { open.append((target, exit.value)) }
                }
            }
        }
        ends[list] = after
        return after
    }

    // MARK: Steps

    private mutating func follow(_ step: WorkflowStep, _ reference: String, _ raw: FlowValue) -> [Exit] {
        let input = step.input?.value == nil ? raw : .open
        let then = step.then ?? .continue
        func shaped(_ value: FlowValue) -> FlowValue { step.output?.value == nil ? value : .open }
        switch step.kind {
        case .do(let steps):
            return follow(steps, reference + "/do", input).map { [(shaped($0), then)] } ?? []
        case .switch(let cases):
            let otherwise = cases.contains { $0.when == nil } ? [] : [(shaped(input), then)]
            return cases.map { (shaped(input), $0.then) } + otherwise
        case .for(let loop):
            // The input of a round is the output of the one before.
            var value = input
            while let output = follow(loop.steps, reference + "/do", value) {
                var next = value
                next.join(output)
                if next == value { break }
                value = next
            }
            return [(shaped(value), then)]
        case .fork(let fork): return follow(fork, reference, input).map { [(shaped($0), then)] } ?? []
        case .try(let attempt):
            let tried = follow(attempt.steps, reference + "/try", input).map { [(shaped($0), then)] } ?? []
            return tried + follow(attempt.handler, reference, input).map { (shaped($0.value), $0.then ?? then) }
        case .listen(let listen):
            if let each = listen.forEach { _ = follow(each.steps, reference + "/foreach/do", .open) }
            return [(.open, then)]
        case .raise: return []
        case .wait: return [(shaped(input), then)]
        case .call, .set, .emit, .run, .http, .openAPI, .function, .ticket:
            return [(shaped(work(step, reference)), then)]
        }
    }

    /// - Returns: the fork's output; nil if it never completes.
    private mutating func follow(_ fork: Fork, _ reference: String, _ input: FlowValue) -> FlowValue? {
        var outputs: [FlowValue?] = []
        for (index, branch) in fork.branches.enumerated() {
            let name = "\(reference)/fork/branches/\(index)/\(branch.name)"
            given[name] = given[name].joined(input)
            let exits = follow(branch, name, given[name] ?? input)
            if branch.isBackground { continue }
            let output = exits.reduce(branch.condition == nil ? nil : input) { $0.joined($1.value) }
            outputs.append(output)
        }
        let completed = outputs.compactMap { $0 }
        guard fork.isCompeting else { return completed.count == outputs.count ? .open : nil }
        return completed.reduce(nil) { (joined: FlowValue?, output) in joined.joined(output) }
    }

    private mutating func follow(
        _ handler: ErrorHandler, _ reference: String, _ input: FlowValue
    ) -> [(value: FlowValue, then: FlowDirective?)] {
        if let steps = handler.steps {
            return follow(steps, reference + "/catch/do", input).map { [($0, handler.then)] } ?? []
        }
        // Without `do` and `then`, the last error goes on when the retries are used up.
        return handler.retry != nil && handler.then == nil ? [] : [(input, handler.then)]
    }

    // MARK: Steps that nothing leads to

    private mutating func findUnreached(_ steps: [WorkflowStep], _ list: String) {
        for (index, step) in steps.enumerated() {
            let reference = "\(list)/\(index)/\(step.name)"
            guard given[reference] != nil else {
                unreached.append(reference)
                continue
            }
            findUnreached(in: step, reference)
        }
    }

    private mutating func findUnreached(in step: WorkflowStep, _ reference: String) {
        for (part, inner) in step.kind.lists { findUnreached(inner, "\(reference)/\(part)") }
    }
}

extension FlowValue? {
    fileprivate func joined(_ other: FlowValue) -> FlowValue {
        guard var value = self else { return other }
        value.join(other)
        return value
    }
}
