import TFDefinition
import TFExpression

/// Beginning and finishing steps.
extension Run {
    mutating func begin(_ step: WorkflowStep, _ branch: Int) throws(WorkflowError) {
        let here = position(branch)
        let top = state.branches[here].frames.count - 1
        let raw = state.branches[here].frames[top].data
        let reference = reference(of: branch)
        let place = place(step, branch, reference: reference).with(input: raw)
        if try !holds(step.condition, raw, place.at("if")) {
            if !isBody(branch) { note(.skipped, reference, step.name) }
            advance(branch, .continue)
            return
        }
        if !isBody(branch) { note(.started, reference, step.name) }
        // Counted before anything can fail, so that a failed step is not taken for its last pass, whose task was done.
        var visit = 0
        if case .call = step.kind { visit = self.visit(reference) }
        let input = try enter(step.input, raw, place)
        let inner = place.with(input: input)
        let deadline = try deadline(step.timeout, input, inner.at("timeout"))
        let owner = Frame.Owner(input: input, startedAt: now, deadline: deadline)
        func pending(visit: Int = 0) -> Wait.Pending {
            Wait.Pending(reference: reference, visit: visit, input: input, startedAt: now, deadline: deadline)
        }
        switch step.kind {
        case .do: try push(Frame(list("do", of: branch), data: input, .list, owner: owner), branch)
        case .set(let value): try done(branch, step, inner, try self.value(value, of: input, inner.at("set")))
        case .switch(let cases):
            try done(branch, step, inner, input, then: try choose(cases, input, inner)?.then)
        case .for(let loop):
            let elements = try elements(loop, input, inner)
            try push(
                Frame(
                    list("do", of: branch), data: input, .loop(elements: elements, round: -1, row: state.row.steps),
                    owner: owner), branch)
            try nextRound(branch)
        case .fork(let fork): try self.fork(fork, branch, pending(visit: self.visit(reference)))
        case .try(let attempt):
            try push(
                Frame(list("try", of: branch), data: input, .attempt(retries: 0, since: now), owner: owner), branch)
            try setAttemptDeadline(attempt, branch)
        case .raise(let error): throw try raised(error, input, inner.at("raise"))
        case .wait(let rule):
            let until = now.later(by: try duration(rule, input, inner.at("wait")))
            wait(branch, pending(), .timer(until: until))
        case .emit(let attributes):
            let event = try event(attributes, input, inner.at("emit"), visit: self.visit(reference))
            effects.append(.emit(event))
            try done(branch, step, inner, event)
        case .listen(let listen):
            try push(
                Frame(list: "", data: input, .listen(try listener(listen, input, inner)), owner: owner), branch)
            effects.append(.replayEvents(since: state.startedAt))
            wait(branch, pending(), .events)
        case .run(let run): try start(run, step, branch, inner, pending(visit: self.visit(reference)))
        case .call(let call): try open(call, step, branch, inner, pending(visit: visit))
        case .http(let call):
            try send(
                branch, pending(visit: self.visit(reference)), .request,
                isRepeatable: step.isIdempotent || HTTPMethods.isRepeatable(call.method))
        case .openAPI: try send(branch, pending(visit: self.visit(reference)), .document, isRepeatable: true)
        case .function(let call):
            let arguments = try object(call.arguments, of: input, inner.at("with"))
            let place = ListPlace(list: "/use/functions/\(call.name)", told: reference)
            try push(Frame(place, data: .object(arguments), .function, owner: owner), branch)
        case .ticket(let function):
            try self.ticket(function, step, branch, inner, pending(visit: self.visit(reference)))
        }
    }

    mutating func visit(_ reference: String) -> Int {
        let visit = (state.visits[reference] ?? 0) + 1
        state.visits[reference] = visit
        return visit
    }

    mutating func push(_ frame: Frame, _ branch: Int) throws(WorkflowError) {
        let here = position(branch)
        guard state.branches[here].frames.count < Engine.Caps.depth else {
            throw .runtime("lists are nested deeper than \(Engine.Caps.depth)", at: reference(of: branch))
        }
        state.branches[here].frames.append(frame)
    }

    /// Lets the branch wait at a step.
    mutating func wait(_ branch: Int, _ pending: Wait.Pending, _ kind: Wait.Kind) {
        state.branches[position(branch)].wait = Wait(pending: pending, kind: kind)
        note(.waiting, pending.reference, toldName(branch))
    }

    private func choose(
        _ cases: [SwitchCase], _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> SwitchCase? {
        for candidate in cases {
            guard let when = candidate.when else { continue }
            if try evaluate(when, input, place.at("when")).isTruthy { return candidate }
        }
        return cases.first { $0.when == nil }
    }

    private func raised(
        _ error: RaisedError, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> WorkflowError {
        let status = try value(error.status, of: input, place.below("status"))
        guard let code = status.intValue else {
            throw .runtime("the status of an error must be a whole number, not \(status.text)", at: place.reference)
        }
        return WorkflowError(
            type: try text(error.type, of: input, place, "type") ?? "about:blank", status: code,
            title: try text(error.title, of: input, place, "title") ?? "",
            detail: try text(error.detail, of: input, place, "detail"),
            instance: try text(error.instance, of: input, place, "instance") ?? place.reference)
    }

    private func event(
        _ attributes: [ValueExpression.Member], _ input: JSON, _ place: Place, visit: Int
    ) throws(WorkflowError) -> JSON {
        let given = try object(attributes, of: input, place)
        // The id is made from step and visit, so that an event that is sent again after a crash counts once.
        var event: JSONObject = [
            "specversion": "1.0", "id": .string("\(ownEventPrefix)\(place.reference):\(visit)"),
            "source": .string(surroundings.company.source), "type": "", "time": .string(Moment.iso8601(now)),
        ]
        event.merge(given) { _, given in given }
        for (name, value) in event {
            guard let problem = EventAttributes.problem(name, value) else { continue }
            throw .runtime("\"\(name)\" of an event \(problem)", at: place.reference)
        }
        return .object(event)
    }

    // MARK: Finishing

    /// Completes a step whose work takes no time.
    private mutating func done(
        _ branch: Int, _ step: WorkflowStep, _ place: Place, _ output: JSON, then: FlowDirective? = nil
    ) throws(WorkflowError) {
        let shaped = try leave(step.output, output, place)
        try export(step.export, shaped, place)
        if !isBody(branch) { note(.completed, place.reference, step.name) }
        let here = position(branch)
        state.branches[here].frames[state.branches[here].frames.count - 1].data = shaped
        advance(branch, then ?? step.then ?? .continue)
    }

    /// Completes a step for which the branch waited.
    mutating func complete(_ branch: Int, _ pending: Wait.Pending, output: JSON) {
        state.branches[position(branch)].wait = nil
        guard let step = currentStep(branch) else { return }
        attempt(branch) { (run) throws(WorkflowError) in
            var place = run.place(step, branch, reference: pending.reference, startedAt: pending.startedAt)
                .with(input: pending.input)
            place.authorization = try run.storedAuthorization(step, pending.input, place)
            try run.done(branch, step, place, output)
        }
    }

    /// Ends the innermost list, and the step to which it belongs.
    mutating func close(_ branch: Int, output: JSON, then: FlowDirective? = nil) {
        let here = position(branch)
        let frame = state.branches[here].frames.removeLast()
        guard let owner = frame.owner, let step = currentStep(branch) else { return }
        attempt(branch) { (run) throws(WorkflowError) in
            let place = run.place(step, branch, startedAt: owner.startedAt).with(input: owner.input)
            try run.done(branch, step, place, output, then: then)
        }
    }

    mutating func advance(_ branch: Int, _ directive: FlowDirective) {
        let here = position(branch)
        let top = state.branches[here].frames.count - 1
        let frame = state.branches[here].frames[top]
        if case .end = directive { return end(frame.data) }
        switch frame.kind {
        case .branch: return finishBranch(branch, frame.data)
        case .function: return close(branch, output: frame.data)
        case .list, .loop, .attempt, .handler, .listen, .round: break
        }
        let steps = program.lists[frame.list] ?? []
        switch directive {
        case .continue, .end: state.branches[here].frames[top].index += 1
        case .exit: state.branches[here].frames[top].index = steps.count
        case .step(let name):
            let next = steps.firstIndex { $0.name == name } ?? steps.count
            if next <= frame.index { state.branches[here].frames[top].laps += 1 }
            state.branches[here].frames[top].index = next
        }
    }

    /// Leaves a list after its last step.
    mutating func leaveList(_ branch: Int) {
        let here = position(branch)
        guard let frame = state.branches[here].frames.last else { return }
        switch frame.kind {
        case .list where state.branches[here].frames.count == 1: end(frame.data)
        case .list, .attempt, .function, .branch: close(branch, output: frame.data)
        case .loop: attempt(branch) { (run) throws(WorkflowError) in try run.nextRound(branch) }
        case .handler: closeHandler(branch, output: frame.data)
        case .round: closeRound(branch, output: frame.data)
        case .listen: listen(branch)
        }
    }

    /// Completes the workflow.
    private mutating func end(_ output: JSON) {
        do {
            let shaped = try leave(program.workflow.output, output, Place.workflow.with(input: state.input))
            abandonAll(keepingTrace: true)
            state.output = shaped
            state.status = .completed
            note(.completed, "", "")
            effects.append(.completed(output: shaped))
        } catch {
            fault(error)
        }
    }
}

enum HTTPMethods {
    /// Whether a method is safe or idempotent. Source: RFC 9110, chapters 9.2.1 and 9.2.2.
    static func isRepeatable(_ method: String) -> Bool {
        ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"].contains(method.uppercased())
    }
}
