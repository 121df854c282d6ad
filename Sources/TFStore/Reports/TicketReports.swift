import TFDefinition
import TFEngine

/// Open tickets of one type and age.
package struct OpenGroup: Sendable, Hashable {
    package let type: String
    /// Which of the ages asked for: 0 is the youngest.
    package let age: Int
    package let tickets: Int
    /// How many of them are late, by their own date or by that of an open task.
    package let late: Int
}

/// What became of a company's tickets in a period. Every figure counts only what the scope holds.
extension CompanyReadSession {
    /// The number of tickets opened in a period, by the quarter of an hour in which they were, in milliseconds since
    /// 1970. Every time zone begins its days with one.
    package func opened(scope: TicketScope, _ filter: ReportFilter) throws -> [Int64: Int] {
        var query = SQLQuery(
            """
            SELECT t.created_at_ms / 900000 AS slot, COUNT(*) AS tickets FROM ticket t
            WHERE t.company_id = ? AND t.created_at_ms >= ? AND t.created_at_ms < ?
            """, [company, filter.from, filter.to])
        return try bySlot(&query, scope, filter)
    }

    /// The number of tickets that ended in a period, in the same way.
    package func closed(scope: TicketScope, _ filter: ReportFilter) throws -> [Int64: Int] {
        var query = SQLQuery(
            """
            SELECT t.closed_at_ms / 900000 AS slot, COUNT(*) AS tickets FROM ticket t
            WHERE t.company_id = ? AND t.closed_at_ms >= ? AND t.closed_at_ms < ? AND t.state <> 'failed'
            """, [company, filter.from, filter.to])
        return try bySlot(&query, scope, filter)
    }

    private func bySlot(_ query: inout SQLQuery, _ scope: TicketScope, _ filter: ReportFilter) throws -> [Int64: Int] {
        filter.narrowTickets(&query)
        query.add(scope.predicate(company))
        query.end("GROUP BY slot", [])
        return try all(Row.self, query.sql, query.arguments).reduce(into: [:]) { slots, row in
            slots[(row["slot"] as Int64) * 900_000] = row["tickets"]
        }
    }

    /// The open tickets by type and age.
    /// - Parameter bounds: where an age begins to be the next older one, in milliseconds since 1970, the latest first;
    ///   four of them.
    package func openTickets(
        scope: TicketScope, _ filter: ReportFilter, bounds: [Int64], now: Int64
    ) throws -> [OpenGroup] {
        precondition(bounds.count == 4)
        var query = SQLQuery(
            """
            SELECT t.type, CASE WHEN t.created_at_ms >= ? THEN 0 WHEN t.created_at_ms >= ? THEN 1
                    WHEN t.created_at_ms >= ? THEN 2 WHEN t.created_at_ms >= ? THEN 3 ELSE 4 END AS age,
                COUNT(*) AS tickets, COUNT(CASE WHEN \(TicketSQL.isLate) THEN 1 END) AS late
            FROM ticket t WHERE t.company_id = ? AND t.state = 'open'
            """, Arguments(bounds) + [now, company])
        filter.narrowTickets(&query)
        query.add(scope.predicate(company))
        query.end("GROUP BY t.type, age ORDER BY t.type, age", [])
        return try all(Row.self, query.sql, query.arguments).map { row in
            OpenGroup(type: row["type"], age: row["age"], tickets: row["tickets"], late: row["late"])
        }
    }

    /// How long tickets that were closed in a period had been open; nil: none was closed.
    package func timeToClose(scope: TicketScope, _ filter: ReportFilter) throws -> TypicalTimes? {
        var query = SQLQuery(
            """
            SELECT \(TypicalTimes.columns) FROM (
                SELECT t.closed_at_ms - t.created_at_ms AS length,
                    ROW_NUMBER() OVER (ORDER BY t.closed_at_ms - t.created_at_ms) AS place, COUNT(*) OVER () AS total
                FROM ticket t WHERE t.company_id = ? AND t.closed_at_ms >= ? AND t.closed_at_ms < ?
                    AND t.state = 'closed'
            """, [company, filter.from, filter.to])
        filter.narrowTickets(&query)
        query.add(scope.predicate(company))
        query.end(") ranked HAVING COUNT(*) > 0", [])
        return try first(Row.self, query.sql, query.arguments).map(TypicalTimes.init(row:))
    }
}
