import TFDefinition
import TFEngine
import TFExpression
import TFStore

extension JSON {
    static func time(_ milliseconds: Int64?) -> JSON { .optional(milliseconds.map(Moment.iso8601)) }
}

extension Ticket {
    /// The members that lists and the object share.
    var members: JSONObject {
        [
            "number": .int(number), "type": .string(type), "title": .string(title), "status": .string(status),
            "state": .string(state.rawValue), "priority": .string(priority.rawValue), "labels": labels,
            "requester": .string(requester), "created": .time(createdAtMs), "updated": .time(updatedAtMs),
            "due": .time(dueAtMs), "closed": .time(closedAtMs),
            "duplicate_of": duplicateOf.map { .int($0) } ?? .null, "version": .int(version),
        ]
    }
}

extension Comment {
    var json: JSON {
        [
            "id": .id(id), "author": .string(login), "text": .string(text), "internal": .bool(isInternal),
            "created": .time(createdAtMs),
        ]
    }
}

extension TaskRecord {
    /// `id name title kind state assignee ticket priority due form input output version`
    /// - Parameters:
    ///   - unseen: the fields whose answers the reader may not see.
    ///   - output: what of it the reader may see.
    func json(kind: TaskDefinition.Kind?, form: Form?, unseen: Set<String> = [], output: JSON? = nil) -> JSON {
        let defaults = (prefilled.objectValue ?? [:]).filter { !unseen.contains($0.key) }
        return [
            "id": .id(id), "name": .string(name), "title": .string(title), "kind": .optional(kind?.rawValue),
            "state": .string(state.rawValue), "assignee": .optional(assignee), "ticket": .int(ticketNumber),
            "priority": .string(priority.rawValue), "due": .time(dueAtMs),
            "form": form?.jsonSchema(prefilled: defaults) ?? .null,
            "input": input, "output": output ?? self.output.map(withoutAudience) ?? .null,
            "decision": explainedDecision,
            "waiting_because": .optional(waitingBecause), "attempt": .int(attempt), "failures": .int(failures),
            "error": error ?? .null, "held_until": .time(state == .held ? wakeAtMs : nil), "version": .int(version),
        ]
    }
}

extension TaskRecord {
    /// The decision as it is stored, with `because` in words; its own word is `reason`.
    private var explainedDecision: JSON {
        guard let decision, var members = decision.json.objectValue else { return .null }
        members["because"] = .optional(because)
        members["reason"] = .optional(decision.because?.code.rawValue ?? waiting?.code.rawValue)
        return .object(members)
    }

    /// An output in a list, where nobody is asked about: only what every reader sees.
    private func withoutAudience(_ output: JSON) -> JSON {
        guard var members = output.objectValue else { return output }
        for field in fields where !field.audience.isEmpty { members[field.id] = nil }
        return .object(members)
    }
}

extension HistoryEntry {
    func json(_ reader: TicketReader) -> JSON {
        ["at": .time(atMs), "actor": .string(actor), "kind": .string(kind.rawValue), "data": reader.visible(self)]
    }
}

extension WorkerLoad {
    /// `login name kind roles available changes open[] held done length`
    /// - Parameters:
    ///   - open: the ids of their open tasks, those that are put off included.
    ///   - length: of their list in Redis; nil: not asked for, or Redis does not answer.
    func json(open: [TaskID], length: Int?) -> JSON {
        [
            "login": .string(login), "name": .string(name), "kind": .string(kind.rawValue), "roles": .strings(roles),
            "available": .bool(isAvailable), "changes": .time(changesAtMs),
            "open": .array(open.map { .id($0) }), "held": .int(held),
            "done": .int(done), "length": length.map { .int($0) } ?? .null,
        ]
    }
}

extension TicketDefinition {
    var json: JSON {
        [
            "name": .string(name), "title": .string(title), "description": .string(description),
            "asks_title": .bool(asksTitle), "labels": .strings(labels),
            "priority": priority.fixed.map { .string($0.rawValue) } ?? .null,
            "form": form.jsonSchema(),
        ]
    }
}

extension InstanceView {
    /// `id workflow status waiting next_timer input context tasks output error stopped_at stopped_with withheld`
    func json(_ reader: TicketReader) -> JSON {
        func data(_ value: JSON) -> JSON { reader.readsData ? value : .null }
        return [
            "id": .id(id), "workflow": .string(workflow), "status": .string(status.rawValue), "depth": .int(depth),
            "waiting": .array(waiting.map { ["step": .string($0.reference), "for": .string($0.because)] }),
            "next_timer": .time(nextTimer), "input": data(input), "context": data(context), "tasks": data(tasks),
            "output": data(output), "error": data(error?.json ?? .null), "stopped_at": .optional(stoppedAt),
            "stopped_with": data(stoppedWith), "withheld": .bool(!reader.readsData),
        ]
    }
}
