import TFDefinition
import TFEngine

/// A step of workflows, or a person, by which a list can be narrowed, with the number of their open tasks.
package struct ListChoice: Sendable, Hashable {
    /// The name of a task's definition, or a login.
    package let value: String
    /// A person's name; nil for a step.
    package let name: String?
    package let count: Int
}

/// What the open tasks of a scope offer to choose from.
package struct TaskChoices: Sendable, Hashable {
    package let steps: [ListChoice]
    package let people: [ListChoice]
    /// Whether only some of the tasks were looked at, so that the counts are too low and choices may be missing.
    package let isCut: Bool
}

extension CompanyReadSession {
    /// So many people can be chosen from; among more, one is named.
    private static let limitRequesters = 200

    /// How many tickets of a scope match, by type; nil: there are more than `Store.limitCounted`.
    package func ticketCountsByType(scope: TicketScope, filter: TicketFilter) throws -> [String: Int]? {
        var query = SQLQuery(
            "SELECT m.type, COUNT(*) AS tickets FROM (SELECT t.type FROM ticket t WHERE t.company_id = ?", [company])
        query.add(scope.predicate(company))
        var filter = filter
        filter.type = nil
        filter.narrow(&query, company)
        query.end("LIMIT ?) m GROUP BY m.type", [Store.limitCounted])
        let counts = try all(Row.self, query.sql, query.arguments).reduce(into: [String: Int]()) { counts, row in
            counts[row["type"]] = row["tickets"]
        }
        return counts.values.reduce(0, +) < Store.limitCounted ? counts : nil
    }

    /// Who has requested the tickets of a scope that match; nil: the tickets are more than `Store.limitCounted`, or the
    /// people more than can be chosen from.
    package func ticketRequesters(scope: TicketScope, filter: TicketFilter) throws -> [ListChoice]? {
        var query = SQLQuery(
            """
            SELECT a.login, a.name, COUNT(*) AS tickets
            FROM (SELECT t.requester_id FROM ticket t WHERE t.company_id = ?
            """, [company])
        query.add(scope.predicate(company))
        var filter = filter
        (filter.requester, filter.cursor) = (nil, nil)
        filter.narrow(&query, company)
        query.end(
            "LIMIT ?) m JOIN account a ON a.id = m.requester_id GROUP BY a.login, a.name", [Store.limitCounted])
        let people = try all(Row.self, query.sql, query.arguments).map { row in
            ListChoice(value: row["login"], name: row["name"], count: row["tickets"])
        }
        let isWhole = people.count <= Self.limitRequesters && people.reduce(0) { $0 + $1.count } < Store.limitCounted
        return isWhole ? people.sorted { ($0.name ?? "", $0.value) < ($1.name ?? "", $1.value) } : nil
    }

    /// The steps and the holders of the open tasks in a scope, of at most `Store.limitCounted` tasks.
    package func taskChoices(scope: TaskScope) throws -> TaskChoices {
        var query = SQLQuery(
            """
            SELECT m.name AS step, a.login, a.name, COUNT(*) AS tasks
            FROM (SELECT k.name, k.assignee_id FROM task k
                \(TaskSQL.joinTicket)
                WHERE k.company_id = ? AND \(TaskSQL.isOpen())
            """, [company])
        query.add(scope.predicate(company))
        query.end(
            "LIMIT ?) m LEFT JOIN account a ON a.id = m.assignee_id GROUP BY m.name, a.login, a.name",
            [Store.limitCounted])
        var (steps, people): ([String: Int], [String: (name: String, count: Int)]) = ([:], [:])
        var total = 0
        for row in try all(Row.self, query.sql, query.arguments) {
            let count: Int = row["tasks"]
            total += count
            steps[row["step"], default: 0] += count
            if let login: String = row["login"] {
                people[login] = (row["name"], (people[login]?.count ?? 0) + count)
            }
        }
        return TaskChoices(
            steps: steps.map { ListChoice(value: $0.key, name: nil, count: $0.value) }.sorted { $0.value < $1.value },
            people: people.map { ListChoice(value: $0.key, name: $0.value.name, count: $0.value.count) }
                .sorted { ($0.name ?? "", $0.value) < ($1.name ?? "", $1.value) },
            isCut: total >= Store.limitCounted)
    }

    /// The name of a member of the company; nil: nobody here has this login.
    package func memberName(_ login: String) throws -> String? {
        try first(
            String.self,
            """
            SELECT a.name FROM account a JOIN membership m ON m.account_id = a.id AND m.company_id = ?
            WHERE a.login = ?
            """, [company, login.folded])
    }
}
