import TFDefinition
import TFEngine

extension CompanyReadSession {
    /// What is under way with each revision of a definition: running instances of a workflow, open tickets of a ticket
    /// type, open tasks of a task. A revision without any is left out.
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
                    WHERE r.company_id = ? AND r.definition_id = ? GROUP BY r.id
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
                    JOIN task k ON k.company_id = r.company_id AND k.revision_id = r.id AND k.finished_at_ms IS NULL
                    WHERE r.company_id = ? AND r.definition_id = ? GROUP BY r.id
                    """, [company, definition])
            }
        return Dictionary(rows.map { ($0["id"], $0["many"]) }, uniquingKeysWith: { first, _ in first })
    }
}
