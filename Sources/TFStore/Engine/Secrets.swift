import TFDefinition
import TFEngine
import TFExpression

/// Secrets of companies, stored encrypted; the key is not in the store.
extension CompanyReadSession {
    /// The names of the company's secrets, each with the time when it was set in milliseconds since 1970, by name.
    package func secretNames() throws -> [(name: String, updatedAt: Int64)] {
        try all(Row.self, "SELECT name, updated_at_ms FROM secret WHERE company_id = ? ORDER BY name", [company])
            .map { ($0["name"], $0["updated_at_ms"]) }
    }

    /// `$secrets` of a workflow, with the secrets that it names. A JSON object is given as one, any other value as
    /// text; a secret that cannot be decrypted is missing.
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
    /// Sets a secret, in place of an earlier one of the same name.
    /// - Parameter sealed: the encrypted value.
    package func setSecret(_ name: String, sealed: String, now: Int64) throws {
        try run(
            """
            INSERT INTO secret (company_id, name, sealed, updated_at_ms) VALUES (?, ?, ?, ?)
            ON CONFLICT (company_id, name) DO UPDATE SET
                sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms
            """, [company, name, sealed, now])
    }

    /// Removes a secret.
    /// - Returns: false if there was none.
    package func removeSecret(_ name: String) throws -> Bool {
        try changedRows("DELETE FROM secret WHERE company_id = ? AND name = ?", [company, name]) > 0
    }
}

extension ReadSession {
    /// The names of all companies' secrets that cannot be opened.
    /// - Parameter opener: nil: there is no key.
    package func unopenedSecrets(_ opener: SecretOpener?) throws -> [String] {
        try all(
            Row.self,
            """
            SELECT s.company_id, c.slug, s.name, s.sealed FROM secret s JOIN company c ON c.id = s.company_id
            ORDER BY c.slug, s.name
            """
        ).compactMap { row in
            let (name, sealed): (String, String) = (row["name"], row["sealed"])
            return opener?(row["company_id"], name, sealed) == nil ? "\(row["slug"] as String)/\(name)" : nil
        }
    }
}
