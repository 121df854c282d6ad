import TFDefinition
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
            "due": .time(dueAtMs), "closed": .time(closedAtMs), "version": .int(version),
        ]
    }
}

extension TaskRecord {
    /// `id name title kind state assignee ticket priority due form input output version`
    func json(kind: TaskDefinition.Kind?, form: Form?) -> JSON {
        [
            "id": .int(id), "name": .string(name), "title": .string(title), "kind": .optional(kind?.rawValue),
            "state": .string(state.rawValue), "assignee": .optional(assignee), "ticket": .int(ticketNumber),
            "priority": .string(priority.rawValue), "due": .time(dueAtMs), "form": form?.jsonSchema ?? .null,
            "input": input, "output": output ?? .null, "decision": decision ?? .null,
            "waiting_because": .optional(waitingBecause), "attempt": .int(attempt), "version": .int(version),
        ]
    }
}

extension HistoryEntry {
    var json: JSON {
        ["at": .time(atMs), "actor": .string(actor), "kind": .string(kind), "data": data]
    }
}

extension WorkerLoad {
    func json(length: Int?) -> JSON {
        [
            "login": .string(login), "name": .string(name), "roles": .strings(roles), "available": .bool(isAvailable),
            "open": .int(open), "done": .int(done), "length": length.map { .int($0) } ?? .null,
        ]
    }
}

extension TicketDefinition {
    var json: JSON {
        [
            "name": .string(name), "title": .string(title), "description": .string(description),
            "asks_title": .bool(asksTitle), "labels": .strings(labels), "priority": .string(priority.rawValue),
            "form": form.jsonSchema,
        ]
    }
}
