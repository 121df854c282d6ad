import TFDefinition
import TFEngine
import TFExpression

/// One transaction of the engine worker.
struct EngineTransaction {
    let rules: StepRules
    let ahead: StepsAhead
    /// What was read ahead in this transaction, and not changed by it.
    private var rows = StepRows()
    var setAside: [String] = []
    var failed: [UnticketedFailure] = []

    init(_ rules: StepRules, ahead: StepsAhead = StepsAhead()) {
        self.rules = rules
        self.ahead = ahead
    }

    private var now: Int64 { rules.now }

    /// Names what comes next, whose rows may be read at once.
    mutating func expect(_ items: some Collection<TurnPlan.Item>) { rows = StepRows(items) }

    /// Reads what the next steps of a company depend on, when its first one is taken.
    mutating func prepare(_ db: CompanyReadSession) throws { try rows.prepare(db) }

    /// Applies an event to its instance, if it is still there.
    mutating func apply(_ db: CompanyWriteSession, _ key: EventKey) throws {
        if let event = try rows.event(key, db) { try apply(db, event) }
    }

    mutating func apply(_ db: CompanyWriteSession, _ event: Row) throws {
        let key = EventKey(event)
        let instance: InstanceID = event["instance_id"]
        defer { rows.forget(instance) }
        do {
            let failure = try db.savepoint { () throws -> UnticketedFailure? in
                let inputs = try rows.inputs(instance, event, db)
                guard !inputs.isSetAside else {
                    try leave(db, inputs, event)
                    return nil
                }
                let failure = try take(try step(.event(key), from: inputs, db), db)
                try db.run(
                    "DELETE FROM instance_event WHERE company_id = ? AND position = ?", [db.company, key.position])
                return failure
            }
            if let failure { failed.append(failure) }
        } catch {
            if StoreError.isTemporary(error) { throw error }
            setAside.append("event \(key.position) of instance \(instance): \(error)")
            try db.setAside(instance: instance, because: .event(error: "\(error)"), now: now)
        }
    }

    /// Handles an event of an instance that is set aside: the event is set aside too, or, if it is a cancellation, ends
    /// the instance.
    private func leave(_ db: CompanyWriteSession, _ inputs: StepInputs, _ event: Row) throws {
        if event["kind"] == InstanceEventKind.cancel.rawValue {
            try db.abandon(InstanceRow(row: inputs.instance), now: now)
        } else {
            try db.run(
                "UPDATE instance_event SET set_aside = ? WHERE company_id = ? AND position = ?",
                [inputs.instance["set_aside"] as String, db.company, event["position"] as CompanyPosition])
        }
    }

    /// Applies a due timer to an instance.
    mutating func wake(_ db: CompanyWriteSession, _ key: InstanceKey) throws {
        defer { rows.forget(key.id) }
        do {
            let failure = try db.savepoint {
                try take(try step(.wake(key), from: try rows.inputs(key.id, nil, db), db), db)
            }
            if let failure { failed.append(failure) }
        } catch {
            if StoreError.isTemporary(error) { throw error }
            setAside.append("instance \(key.id): \(error)")
            try db.setAside(instance: key.id, because: .moment(error: "\(error)"), now: now)
        }
    }

    /// The step that was computed ahead, if nothing that it depends on has changed since.
    private func step(
        _ item: TurnPlan.Item, from inputs: StepInputs, _ db: CompanyWriteSession
    ) throws -> ComputedStep {
        if let step = ahead.steps[item], step.inputs == inputs {
            db.mark.set(.instance(step.instance.row.id))
            return step
        }
        return try db.step(from: inputs, rules, db.mark)
    }

    /// - Returns: the failure of a workflow without a ticket, if the step was its end.
    private func take(_ step: ComputedStep, _ db: CompanyWriteSession) throws -> UnticketedFailure? {
        let instance = step.instance
        guard let (transition, state) = step.after else {
            try refreshTimer(db, instance.row.id, step.before)
            return nil
        }
        try write(db, instance.row.id, transition.state, state)
        let effects = Effects(instance, of: transition, now: now)
        for effect in transition.effects { try effects.apply(db, effect) }
        guard instance.ticket == nil, instance.row.parentID == nil else { return nil }
        for case .faulted(let error) in transition.effects {
            return UnticketedFailure(
                company: try db.companyRecord().slug, workflow: instance.program.workflow.name,
                instance: instance.row.id, step: transition.state.stopped?.reference ?? "/", error: error)
        }
        return nil
    }

    /// - Parameter text: the state as it is stored.
    private func write(_ db: CompanyWriteSession, _ id: InstanceID, _ state: InstanceState, _ text: String) throws {
        try db.run(
            """
            UPDATE instance SET state = ?, status = ?, version = version + 1, wake_at_ms = ?, paused_until_ms = ?,
                is_listening = ?, ended_at_ms = ?
            WHERE company_id = ? AND id = ?
            """,
            [
                text, state.status.rawValue, state.nextTimer, state.pausedUntil, state.isListening,
                state.status == .running ? nil : now, db.company, id,
            ])
    }

    /// Updates an instance's timer after an event that changed nothing, so that it is not due again at once.
    private func refreshTimer(_ db: CompanyWriteSession, _ id: InstanceID, _ state: InstanceState?) throws {
        let isListening = state?.isListening ?? false
        try db.run(
            """
            UPDATE instance SET wake_at_ms = ?, is_listening = ?
            WHERE company_id = ? AND id = ? AND (wake_at_ms IS DISTINCT FROM ? OR is_listening <> ?)
            """, [state?.nextTimer, isListening, db.company, id, state?.nextTimer, isListening])
    }
}

extension EngineEvent {
    /// The event of a row of `instance_event`.
    init(row event: Row) throws {
        let payload = try JSON(parsing: event["payload"] as String)
        let reference = payload["reference"].displayText
        let visit = payload["visit"].intValue ?? 0
        func outcome<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try Column.value(type, payload["outcome"].stringValue ?? "")
        }
        switch try Column.word(event["kind"]) as InstanceEventKind {
        case .start: self = .start(input: payload)
        case .task:
            if let seat = payload["seat"].intValue {
                self = .taskAnswered(
                    reference: reference, visit: visit, seat: seat, people: payload["people"].intValue ?? 1,
                    output: payload["output"])
            } else {
                self = .taskCompleted(reference: reference, visit: visit, output: payload["output"])
            }
        case .taskFailed: self = .taskFailed(reference: reference, visit: visit, error: payload["error"])
        case .http:
            self = .httpFinished(
                reference: reference, visit: visit, stage: payload["stage"].intValue ?? 1,
                try outcome(HTTPOutcome.self))
        case .run: self = .runFinished(reference: reference, visit: visit, try outcome(RunOutcome.self))
        case .ticket: self = .ticketOpened(reference: reference, visit: visit, try outcome(RunOutcome.self))
        case .received: self = .received(payload)
        case .resume: self = .resume
        case .retry: self = .retry
        case .skip: self = .skip(output: payload["output"])
        case .cancel: self = .cancel
        }
    }
}
