import TFDefinition
import TFEngine

extension CompanyReadSession {
    /// What is under way with each revision of a definition: running instances of a workflow but those of failed tickets,
    /// open tickets of a ticket type, open tasks of a task. A revision without any is left out.
    package func underWay(with definition: DefinitionID, _ kind: DefinitionKind) throws -> [RevisionID: Int] {
        let rows =
            switch kind {
            case .workflow:
                try all(
                    Row.self,
                    """
                    SELECT r.id, COUNT(*) AS many FROM revision r
                    JOIN instance i ON i.company_id = r.company_id AND i.workflow_revision_id = r.id
                        AND i.status = 'running'
                    LEFT JOIN ticket t ON t.company_id = i.company_id AND t.id = i.ticket_id AND t.state = 'failed'
                    WHERE r.company_id = ? AND r.definition_id = ? AND t.id IS NULL GROUP BY r.id
                    """, [company, definition])
            case .ticket:
                try all(
                    Row.self,
                    """
                    SELECT r.id, COUNT(*) AS many FROM revision r
                    JOIN ticket t ON t.company_id = r.company_id AND t.revision_id = r.id AND t.state = 'open'
                    WHERE r.company_id = ? AND r.definition_id = ? GROUP BY r.id
                    """, [company, definition])
            case .task:
                try all(
                    Row.self,
                    """
                    SELECT r.id, COUNT(*) AS many FROM revision r
                    JOIN task k ON k.company_id = r.company_id AND k.revision_id = r.id AND \(TaskSQL.isOpen())
                    WHERE r.company_id = ? AND r.definition_id = ? GROUP BY r.id
                    """, [company, definition])
            }
        return Dictionary(rows.map { ($0["id"], $0["many"]) }, uniquingKeysWith: { first, _ in first })
    }

    /// The failed tickets that wait for a decision in each revision of a workflow or ticket type, by their types; none
    /// for a task, whose part in a ticket has ended then.
    package func failedTickets(with definition: DefinitionID, _ kind: DefinitionKind) throws -> [FailedTickets] {
        switch kind {
        case .workflow:
            try all(
                FailedTickets.self,
                """
                SELECT r.id, t.type, COUNT(DISTINCT t.id) AS many FROM revision r
                JOIN instance i ON i.company_id = r.company_id AND i.workflow_revision_id = r.id
                    AND i.status IN ('running', 'faulted')
                JOIN ticket t ON t.company_id = i.company_id AND t.id = i.ticket_id AND t.state = 'failed'
                WHERE r.company_id = ? AND r.definition_id = ? GROUP BY r.id, t.type ORDER BY t.type, r.id
                """, [company, definition])
        case .ticket:
            try all(
                FailedTickets.self,
                """
                SELECT r.id, t.type, COUNT(*) AS many FROM revision r
                JOIN ticket t ON t.company_id = r.company_id AND t.revision_id = r.id AND t.state = 'failed'
                WHERE r.company_id = ? AND r.definition_id = ? GROUP BY r.id, t.type ORDER BY t.type, r.id
                """, [company, definition])
        case .task: []
        }
    }
}

/// How many tickets of a type have failed in a revision, and wait for a decision.
package struct FailedTickets: Sendable {
    package let revision: RevisionID
    package let type: String
    package let count: Int
}

extension FailedTickets: RowReadable {
    package init(row: Row) throws { self.init(revision: row["id"], type: row["type"], count: row["many"]) }
}
