import TFDefinition
import TFEngine
import TFExpression

/// One transaction of the engine worker.
struct EngineTurn {
    let store: Store
    let now: Int64
    let opener: SecretOpener
    var setAside: [String] = []

    init(store: Store, now: Int64, opener: @escaping SecretOpener) {
        self.store = store
        self.now = now
        self.opener = opener
    }

    mutating func apply(_ db: CompanyWriteSession, _ event: Row) throws {
        let position: CompanyPosition = event["position"]
        let instance: InstanceID = event["instance_id"]
        do {
            try db.savepoint {
                let isCancel = event["kind"] == EventKind.cancel.rawValue
                guard try !leave(db, instance, event: position, isCancel: isCancel) else { return }
                try advance(db, instance, try Self.engineEvent(event))
                try db.run("DELETE FROM event WHERE company_id = ? AND position = ?", [db.company, position])
            }
        } catch {
            if StoreError.isTemporary(error) { throw error }
            setAside.append("event \(position) of instance \(instance): \(error)")
            try db.setAside(instance: instance, because: .event(error: "\(error)"), now: now)
        }
    }

    /// Handles an event of an instance that is set aside: the event is set aside too, or, if it is a cancellation, ends
    /// the instance.
    /// - Returns: false if the instance is not set aside.
    private func leave(
        _ db: CompanyWriteSession, _ instance: InstanceID, event: CompanyPosition, isCancel: Bool
    ) throws -> Bool {
        let row = try db.first(
            Row.self, "SELECT * FROM instance WHERE company_id = ? AND id = ? AND set_aside IS NOT NULL",
            [db.company, instance])
        guard let row else { return false }
        if isCancel {
            try db.abandon(InstanceRow(row: row), now: now)
        } else {
            try db.run(
                "UPDATE event SET set_aside = ? WHERE company_id = ? AND position = ?",
                [row["set_aside"] as String, db.company, event])
        }
        return true
    }

    /// Applies a due timer to an instance.
    mutating func wake(_ db: CompanyWriteSession, _ instance: InstanceID) throws {
        do {
            try db.savepoint { try advance(db, instance, .tick) }
        } catch {
            if StoreError.isTemporary(error) { throw error }
            setAside.append("instance \(instance): \(error)")
            try db.setAside(instance: instance, because: .moment(error: "\(error)"), now: now)
        }
    }

    private static func engineEvent(_ event: Row) throws -> EngineEvent {
        let payload = try JSON(parsing: event["payload"] as String)
        let reference = payload["reference"].displayText
        let visit = payload["visit"].intValue ?? 0
        func outcome<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try Column.value(type, payload["outcome"].stringValue ?? "")
        }
        switch try Column.word(event["kind"]) as EventKind {
        case .start: return .start(input: payload)
        case .task:
            if let seat = payload["seat"].intValue {
                return .taskAnswered(
                    reference: reference, visit: visit, seat: seat, people: payload["people"].intValue ?? 1,
                    output: payload["output"])
            }
            return .taskCompleted(reference: reference, visit: visit, output: payload["output"])
        case .taskFailed: return .taskFailed(reference: reference, visit: visit, error: payload["error"])
        case .http:
            return .httpFinished(
                reference: reference, visit: visit, stage: payload["stage"].intValue ?? 1,
                try outcome(HTTPOutcome.self))
        case .run: return .runFinished(reference: reference, visit: visit, try outcome(RunOutcome.self))
        case .ticket: return .ticketOpened(reference: reference, visit: visit, try outcome(RunOutcome.self))
        case .received: return .received(payload)
        case .resume: return .resume
        case .retry: return .retry
        case .skip: return .skip(output: payload["output"])
        case .cancel: return .cancel
        }
    }

    private func advance(_ db: CompanyWriteSession, _ id: InstanceID, _ event: EngineEvent) throws {
        let row = try db.first(Row.self, "SELECT * FROM instance WHERE company_id = ? AND id = ?", [db.company, id])
        guard let row else { throw StoreError.notFound }
        store.mark.set(.instance(id))
        let instance = InstanceRow(row: row)
        let ticket = try instance.ticketID.flatMap { try db.ticket(id: $0) }
        let state = try (row["state"] as String?).map { try Column.value(InstanceState.self, $0) }
        let company = try db.companyRecord()
        let program = try db.program(instance, ticket: ticket)
        let surroundings = Surroundings(
            instance: id.description, ticket: try ticket.map { try db.ticketJSON($0) } ?? .null, now: now,
            offset: company.offset, secrets: try db.secrets(program.workflow, opener),
            source: "\(store.baseURL)/c/\(company.slug)")
        #if DEBUG
            if let ticket { TestCrash.dieIfAsked(at: ticket.title) }
        #endif
        // An event that no longer applies (the task was withdrawn, the instance has ended) is dropped.
        guard let transition = Engine.advance(program, state, event, surroundings) else {
            return try refreshTimer(db, id, state)
        }
        try write(db, id, transition.state)
        let effects = Effects(instance: instance, ticket: ticket, program: program, now: now)
        for effect in transition.effects { try effects.apply(db, effect) }
    }

    private func write(_ db: CompanyWriteSession, _ id: InstanceID, _ state: InstanceState) throws {
        try db.run(
            """
            UPDATE instance SET state = ?, status = ?, version = version + 1, wake_at_ms = ?, is_listening = ?,
                ended_at_ms = ?
            WHERE company_id = ? AND id = ?
            """,
            [
                try Column.text(state), state.status.rawValue, state.nextTimer, state.isListening,
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
