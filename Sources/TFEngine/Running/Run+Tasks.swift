import TFDefinition
import TFExpression

/// Opening a task for somebody to do, and its end.
extension Run {
    mutating func open(
        _ call: TaskCall, _ step: WorkflowStep, _ branch: Int, _ outer: Place, _ pending: Wait.Pending
    ) throws(WorkflowError) {
        let reference = pending.reference
        guard let definition = program.tasks[call.task] else {
            throw WorkflowError(
                .configuration, status: 500, title: "The workflow cannot go on",
                detail: "there is no task definition \"\(call.task)\"", at: reference)
        }
        let input = pending.input
        let taskInput = JSON.object(try object(call.input, of: input, outer.at("with")))
        let inner = outer.with(input: taskInput)
        let rule = definition.assign
        let assign = call.assign
        let excluded =
            try logins(rule.exclude.map(ValueExpression.expression), "exclude", taskInput, inner)
            + logins(assign?.exclude, "exclude", input, outer)
        // The person in the call wins over the one in the definition.
        let callPerson = try login(assign?.person, "person", input, outer)
        let rulePerson = try login(rule.person.map(ValueExpression.expression), "person", taskInput, inner)
        let callPeople = try assign?.people.map { people throws(WorkflowError) in
            try logins(people, "people", input, outer)
        }
        let rulePeople = try rule.people.map { people throws(WorkflowError) in
            try logins(.expression(people), "people", taskInput, inner)
        }
        let callPrefer = try preferred(assign?.prefer, input, outer)
        let rulePrefer = try preferred(rule.prefer.map(ValueExpression.expression), taskInput, inner)
        let callPriority = try priority(assign?.priority, input, outer)
        let rulePriority = try priority(definition.priority, taskInput, inner)
        let callDue = try due(assign?.due, input, outer)
        let ruleDue = try due(definition.due, taskInput, inner)
        let description = try definition.description.map { template throws(WorkflowError) in
            try text(template, taskInput, inner.at("description"), escape: escapeMarkdown)
        }
        // If the call names people, they get the task, whatever the definition's strategy is.
        let strategy =
            assign?.people != nil ? AssignmentStrategy.each : assign?.person != nil ? .person : rule.strategy
        // What cannot be seen is no title.
        let title = try text(definition.title, taskInput, inner.at("title"))
        let isBlank = title.allSatisfy(\.isWhitespace)
        let request = TaskRequest(
            reference: reference, visit: pending.visit, step: nameOutsideFunctions(branch) ?? step.name,
            definition: call.task,
            title: isBlank ? ReadableName.title(definition.name) : title, description: description, input: taskInput,
            prefilled: try prefilled(definition, taskInput, inner), role: assign?.role ?? rule.role,
            strategy: strategy, exclude: excluded, prefer: callPrefer ?? rulePrefer, person: callPerson ?? rulePerson,
            people: strategy == .each ? try people(callPeople ?? rulePeople, excluded, rule, outer) : nil,
            priority: callPriority ?? rulePriority, dueAt: callDue ?? ruleDue)
        if let asked = request.people, !asked.isEmpty,
            let outcome = Enough.decide(rule.enough, outcomes: [], people: asked.count)
        {
            // It cannot be reached even if all agree, so nobody is asked.
            state.branches[position(branch)].wait = Wait(pending: pending, kind: .answers([]))
            return completeTask(branch, TaskRequest.undecided(outcome))
        }
        effects.append(.openTask(request))
        openedInTurn += strategy == .each ? request.people?.count ?? Engine.limitPeople : 1
        wait(branch, pending, strategy == .each ? .answers([]) : .task)
    }

    /// The people whom an `each` task asks, each once.
    private func people(
        _ logins: [String]?, _ excluded: [String], _ rule: AssignmentRule, _ place: Place
    ) throws(WorkflowError) -> [String]? {
        guard let logins else {
            guard rule.role != nil else {
                throw .runtime("the strategy \"each\" needs \"people\" or \"role\"", at: place.reference)
            }
            return nil
        }
        var people: [String] = []
        var known = Set(excluded)
        for login in logins where known.insert(login).inserted { people.append(login) }
        guard people.count <= Engine.limitPeople else {
            throw .runtime(
                "\"people\" gave \(people.count) logins; at most \(Engine.limitPeople) can be asked at once",
                at: place.reference)
        }
        return people
    }

    /// Takes the answer of one of several people, and completes the task if the answers suffice.
    /// - Returns: false if this person had answered already.
    mutating func take(_ answer: Wait.Answer, of people: Int, _ branch: Int) -> Bool {
        guard let wait = state.branches[position(branch)].wait, case .answers(var answers) = wait.kind,
            let step = currentStep(branch), case .call(let call) = step.kind,
            !answers.contains(where: { $0.seat == answer.seat })
        else { return false }
        answers.append(answer)
        let outcomes = answers.map { $0.output["outcome"].stringValue ?? "" }
        guard
            let outcome = Enough.decide(
                program.tasks[call.task]?.assign.enough, outcomes: outcomes, people: people)
        else {
            state.branches[position(branch)].wait?.kind = .answers(answers)
            return true
        }
        if answers.count < people {
            effects.append(.withdrawTask(reference: wait.pending.reference, visit: wait.pending.visit))
        }
        completeTask(branch, ["outcome": .string(outcome), "answers": .array(answers.map(\.output))])
        return true
    }

    mutating func completeTask(_ branch: Int, _ output: JSON) {
        guard let wait = state.branches[position(branch)].wait, let step = currentStep(branch) else { return }
        do { try output.checkDepth("its output", at: wait.pending.reference) } catch { return raise(error, in: branch) }
        var members = output.objectValue ?? [:]
        members["visit"] = .int(wait.pending.visit)
        state.tasks[step.name] = .object(members)
        complete(branch, wait.pending, output: .object(members))
    }

    private func prefilled(
        _ definition: TaskDefinition, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> JSONObject {
        guard case .body(let form) = definition.form else { return [:] }
        var values = JSONObject()
        for (id, element) in form.fields {
            guard let expression = element.prefill else { continue }
            values[id] = try evaluate(expression, input, place.at("body.\(id)"))
        }
        return values
    }

    private func priority(
        _ rule: PriorityRule?, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> Priority? {
        switch rule {
        case nil: return nil
        case .fixed(let priority): return priority
        case .computed(let expression):
            let value = try evaluate(expression, input, place.at("priority"))
            return value == .null ? nil : try priority(value, place)
        }
    }

    func priority(_ value: JSON, _ place: Place) throws(WorkflowError) -> Priority {
        guard let priority = value.stringValue.flatMap(Priority.init) else {
            let names = Priority.allCases.map(\.rawValue).joined(separator: ", ")
            throw .runtime("\"priority\" gave \(value.text), not one of \(names)", at: place.reference)
        }
        return priority
    }

    private func due(
        _ rule: DueRule?, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> Int64? {
        switch rule {
        case nil: return nil
        case .after(let span): return now.later(by: span.milliseconds)
        case .computed(let expression):
            let value = try evaluate(expression, input, place.at("due"))
            if value == .null { return nil }
            guard
                let moment = value.stringValue.flatMap({
                    DueRule.moment($0, now: now, offset: surroundings.company.offset)
                })
            else {
                throw .runtime(
                    "\"due\" gave \(value.text), not a duration, a date or a date with a time", at: place.reference)
            }
            return moment
        }
    }

    private func logins(
        _ expression: ValueExpression?, _ key: String, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> [String] {
        guard let expression else { return [] }
        let value = try value(expression, of: input, place.at(key))
        if let one = value.stringValue { return [one] }
        if value == .null { return [] }
        guard let all = value.arrayValue else {
            throw .runtime("\"\(key)\" gave \(value.typeName), not a list of logins", at: place.reference)
        }
        if let other = all.first(where: { $0 != .null && $0.stringValue == nil }) {
            throw .runtime("\"\(key)\" gave a list with \(other.typeName), not one of logins", at: place.reference)
        }
        return all.compactMap(\.stringValue)
    }

    private func preferred(
        _ expression: ValueExpression?, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> String? {
        guard let expression else { return nil }
        let value = try value(expression, of: input, place.at("prefer"))
        guard value == .null || value.stringValue != nil else {
            throw .runtime("\"prefer\" gave \(value.typeName), not a login", at: place.reference)
        }
        return value.stringValue
    }

    /// The person who gets a task; nil for anything that is no login: the task then waits for a ticket admin.
    private func login(
        _ expression: ValueExpression?, _ key: String, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> String? {
        guard let expression else { return nil }
        return try value(expression, of: input, place.at(key)).stringValue
    }
}

/// Escapes every ASCII punctuation character, so that a value inside Markdown is shown as it is (CommonMark 2.4).
private func escapeMarkdown(_ text: String) -> String {
    // By scalars: with a combining mark, a punctuation character would be part of another `Character`.
    text.unicodeScalars.reduce(into: "") { escaped, scalar in
        if (0x21...0x2F).contains(scalar.value) || (0x3A...0x40).contains(scalar.value)
            || (0x5B...0x60).contains(scalar.value) || (0x7B...0x7E).contains(scalar.value)
        {
            escaped.unicodeScalars.append("\\")
        }
        escaped.unicodeScalars.append(scalar)
    }
}
