import TFEngine

/// Deletes old tickets with everything that is their own.
///
/// Some rows at a time: a ticket with a long history goes over several transactions, its history first, so that nothing
/// is left that refers to a row that is gone.
enum TicketRemoval {
    /// Rows of a table that belong to a ticket or to an instance.
    struct Part {
        let table: StoreTable
        /// The columns of the primary key, but for the company.
        let key: String
        /// Which of them belong to it; the last parameter is its id, those before are the company.
        let belongs: String
        let bytes: String

        init(
            _ table: StoreTable, _ key: String = "id", _ belongs: String = ofTicket, bytes: String = "40"
        ) {
            (self.table, self.key, self.belongs, self.bytes) = (table, key, belongs, bytes)
        }

        /// The values of the parameters that are the company.
        func companies(_ company: CompanyID) -> Arguments {
            Arguments(Array(repeating: company, count: belongs.count { $0 == "?" } - 1))
        }
    }

    private static let ofTicket = "company_id = ? AND ticket_id = ?"
    private static let ofInstances = """
        company_id = ? AND instance_id IN (SELECT i.id FROM instance i WHERE i.company_id = ? AND i.ticket_id = ?)
        """
    private static let ofInstance = "company_id = ? AND instance_id = ?"

    /// In this order: what refers to another comes before it.
    static let parts = [
        Part(.notification), Part(.searchText, bytes: "2 * LENGTH(text)"),
        Part(.history, bytes: "40 + LENGTH(data)"), Part(.comment, bytes: "40 + LENGTH(text)"),
        Part(.attachment, bytes: "size"), Part(.assignment, "task_id, attempt"),
        Part(.follower, "ticket_id, account_id"), Part(.ticketViewRole, "ticket_id, role"),
        Part(.task, bytes: "200 + LENGTH(input) + LENGTH(COALESCE(output, '')) + LENGTH(prefilled)"),
        Part(.httpCall, "id", ofInstances, bytes: "80"),
        Part(.instanceEvent, "position", ofInstances, bytes: "40 + LENGTH(payload)"),
        Part(.instance, bytes: "100 + LENGTH(COALESCE(state, ''))"),
    ]

    /// What belongs to an instance without a ticket.
    static let workflowParts = [
        Part(.httpCall, "id", ofInstance), Part(.instanceEvent, "position", ofInstance),
    ]

    /// Of the company, before a moment: tickets with which nothing is under way any more.
    static let expired = """
        t.company_id = ? AND t.closed_at_ms < ? AND t.state IN ('closed', 'cancelled')
            AND NOT EXISTS (SELECT 1 FROM instance r
                WHERE r.company_id = t.company_id AND r.ticket_id = t.id AND r.status = 'running')
            AND NOT EXISTS (
                SELECT 1 FROM task k WHERE k.company_id = t.company_id AND k.ticket_id = t.id AND EXISTS (
                    SELECT 1 FROM outbox o WHERE o.company_id = k.company_id AND o.task_id = k.id))
        """

    /// Of the company, before a moment: instances without a ticket that started none which is still there.
    static let expiredWorkflow = """
        w.company_id = ? AND w.ended_at_ms < ? AND w.ticket_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM instance c WHERE c.company_id = w.company_id AND c.parent_id = w.id)
        """
}

extension CompanyReadSession {
    /// How many tickets are older, with the rows that go with them.
    func expiredTickets(before moment: Int64) throws -> ExpiredAmount {
        var sum =
            try first(
                ExpiredAmount.self,
                """
                SELECT COUNT(*) AS amount, MIN(t.closed_at_ms) AS oldest,
                    CAST(COALESCE(SUM(LENGTH(t.form) + LENGTH(t.fields) + LENGTH(t.title)), 0) AS BIGINT) AS bytes
                FROM ticket t WHERE \(TicketRemoval.expired)
                """, [company, moment]) ?? ExpiredAmount()
        guard sum.count > 0 else { return sum }
        for part in TicketRemoval.parts {
            // Written for one ticket; here it stands for each.
            let belongs = part.belongs.replacing(
                "ticket_id = ?", with: "ticket_id IN (SELECT t.id FROM ticket t WHERE \(TicketRemoval.expired))")
            let amount = try first(
                ExpiredAmount.self,
                """
                SELECT COUNT(*) AS amount, CAST(COALESCE(SUM(\(part.bytes)), 0) AS BIGINT) AS bytes,
                    CAST(NULL AS BIGINT) AS oldest
                FROM \(part.table.rawValue) WHERE \(belongs)
                """, part.companies(company) + [company, moment])
            sum.rows += amount?.rows ?? 0
            sum.bytes += amount?.bytes ?? 0
        }
        return sum
    }

    func expiredWorkflows(before moment: Int64) throws -> ExpiredAmount {
        try first(
            ExpiredAmount.self,
            """
            SELECT COUNT(*) AS amount, MIN(w.ended_at_ms) AS oldest,
                CAST(COALESCE(SUM(100 + LENGTH(COALESCE(w.state, ''))), 0) AS BIGINT) AS bytes
            FROM instance w WHERE \(TicketRemoval.expiredWorkflow)
            """, [company, moment]) ?? ExpiredAmount()
    }
}

extension CompanyWriteSession {
    /// Deletes tickets from before a moment, the longest closed first, until `limit` rows are gone.
    /// - Returns: how many rows, and the attachments whose content may go now.
    func removeTickets(before moment: Int64, limit: Int) throws -> (count: Int, files: [AttachmentKey]) {
        let tickets = try all(
            TicketID.self,
            "SELECT t.id FROM ticket t WHERE \(TicketRemoval.expired) ORDER BY t.closed_at_ms LIMIT ?",
            [company, moment, limit])
        var (count, files) = (0, [AttachmentKey]())
        for ticket in tickets {
            try run(
                """
                UPDATE instance SET parent_id = NULL
                WHERE company_id = ? AND parent_id IN (
                    SELECT i.id FROM instance i WHERE i.company_id = ? AND i.ticket_id = ?)
                """, [company, company, ticket])
            for part in TicketRemoval.parts {
                let gone = try remove(part, of: ticket, limit: limit - count)
                count += gone.count
                if part.table == .attachment { files += gone.map(AttachmentKey.init(row:)) }
                guard count < limit else { return (count, files) }
            }
            try run(
                "UPDATE ticket SET duplicate_of_id = NULL WHERE company_id = ? AND duplicate_of_id = ?",
                [company, ticket])
            count += try changedRows("DELETE FROM ticket WHERE company_id = ? AND id = ?", [company, ticket])
        }
        return (count, files)
    }

    /// The same for instances without a ticket.
    func removeWorkflows(before moment: Int64, limit: Int) throws -> Int {
        let instances = try all(
            InstanceID.self,
            "SELECT w.id FROM instance w WHERE \(TicketRemoval.expiredWorkflow) ORDER BY w.ended_at_ms LIMIT ?",
            [company, moment, limit])
        var count = 0
        for instance in instances {
            for part in TicketRemoval.workflowParts {
                count += try remove(part, of: instance, limit: limit - count).count
                guard count < limit else { return count }
            }
            count += try changedRows("DELETE FROM instance WHERE company_id = ? AND id = ?", [company, instance])
        }
        return count
    }

    private func remove(_ part: TicketRemoval.Part, of owner: some SQLConvertible, limit: Int) throws -> [Row] {
        try all(
            Row.self,
            """
            DELETE FROM \(part.table.rawValue) WHERE company_id = ? AND (\(part.key)) IN (
                SELECT \(part.key) FROM \(part.table.rawValue) WHERE \(part.belongs) LIMIT ?
            ) RETURNING company_id, \(part.key)
            """, [company] + part.companies(company) + [owner, limit])
    }
}
