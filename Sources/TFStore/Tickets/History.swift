import TFDefinition
import TFEngine
import TFExpression

/// A new entry of a ticket's history.
struct NewHistory {
    let ticket: TicketID
    /// The task that it is about; nil: it is about the ticket or a step.
    var task: TaskID?
    /// A login, or `system`.
    let actor: String
    let kind: HistoryKind
    let data: JSON
}

extension NewHistory {
    /// The entry of a ticket's submission: who has made it, and for whom if it was for somebody else.
    static func submitted(_ new: NewTicket, as ticket: TicketID) -> NewHistory {
        var facts: JSONObject = ["type": .string(new.type.definition.name)]
        if new.submitter.id != new.requester.id { facts["for"] = .string(new.requester.login) }
        return NewHistory(ticket: ticket, actor: new.submitter.login, kind: .submitted, data: .object(facts))
    }

    /// The entry of a key of the ticket's type that could not be computed.
    /// - Parameter actor: whose answers it was to be computed from: a login, or `system`.
    static func uncomputed(_ failed: UncomputedKey, of ticket: TicketID, actor: String) -> NewHistory {
        NewHistory(
            ticket: ticket, actor: actor, kind: .uncomputed,
            data: [
                "key": .string(failed.key.rawValue),
                "error": .string(TextLimit.failure.shortened(failed.error).withoutNUL),
            ])
    }
}

extension CompanyWriteSession {
    /// Adds an entry, in the transaction of the change that it records.
    func addHistory(_ new: NewHistory, now: Int64) throws {
        try run(
            """
            INSERT INTO history (company_id, ticket_id, task_id, actor, kind, data, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [company, new.ticket, new.task, new.actor, new.kind.rawValue, new.data, now])
    }
}

/// Somebody whom a history or a decision names by their login.
package struct Person: RowReadable, Sendable, Hashable {
    package let id: AccountID
    package let login: String
    package let name: String

    package init(row: Row) {
        id = row["id"]
        login = row["login"]
        name = row["name"]
    }
}

extension CompanyReadSession {
    /// The people with these logins, by login. Whoever wrote a history may have left the company since.
    package func people(named logins: Set<String>) throws -> [String: Person] {
        guard !logins.isEmpty else { return [:] }
        let isNamed = SQLCondition.isOneOf("login", logins.sorted())
        let people = try all(
            Person.self, "SELECT id, login, name FROM account WHERE \(isNamed.sql)", isNamed.arguments)
        return Dictionary(people.map { ($0.login, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
