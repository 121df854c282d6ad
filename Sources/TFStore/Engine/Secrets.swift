import TFDefinition
import TFEngine
import TFExpression

/// Secrets of companies, sealed: what opens them is not here.
extension CompanyReadSession {
    /// The names of the company's secrets with when each was set, by name.
    package func secretNames() throws -> [(name: String, updatedAt: Int64)] {
        try all(Row.self, "SELECT name, updated_at_ms FROM secret WHERE company_id = ? ORDER BY name", [company])
            .map { ($0["name"], $0["updated_at_ms"]) }
    }

    /// `$secrets` of a workflow: those that it names. A value that is JSON is one, any other is text.
    func secrets(_ workflow: WorkflowDefinition, _ opener: SecretOpener) throws -> JSON {
        guard !workflow.secrets.isEmpty else { return [:] }
        var secrets = JSONObject()
        for name in workflow.secrets {
            let sealed = try first(
                String.self, "SELECT sealed FROM secret WHERE company_id = ? AND name = ?", [company, name])
            guard let value = sealed.flatMap({ opener(company, name, $0) }) else { continue }
            let object = (try? JSON(parsing: value))?.objectValue  // most are plain text
            secrets[name] = object.map(JSON.object) ?? .string(value)
        }
        return .object(secrets)
    }
}

extension CompanyWriteSession {
    package func setSecret(_ name: String, sealed: String, now: Int64) throws {
        try run(
            """
            INSERT INTO secret (company_id, name, sealed, updated_at_ms) VALUES (?, ?, ?, ?)
            ON CONFLICT (company_id, name) DO UPDATE SET
                sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms
            """, [company, name, sealed, now])
    }

    /// - Returns: false where there was none.
    package func removeSecret(_ name: String) throws -> Bool {
        try run("DELETE FROM secret WHERE company_id = ? AND name = ?", [company, name]) > 0
    }
}
