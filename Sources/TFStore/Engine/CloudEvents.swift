import TFDefinition
import TFEngine
import TFExpression

/// CloudEvents that arrive over REST and those that workflows emit.
extension CompanyWriteSession {
    @discardableResult
    func insert(_ event: CheckedEvent, now: Int64) throws -> Bool {
        // Looked up first, so that a known event takes no position.
        let isKnown = try first(
            Bool.self,
            "SELECT 1 FROM cloud_event WHERE company_id = ? AND source = ? AND event_id = ?",
            [company, event.source, event.id])
        guard isKnown != true else { return false }
        try run(
            """
            INSERT INTO cloud_event (company_id, position, source, event_id, payload, at_ms) VALUES (?, ?, ?, ?, ?, ?)
            """, [company, takePosition(), event.source, event.id, event.payload, now])
        return true
    }

    /// Gives a new listener the events that arrived before it; it gets each event once.
    func replayEvents(for instance: InstanceRow, since: Int64, now: Int64) throws {
        let events = try all(
            JSON.self,
            """
            SELECT payload FROM cloud_event WHERE company_id = ? AND at_ms >= ? AND is_dispatched = 1 ORDER BY position
            """, [company, max(since, now - Store.cloudEventLifetime)])
        for event in events {
            try addEvent(instance: instance.id, .received, event, now: now)
        }
    }

    /// Gives an event to every instance that listens and to the schedules that wait for it.
    fileprivate func dispatch(_ event: Row, now: Int64) throws {
        let payload: JSON = event["payload"]
        let listening = try all(
            InstanceID.self, "SELECT id FROM instance WHERE company_id = ? AND is_listening = 1 ORDER BY id", [company])
        for instance in listening { try addEvent(instance: instance, .received, payload, now: now) }
        try startScheduled(by: payload, now: now)
        try run(
            "UPDATE cloud_event SET is_dispatched = 1 WHERE company_id = ? AND position = ?",
            [company, event["position"] as CompanyPosition])
    }
}

extension WriteSession {
    /// Gives new events to the instances and schedules of their company that wait for them.
    /// - Parameters:
    ///   - companies: those whose events do not wait.
    ///   - end: when the transaction has to end; at least one event is handled.
    func dispatchCloudEvents(
        limit: Int, of companies: CompanyChoice, until end: ContinuousClock.Instant, now: Int64
    ) throws {
        let events = try next(.cloudEvent, limit: limit, of: companies)
        for (place, event) in events.enumerated() where place == 0 || ContinuousClock.now < end {
            try inside(event["company_id"]).dispatch(event, now: now)
        }
    }
}

extension CompanyWriteSession {
    /// Stores events for the company's listeners and schedules.
    /// - Returns: for each event, false if it is known already by its source and id.
    package func receive(_ events: [CheckedEvent], now: Int64) throws -> [Bool] {
        try events.map { try insert($0, now: now) }
    }
}

/// A checked CloudEvent, as its columns hold it.
package struct CheckedEvent: Sendable {
    let source: String
    let id: String
    let payload: String

    /// - Throws: `StoreError.invalid` for an event that is nested too deep.
    package init(_ event: JSON) throws {
        // Listeners and schedules wrap the event in further JSON, which must not exceed the parser's limit of depth.
        guard !event.isDeeper(than: Engine.Caps.valueDepth) else {
            throw StoreError.invalid([
                FieldError(
                    field: "data", message: "An event may be nested \(Engine.Caps.valueDepth) levels deep at most")
            ])
        }
        source = event["source"].displayText.withoutNUL
        id = event["id"].displayText.withoutNUL
        payload = event.text
    }
}
