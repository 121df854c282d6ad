import TFDefinition
import TFExpression

/// One transition in the making.
struct Run {
    var state: InstanceState
    var effects: [Effect] = []
    let program: Program
    let surroundings: Surroundings
    private var steps = 0

    init(_ program: Program, _ state: InstanceState, _ surroundings: Surroundings) {
        self.program = program
        self.state = state
        self.surroundings = surroundings
    }

    mutating func start() {
        attempt(at: "/") { (run) throws(WorkflowError) in
            let scope = run.scope(input: run.state.input)
            let input = try run.value(run.program.workflow.input, of: run.state.input, scope, at: "/")
            run.state.branch.frames = [InstanceState.Frame(list: "/do", index: 0, data: input)]
            try run.proceed()
        }
    }

    mutating func complete(_ call: InstanceState.PendingCall, _ output: JSON) {
        attempt(at: call.reference) { (run) throws(WorkflowError) in
            guard let step = run.currentStep else { throw .runtime("the step is gone", at: call.reference) }
            var members = output.objectValue ?? [:]
            members["visit"] = .int(call.visit)
            run.state.branch.call = nil
            run.state.tasks[step.name] = .object(members)
            try run.finish(step, call.reference, input: call.input, output: .object(members), startedAt: call.startedAt)
            try run.proceed()
        }
    }

    mutating func cancel() {
        if let call = state.branch.call {
            effects.append(.withdrawTask(reference: call.reference, visit: call.visit))
            note(.cancelled, call.reference)
        }
        state.branch = .init()
        state.status = .cancelled
        effects.append(.cancelled)
    }

    // MARK: Running steps

    /// Runs steps until one waits for somebody, or the workflow has ended.
    private mutating func proceed() throws(WorkflowError) {
        while state.status == .running, state.branch.call == nil {
            steps += 1
            guard steps <= Engine.maximumSteps else {
                throw .runtime("it ran \(Engine.maximumSteps) steps without waiting for anybody", at: currentReference)
            }
            if let step = currentStep {
                try begin(step, currentReference)
            } else {
                try leaveList()
            }
        }
        if state.status == .running { effects.append(.ticketStatus(ticketStatus)) }
    }

    private mutating func begin(_ step: WorkflowStep, _ reference: String) throws(WorkflowError) {
        let raw = state.branch.frames[top].data
        let scope = scope(input: raw, task: (step.name, reference, surroundings.now))
        if try !holds(step.condition, raw, scope, at: reference) {
            note(.skipped, reference, step.name)
            state.branch.frames[top].index += 1
            return
        }
        let input = try value(step.input, of: raw, scope, at: reference)
        note(.started, reference, step.name)
        switch step.kind {
        case .do:
            state.branch.frames.append(InstanceState.Frame(list: reference + "/do", index: 0, data: input))
        case .set(let expression):
            let inner = self.scope(input: input, task: (step.name, reference, surroundings.now))
            let output = try value(expression, of: input, inner, at: reference)
            try finish(step, reference, input: input, output: output, startedAt: surroundings.now)
        case .switch(let cases):
            let inner = self.scope(input: input, task: (step.name, reference, surroundings.now))
            let chosen = try choose(cases, input, inner, at: reference)
            try finish(
                step, reference, input: input, output: input, startedAt: surroundings.now, then: chosen?.then)
        case .call(let call):
            try open(call, step, reference, input)
        }
    }

    private func choose(
        _ cases: [SwitchCase], _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> SwitchCase? {
        for candidate in cases {
            guard let when = candidate.when else { continue }
            if try evaluate(when, input, scope, at: reference).isTruthy { return candidate }
        }
        return cases.first { $0.when == nil }
    }

    /// What follows a step's own work: `output.as`, `export.as`, and where the list goes on.
    private mutating func finish(
        _ step: WorkflowStep, _ reference: String, input: JSON, output: JSON, startedAt: Int64,
        then: FlowDirective? = nil
    ) throws(WorkflowError) {
        var scope = scope(input: input, task: (step.name, reference, startedAt))
        scope["output"] = output
        let shaped = try value(step.output, of: output, scope, at: reference)
        if let export = step.export {
            scope["output"] = shaped
            state.context = try value(export, of: shaped, scope, at: reference)
        }
        note(.completed, reference, step.name)
        state.branch.frames[top].data = shaped
        switch then ?? step.then ?? .continue {
        case .continue: state.branch.frames[top].index += 1
        case .exit: state.branch.frames[top].index = list(state.branch.frames[top].list).count
        case .end: try end(shaped)
        case .step(let name):
            guard let index = list(state.branch.frames[top].list).firstIndex(where: { $0.name == name }) else {
                throw .runtime("there is no step \"\(name)\" to go on at", at: reference)
            }
            state.branch.frames[top].index = index
        }
    }

    /// The last step of a list is done: its output is the parent step's.
    private mutating func leaveList() throws(WorkflowError) {
        let frame = state.branch.frames.removeLast()
        guard !state.branch.frames.isEmpty, let parent = currentStep else { return try end(frame.data) }
        try finish(parent, currentReference, input: frame.data, output: frame.data, startedAt: surroundings.now)
    }

    private mutating func end(_ output: JSON) throws(WorkflowError) {
        var scope = scope(input: state.input)
        scope["output"] = output
        state.output = try value(program.workflow.output, of: output, scope, at: "/")
        state.branch = .init()
        state.status = .completed
        effects.append(.completed(output: state.output))
    }

    // MARK: Where it is

    private var top: Int { state.branch.frames.count - 1 }

    /// The step that the innermost list is at; nil behind its last.
    private var currentStep: WorkflowStep? {
        guard let frame = state.branch.frames.last else { return nil }
        let steps = list(frame.list)
        return steps.indices.contains(frame.index) ? steps[frame.index] : nil
    }

    private var currentReference: String {
        guard let frame = state.branch.frames.last, let step = currentStep else { return "/" }
        return "\(frame.list)/\(frame.index)/\(step.name)"
    }

    private func list(_ pointer: String) -> [WorkflowStep] { program.workflow.list(at: pointer) }

    /// The innermost running step that names a status.
    private var ticketStatus: String? {
        state.branch.frames.lazy.reversed().compactMap { frame in
            let steps = list(frame.list)
            return steps.indices.contains(frame.index) ? steps[frame.index].ticketStatus : nil
        }.first
    }

    // MARK: Effects

    private mutating func note(_ kind: StepChange.Kind, _ reference: String, _ name: String = "") {
        let name = name.isEmpty ? String(reference.split(separator: "/").last ?? "") : name
        effects.append(.step(StepChange(kind: kind, reference: reference, name: name)))
    }

    /// Runs a part of a transition; an error of it faults the instance and keeps what was done before.
    private mutating func attempt(
        at reference: String, _ body: (inout Run) throws(WorkflowError) -> Void
    ) {
        do {
            try body(&self)
        } catch {
            if error.instance != "/" { note(.faulted, error.instance) }
            state.status = .faulted
            state.error = error
            effects.append(.faulted(error))
        }
    }
}
