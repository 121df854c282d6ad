import TFDefinition
import TFExpression

/// Opening a task for somebody to do.
extension Run {
    mutating func open(
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
}

/// Values inside Markdown stay what they are: every ASCII punctuation character is escaped (CommonMark 2.4).
private func escapeMarkdown(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
        if character.isASCII, character.isPunctuation || character.isSymbol { escaped.append("\\") }
        escaped.append(character)
    }
}
