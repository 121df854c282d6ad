import Foundation
import TFDefinition
import TFEngine
import TFExpression

/// The result of a call of `advanceInstances`.
package struct Advance: Sendable, Hashable {
    /// The number of events and timers that were applied.
    package let applied: Int
    /// For each event or timer that could not be applied, a sentence with the reason. Its instance is set aside, and
    /// the others go on.
    package let setAside: [String]
}

/// Decrypts a secret; nil if that is impossible.
package typealias SecretOpener = @Sendable (_ company: CompanyID, _ name: String, _ sealed: String) -> String?

extension ReadSession {
    /// Instances that a daemon was handling when it died.
    fileprivate func suspects() throws -> [InstanceKey] {
        try all(
            InstanceKey.self, "SELECT company_id, id FROM instance WHERE deaths > 0 AND set_aside IS NULL ORDER BY id")
    }

    /// The instances whose timer is due, from the companies in turn.
    fileprivate func wokenInstances(limit: Int, now: Int64) throws -> [InstanceKey] {
        try all(
            InstanceKey.self,
            """
            SELECT company_id, id FROM (
                SELECT company_id, id, wake_at_ms,
                    ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY wake_at_ms) AS place
                FROM instance WHERE wake_at_ms <= ?) due
            ORDER BY place, wake_at_ms LIMIT ?
            """, [now, limit])
    }
}

extension CompanyReadSession {
    fileprivate func hasWork(_ instance: InstanceID, now: Int64) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM event WHERE company_id = ? AND instance_id = ? AND set_aside IS NULL)
                OR EXISTS (SELECT 1 FROM instance WHERE company_id = ? AND id = ? AND wake_at_ms <= ?)
            """, [company, instance, company, instance, now]) ?? false
    }

    /// The ticket as `$ticket` in expressions.
    func ticketJSON(_ ticket: Ticket) throws -> JSON {
        [
            "number": .int(ticket.number), "type": .string(ticket.type), "title": .string(ticket.title),
            "url": .string(try ticketURL(ticket.number)),
            "priority": .string(ticket.priority.rawValue), "labels": ticket.labels, "status": .string(ticket.status),
            "requester": .string(ticket.requester), "form": ticket.form,
        ]
    }
}

extension WriteSession {
    /// Handles items of a plan until the transaction has to end; at least one.
    fileprivate func work(
        _ plan: inout TurnPlan, until end: ContinuousClock.Instant, now: Int64,
        _ opener: @escaping SecretOpener
    ) throws {
        var turn = Turn(store: store, now: now, opener: opener)
        repeat {
            guard let item = plan.next() else { break }
            switch item {
            case .event(let key):
                let company = inside(key.company)
                if let event = try company.event(key.position) { try turn.apply(company, event) }
            case .wake(let instance): try turn.wake(inside(instance.company), instance.id)
            }
        } while ContinuousClock.now < end
        plan.setAside += turn.setAside
    }
}

extension CompanyReadSession {
    fileprivate func event(_ position: CompanyPosition) throws -> Row? {
        try first(Row.self, "SELECT * FROM event WHERE company_id = ? AND position = ?", [company, position])
    }
}

extension CompanyWriteSession {
    fileprivate func advanceAlone(
        _ instance: InstanceID, limit: Int, leader: Leadership, now: Int64, opener: @escaping SecretOpener
    ) throws -> Advance {
        try site.check(leader, now: now)
        defer { mark.clear() }
        var turn = Turn(store: store, now: now, opener: opener)
        let events = try all(
            Row.self,
            "SELECT * FROM event WHERE company_id = ? AND instance_id = ? AND set_aside IS NULL ORDER BY position LIMIT ?",
            [company, instance, limit])
        let end = ContinuousClock.now + Store.longestTransaction
        for (place, event) in events.enumerated() {
            // Its time is up, and other instances go first again. It is handled alone until all its events are applied.
            guard place == 0 || ContinuousClock.now < end else {
                return Advance(applied: place - turn.setAside.count, setAside: turn.setAside)
            }
            try turn.apply(self, event)
        }
        try turn.wake(self, instance)
        // Everything was applied, so this instance was not what ended the daemon.
        try forgetDeaths(instance: instance, now: now)
        return Advance(applied: events.count + 1 - turn.setAside.count, setAside: turn.setAside)
    }
}

extension Store {
    /// How long CloudEvents are kept for listeners that start later, in milliseconds.
    static let cloudEventLifetime: Int64 = 24 * 3_600_000

    /// The longest time of a transaction of the engine, so that other writers get their turn.
    static let longestTransaction = Duration.milliseconds(20)
    /// The pause between two of them: other programs try to get the lock every 2 ms.
    fileprivate static let gap = Duration.milliseconds(10)

    /// Applies what waits: events in the order of their company, and timers that are due, each with its history, tasks
    /// and outbox entries.
    ///
    /// Everything is done in one transaction, for one sync of the disk, as long as that is short. An event that fails
    /// is rolled back alone, and its instance is set aside. An instance that a daemon was handling when it died is
    /// handled after the others, in a transaction of its own.
    /// - Parameters:
    ///   - limit: the largest number of events and of timers.
    ///   - opener: decrypts secrets.
    /// - Throws: `StoreError.notLeader`, or a temporary error.
    package func advanceInstances(
        limit: Int, leader: Leadership, now: Int64, opener: @escaping SecretOpener = { _, _, _ in nil }
    ) async throws -> Advance {
        let (advance, suspect) = try await advanceMany(limit: limit, leader: leader, now: now, opener: opener)
        guard let suspect else { return advance }
        let alone = try await write { session in
            try session.inside(suspect.company).advanceAlone(
                suspect.id, limit: limit, leader: leader, now: now, opener: opener)
        }
        return Advance(applied: advance.applied + alone.applied, setAside: advance.setAside + alone.setAside)
    }

    /// - Returns: also an instance that has something to do and must be handled alone.
    fileprivate func advanceMany(
        limit: Int, leader: Leadership, now: Int64, opener: @escaping SecretOpener
    ) async throws -> (Advance, suspect: InstanceKey?) {
        var (plan, suspect) = try await write { db in
            try db.check(leader, now: now)
            defer { mark.clear() }
            let end = ContinuousClock.now + Self.longestTransaction
            let suspects = try db.suspects()
            let suspectIDs = Set(suspects.map(\.id))
            try db.dispatchCloudEvents(limit: limit, until: end, now: now)
            try db.startScheduled(limit: limit, until: end, now: now)
            let events = try db.next(.event, limit: limit).filter { !suspectIDs.contains($0["instance_id"]) }
            let woken = try db.wokenInstances(limit: limit, now: now).filter { !suspectIDs.contains($0.id) }
            var plan = TurnPlan(events: events.map(EventKey.init), woken: woken)
            try db.work(&plan, until: end, now: now, opener)
            try db.indexNewTexts()
            return (plan, try suspects.first { try db.inside($0.company).hasWork($0.id, now: now) })
        }
        while plan.mustGoOn {
            try await Task.sleep(for: Self.gap)
            let before = plan
            plan = try await write { db in
                try db.check(leader, now: now)
                defer { mark.clear() }
                var plan = before
                try db.work(&plan, until: ContinuousClock.now + Self.longestTransaction, now: now, opener)
                return plan
            }
        }
        return (Advance(applied: plan.done - plan.setAside.count, setAside: plan.setAside), suspect)
    }
}

/// The key of an event.
private struct EventKey: Sendable {
    let company: CompanyID
    let position: CompanyPosition

    init(_ event: Row) {
        company = event["company_id"]
        position = event["position"]
    }
}

/// The key of an instance, with its company.
struct InstanceKey: RowReadable, Sendable {
    let company: CompanyID
    let id: InstanceID

    init(row: Row) {
        company = row["company_id"]
        id = row["id"]
    }
}

/// The events and timers that one call of `advanceInstances` has to handle, in order.
private struct TurnPlan: Sendable {
    enum Item: Sendable {
        case event(EventKey)
        /// An instance whose timer is due.
        case wake(InstanceKey)
    }

    private let items: [Item]
    /// How many of them must be handled in this call, however many transactions they take.
    private let sure: Int
    private(set) var done = 0
    /// For each handled item that could not be applied, the reason.
    var setAside: [String] = []

    /// The first event and the first timer of each company must be handled: none waits, however slow the others are.
    /// Both come from the companies in turn, so that these are the first ones.
    init(events: [EventKey], woken: [InstanceKey]) {
        let first = (events: Set(events.map(\.company)).count, woken: Set(woken.map(\.company)).count)
        sure = first.events + first.woken
        items =
            Self.inTurn(events.prefix(first.events), woken.prefix(first.woken))
            + Self.inTurn(events.dropFirst(first.events), woken.dropFirst(first.woken))
    }

    private static func inTurn(_ events: ArraySlice<EventKey>, _ woken: ArraySlice<InstanceKey>) -> [Item] {
        let (events, woken) = (Array(events), Array(woken))
        return (0..<max(events.count, woken.count)).flatMap { place in
            (place < events.count ? [Item.event(events[place])] : [])
                + (place < woken.count ? [Item.wake(woken[place])] : [])
        }
    }

    var mustGoOn: Bool { done < sure }

    mutating func next() -> Item? {
        guard done < items.count else { return nil }
        done += 1
        return items[done - 1]
    }
}

/// One transaction of the engine worker.
private struct Turn {
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

extension CompanyReadSession {
    /// The workflow of an instance with its tasks, in the pinned revisions; made once for each set of pins.
    func program(_ instance: InstanceRow, ticket: Ticket?) throws -> Program {
        guard let workflow = instance.workflowRevisionID else {
            guard let ticket else { throw StoreError.notFound }
            return try revisions.program("handle \(ticket.revisionID)") {
                let handle = try revisions.ticket(ticket.revisionID, self).handle
                return Program(workflow: .handle, tasks: handle.map { [DefinitionName(name: "handle"): $0] } ?? [:])
            }
        }
        return try revisions.program("\(workflow) \(instance.pins)") {
            var tasks: [DefinitionName: TaskDefinition] = [:]
            for (name, revision) in try Column.value([String: RevisionID].self, instance.pins) {
                if let name = DefinitionName(name) { tasks[name] = try revisions.task(revision, self) }
            }
            return Program(workflow: try revisions.workflow(workflow, self), tasks: tasks)
        }
    }
}
