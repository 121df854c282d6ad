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
        let callPriority = try priority(assign?.priority, input, outer, at: reference)
        let rulePriority = try priority(definition.priority, taskInput, scope, at: reference)
        let callDue = try due(assign?.due, input, outer, at: reference)
        let ruleDue = try due(definition.due, taskInput, scope, at: reference)
        let request = TaskRequest(
            reference: reference, visit: visit, step: step.name, definition: call.task,
            title: try text(definition.title, taskInput, scope, at: reference) { $0 },
            description: try description(definition, taskInput, scope, at: reference),
            input: taskInput, prefilled: try prefilled(definition, taskInput, scope, at: reference),
            role: assign?.role ?? rule.role,
            strategy: assign?.person == nil ? rule.strategy : .person, exclude: excluded,
            prefer: callPrefer ?? rulePrefer, person: callPerson ?? rulePerson,
            priority: callPriority ?? rulePriority, dueAt: callDue ?? ruleDue)
        effects.append(.openTask(request))
        state.branch.call = InstanceState.PendingCall(
            reference: reference, visit: visit, input: input, startedAt: surroundings.now)
    }

    private func prefilled(
        _ definition: TaskDefinition, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> JSONObject {
        guard case .body(let form) = definition.form else { return [:] }
        var values = JSONObject()
        for (id, element) in form.fields {
            guard let expression = element.prefill else { continue }
            values[id] = try evaluate(expression, input, scope, at: reference)
        }
        return values
    }

    private func priority(
        _ rule: PriorityRule?, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> Priority? {
        switch rule {
        case nil: return nil
        case .fixed(let priority): return priority
        case .computed(let expression):
            let value = try evaluate(expression, input, scope, at: reference)
            if value == .null { return nil }
            guard let priority = value.stringValue.flatMap(Priority.init) else {
                let names = Priority.allCases.map(\.rawValue).joined(separator: ", ")
                throw .runtime("\"priority\" gave \(value.text), not one of \(names)", at: reference)
            }
            return priority
        }
    }

    private func due(
        _ rule: DueRule?, _ input: JSON, _ scope: [String: JSON], at reference: String
    ) throws(WorkflowError) -> Int64? {
        switch rule {
        case nil: return nil
        case .after(let span): return surroundings.now + span.milliseconds
        case .computed(let expression):
            let value = try evaluate(expression, input, scope, at: reference)
            if value == .null { return nil }
            guard
                let moment = value.stringValue.flatMap({
                    DueRule.moment($0, now: surroundings.now, offset: surroundings.offset)
                })
            else {
                throw .runtime(
                    "\"due\" gave \(value.text), not a duration, a date or a date with a time", at: reference)
            }
            return moment
        }
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
