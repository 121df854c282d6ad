import TFDefinition
import TFExpression

import struct Foundation.Date

/// One transition in the making.
struct Run {
    private(set) var state: InstanceState
    private(set) var effects: [Effect] = []
    private let program: Program
    private let surroundings: Surroundings
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

    // MARK: Human tasks

    private mutating func open(
        _ call: TaskCall, _ step: WorkflowStep, _ reference: String, _ input: JSON
    ) throws(WorkflowError) {
        guard let definition = program.tasks[call.task] else {
            throw .runtime("there is no task definition \"\(call.task)\"", at: reference)
        }
        let visit = (state.visits[reference] ?? 0) + 1
        state.visits[reference] = visit
        let outer = scope(input: input, task: (step.name, reference, surroundings.now))
        var members = JSONObject()
        for member in call.input { members[member.name] = try value(member.value, of: input, outer, at: reference) }
        let taskInput = JSON.object(members)
        let scope = scope(input: taskInput, task: (step.name, reference, surroundings.now))
        let rule = definition.assign
        let assign = call.assign
        let excluded =
            try logins(rule.exclude.map(ValueExpression.expression), taskInput, scope, at: reference)
            + logins(assign?.exclude, input, outer, at: reference)
        // The call's own wins over the definition's.
        let callPerson = try login(assign?.person, input, outer, at: reference)
        let rulePerson = try login(rule.person.map(ValueExpression.expression), taskInput, scope, at: reference)
        let callPrefer = try login(assign?.prefer, input, outer, at: reference)
        let rulePrefer = try login(rule.prefer.map(ValueExpression.expression), taskInput, scope, at: reference)
        let request = TaskRequest(
            reference: reference, visit: visit, step: step.name, definition: call.task,
            title: try text(definition.title, taskInput, scope, at: reference) { $0 },
            description: try description(definition, taskInput, scope, at: reference),
            input: taskInput,
            role: assign?.role ?? rule.role,
            strategy: assign?.person == nil ? rule.strategy : .person, exclude: excluded,
            prefer: callPrefer ?? rulePrefer, person: callPerson ?? rulePerson,
            priority: assign?.priority ?? definition.priority,
            dueAt: (assign?.due ?? definition.due).map { surroundings.now + $0.milliseconds })
        effects.append(.openTask(request))
        state.branch.call = InstanceState.PendingCall(
            reference: reference, visit: visit, input: input, startedAt: surroundings.now)
    }

    private func description(
        _ definition: TaskDefinition, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> String? {
        guard let template = definition.description else { return nil }
        return try text(template, input, scope, at: reference, escape: escapeMarkdown)
    }

    private func logins(
        _ expression: ValueExpression?, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> [String] {
        guard let expression else { return [] }
        let value = try value(expression, of: input, scope, at: reference)
        if let one = value.stringValue { return [one] }
        if value == .null { return [] }
        guard let all = value.arrayValue else {
            throw .runtime("\"exclude\" gave \(value.typeName), not a list of logins", at: reference)
        }
        return all.compactMap(\.stringValue)
    }

    private func login(
        _ expression: ValueExpression?, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> String? {
        guard let expression else { return nil }
        return try value(expression, of: input, scope, at: reference).stringValue
    }

    private func text(
        _ template: Template, _ input: JSON, _ scope: [String: JSON], at reference: String,
        escape: (String) -> String
    ) throws(WorkflowError) -> String {
        do { return try template.render(input, variables: scope, escape: escape) } catch {
            throw .expression(error, at: reference)
        }
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

    // MARK: Expressions

    private func scope(
        input: JSON, task: (name: String, reference: String, startedAt: Int64)? = nil
    ) -> [String: JSON] {
        [
            "context": state.context, "input": input, "output": .null, "ticket": surroundings.ticket,
            "tasks": .object(state.tasks), "runtime": ["name": "ticketflower", "version": "1"],
            "workflow": [
                "id": .string(surroundings.instance),
                "definition": ["name": .string(program.workflow.name), "version": .string(program.workflow.version)],
                "input": state.input, "startedAt": Self.moment(state.startedAt),
            ],
            "task": task.map { task in
                [
                    "name": .string(task.name), "reference": .string(task.reference),
                    "startedAt": Self.moment(task.startedAt),
                ]
            } ?? .null,
        ]
    }

    private static func moment(_ milliseconds: Int64) -> JSON {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        return [
            "iso8601": .string(date.ISO8601Format()),
            "epoch": ["seconds": .int(milliseconds / 1000), "milliseconds": .int(milliseconds)],
        ]
    }

    private func value(
        _ expression: ValueExpression?, of input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> JSON {
        guard let expression else { return input }
        do { return try expression.evaluate(input, variables: scope) } catch {
            throw .expression(error, at: reference)
        }
    }

    /// Whether an `if` lets its step run; no `if` does.
    private func holds(
        _ condition: Expression?, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> Bool {
        guard let condition else { return true }
        return try evaluate(condition, input, scope, at: reference).isTruthy
    }

    private func evaluate(
        _ expression: Expression, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> JSON {
        do { return try expression.value(input, variables: scope) } catch { throw .expression(error, at: reference) }
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

/// Values inside Markdown stay what they are: every ASCII punctuation character is escaped (CommonMark 2.4).
private func escapeMarkdown(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
        if character.isASCII, character.isPunctuation || character.isSymbol { escaped.append("\\") }
        escaped.append(character)
    }
}
