import TFDefinition
import TFEngine

/// Who published a revision, or changed the state of a definition.
package enum Publisher: Sendable, Hashable {
    /// Somebody on a page or by the API: their name, or how the audit log names them.
    case person(String)
    case files
}

extension CompanyReadSession {
    /// Who first published each revision of a definition, as far as the audit log reaches back: it notes what people
    /// publish, and not what is read from files.
    package func publishers(of row: DefinitionRow) throws -> [RevisionID: Publisher] {
        guard let oldest = try auditBegins() else { return [:] }
        let subject = AuditSubject.definition(row.kind, name: row.name)
        let rows = try all(
            Row.self,
            """
            SELECT r.id, COALESCE(p.name, a.actor) AS publisher FROM revision r
            LEFT JOIN audit a ON a.company_id = r.company_id AND a.action = 'definition-published' AND a.subject = ?
                AND a.at_ms = r.published_at_ms AND a.new = '"' || r.sha256 || '"'
            LEFT JOIN account p ON p.login = a.actor
            WHERE r.company_id = ? AND r.definition_id = ? AND r.published_at_ms >= ?
            """, [TextLimit.auditSubject.cut(subject.text), company, row.id, oldest])
        return rows.reduce(into: [:]) { publishers, row in
            let name: String? = row["publisher"]
            publishers[row["id"]] = name.map(Publisher.person) ?? .files
        }
    }

    /// Who made the last change of a definition: took it out of force, or brought a text of it into force; nil: the audit
    /// log does not reach back so far.
    package func lastChanger(of row: DefinitionRow) throws -> Publisher? {
        guard let oldest = try auditBegins(), oldest <= row.updatedAtMs else { return nil }
        let name = try first(
            String.self,
            """
            SELECT COALESCE(p.name, a.actor) AS changer FROM audit a LEFT JOIN account p ON p.login = a.actor
            WHERE a.subject = ? AND a.company_id = ? AND a.at_ms = ?
                AND a.action IN ('definition-published', 'definition-brought-back', 'definition-retired')
            ORDER BY a.id DESC LIMIT 1
            """,
            [
                TextLimit.auditSubject.cut(AuditSubject.definition(row.kind, name: row.name).text), company,
                row.updatedAtMs,
            ])
        return name.map(Publisher.person) ?? .files
    }

    /// The moment of the company's oldest entry in the audit log; nil: there is none.
    private func auditBegins() throws -> Int64? {
        try first(Int64.self, "SELECT at_ms FROM audit WHERE company_id = ? ORDER BY at_ms LIMIT 1", [company])
    }
}
