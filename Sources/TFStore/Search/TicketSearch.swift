import TFDefinition
import TFEngine
import TFExpression

/// What somebody may find in a company.
package struct SearchScope: Sendable, Hashable {
    /// The tickets whose title and public comments they may read.
    package let tickets: TicketScope
    /// The tickets whose internal notes they may read.
    package let notes: TicketScope
    /// The tickets of which they may see all tasks, and so their results.
    package let results: TicketScope
    /// The tasks that they may see whatever the ticket.
    package let tasks: TaskScope
    package let reader: Reader

    /// Who reads answers that are not for everybody.
    package struct Reader: Sendable, Hashable {
        /// They may read what they have written themselves.
        package let account: AccountID
        /// Company roles, and `ticket_admin` if they are one: they may read answers that are for one of these only.
        package let audiences: Set<String>

        package init(_ account: AccountID, audiences: Set<String>) {
            self.account = account
            self.audiences = audiences
        }
    }

    package init(
        tickets: TicketScope, notes: TicketScope, results: TicketScope, tasks: TaskScope, reader: Reader
    ) {
        self.tickets = tickets
        self.notes = notes
        self.results = results
        self.tasks = tasks
        self.reader = reader
    }
}

/// A text that holds the words somebody searched for.
package struct SearchHit: RowReadable, Sendable, Hashable {
    package let ticketID: TicketID
    package let number: Int
    package let title: String
    package let type: String
    package let state: TicketState
    package let requesterID: AccountID
    package let requesterName: String
    package let updatedAtMs: Int64
    package let kind: SearchKind
    package let text: String
    /// Who wrote it.
    package let author: String

    package init(row: Row) throws {
        ticketID = row["ticket_id"]
        number = row["number"]
        title = row["title"]
        type = row["type"]
        state = try Column.word(row["state"])
        requesterID = row["requester_id"]
        requesterName = row["requester_name"]
        updatedAtMs = row["updated_at_ms"]
        kind = try Column.word(row["kind"])
        text = row["text"]
        author = row["author"]
    }
}

extension CompanyReadSession {
    /// The texts in a scope that hold all the words, at most `limit`, those written last first. Tickets with a text that
    /// holds what is excluded are left out.
    package func search(_ words: SearchWords, in scope: SearchScope, limit: Int) throws -> [SearchHit] {
        let index = TextIndex(site.connection.dialect)
        guard let pattern = index.pattern(words.words) else { return [] }
        var query = SQLQuery(
            """
            SELECT s.ticket_id, s.kind, s.text, t.number, t.title, t.type, t.state, t.updated_at_ms,
                t.requester_id, r.name AS requester_name, w.name AS author
            FROM \(index.source) JOIN ticket t ON t.company_id = s.company_id AND t.id = s.ticket_id
            JOIN account r ON r.id = t.requester_id
            JOIN account w ON w.id = s.account_id LEFT JOIN task k ON k.company_id = s.company_id AND k.id = s.task_id
            WHERE \(index.matches) AND s.company_id = ?
            """, [pattern, company])
        query.add(scope.tickets.predicate(company))
        let readable = Self.readable(scope, company)
        for condition in readable { query.add(condition) }
        // A text that they may not read leaves no ticket out: that would tell them what is in it.
        for term in words.excluded {
            let held = term.map { SQLCondition.holds("(' ' || s.words)", " \($0)") } + readable
            query.add(
                """
                NOT EXISTS (SELECT 1 FROM search_text s
                    LEFT JOIN task k ON k.company_id = s.company_id AND k.id = s.task_id
                    WHERE s.company_id = t.company_id AND s.ticket_id = t.id
                        AND \(held.map(\.sql).joined(separator: " AND ")))
                """, held.reduce(into: []) { $0 += $1.arguments })
        }
        query.end("ORDER BY \(index.latestFirst) DESC LIMIT ?", [limit])
        return try all(SearchHit.self, query.sql, query.arguments)
    }

    /// The conditions that somebody may read the text `s` of a task `k`, if it is one's, whose ticket `t` they may read.
    private static func readable(_ scope: SearchScope, _ company: CompanyID) -> [SQLCondition] {
        let notes = scope.notes.predicate(company)
        let (results, tasks) = (scope.results.predicate(company), scope.tasks.predicate(company))
        let isForThem = scope.reader.audiences.sorted().map {
            SQLCondition.holds("s.audience", JSON.string($0).text)
        }
        return [
            SQLCondition("(s.kind <> 'note' OR \(notes.sql))", notes.arguments),
            SQLCondition(
                "(s.task_id IS NULL OR \(results.sql) OR \(tasks.sql))", results.arguments + tasks.arguments),
            .any(
                of: [SQLCondition("s.audience = '[]'"), SQLCondition("s.account_id = ?", [scope.reader.account])]
                    + isForThem),
        ]
    }
}
