import TFEngine

/// The state of the whole site that no list shows, for operators.
package struct SiteFigures: Sendable, Hashable {
    /// The HTTP requests of a company's workflows.
    package struct Calls: Sendable, Hashable {
        /// The company's slug.
        package let company: String
        /// Sent, and not yet answered: each takes one of the company's places.
        package var sent = 0
        /// Those that wait for their moment or for a free place.
        package var waiting = 0
    }

    /// Events that are kept and not applied, since their workflow is set aside.
    package let eventsAside: Int
    /// Tickets whose workflow failed, by the company's slug; those without any are left out.
    package let failedTickets: [String: Int]
    /// Workflows without a ticket that failed, in the same way: no ticket admin is told of them.
    package let failedWithoutTicket: [String: Int]
    package let calls: [Calls]
    /// When the newest entry of a ticket's history or of the audit log was made, in milliseconds since 1970; nil: there
    /// is none.
    package let newestAtMs: Int64?

    /// All workflows of a company that failed, with a ticket and without one.
    package func failed(in company: String) -> Int {
        failedTickets[company, default: 0] + failedWithoutTicket[company, default: 0]
    }

    /// The slugs of the companies in which some failed, in order.
    package var companiesWithFailures: [String] {
        Set(failedTickets.keys).union(failedWithoutTicket.keys).sorted()
    }
}

extension ReadSession {
    package func siteFigures() throws -> SiteFigures {
        let companies = try companies()
        let aside = try first(
            Int.self,
            """
            SELECT COUNT(*) AS kept FROM instance i JOIN instance_event e ON e.company_id = i.company_id AND e.instance_id = i.id
            WHERE i.set_aside IS NOT NULL AND e.set_aside IS NOT NULL
            """)
        let failed = try counts(
            of: companies, "SELECT COUNT(*) AS kept FROM ticket WHERE company_id = ? AND state = 'failed'")
        let failedAlone = try counts(
            of: companies,
            """
            SELECT COUNT(*) AS kept FROM instance
            WHERE company_id = ? AND status = 'faulted' AND parent_id IS NULL AND ticket_id IS NULL
            """)
        // The last that were written, not those with the latest moments: after a clock was wrong for a while, and is right
        // again, nothing is ahead of it any more. An id is no time, and two companies' entries may be the other way round
        // on PostgreSQL; but they are of the same moment then, and any entry of now will do.
        let history = try first(Int64.self, "SELECT at_ms FROM history ORDER BY id DESC LIMIT 1")
        let audit = try first(Int64.self, "SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1")
        return SiteFigures(
            eventsAside: aside ?? 0, failedTickets: failed, failedWithoutTicket: failedAlone,
            calls: try calls(of: companies), newestAtMs: [history, audit].compactMap(\.self).max())
    }

    /// What a statement counts in each company, by its slug; those in which it counts none are left out.
    private func counts(of companies: [Company], _ sql: String) throws -> [String: Int] {
        try companies.reduce(into: [:]) { counts, company in
            if let count = try first(Int.self, sql, [company.id]), count > 0 { counts[company.slug] = count }
        }
    }

    private func calls(of companies: [Company]) throws -> [SiteFigures.Calls] {
        let rows = try all(
            Row.self, "SELECT company_id, state, COUNT(*) AS calls FROM http_call GROUP BY company_id, state")
        return try companies.compactMap { company in
            var calls = SiteFigures.Calls(company: company.slug)
            for row in rows where row["company_id"] == company.id {
                switch try Column.word(row["state"]) as HTTPCallState {
                case .sent: calls.sent = row["calls"]
                case .waiting: calls.waiting = row["calls"]
                }
            }
            return calls.sent + calls.waiting > 0 ? calls : nil
        }
    }
}
