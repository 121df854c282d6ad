import TFEngine
import TFExpression

/// Everything that the store keeps of a person, for the person.
package struct PersonExport: Sendable {
    /// A file that they sent.
    package struct File: Sendable, Hashable {
        package let key: AttachmentKey
        package let name: String
        /// In bytes.
        package let size: Int
    }

    /// One object, with a list for each kind of what is kept.
    package let json: JSON
    package let files: [File]
}

extension ReadSession {
    /// Columns whose texts are JSON.
    private static let parsed: Set<String> = ["form", "output", "draft", "data", "old", "new", "answers"]

    /// What is kept of a person. Secrets are left out: hashes, and the second factor's. The answers of a ticket are those of
    /// whoever opened it, also where the person has corrected them: an audience may hide some of them from the person.
    package func export(of person: Account) throws -> PersonExport {
        func list(_ sql: String, _ arguments: Arguments) throws -> JSON {
            .array(try all(Row.self, sql, arguments).map { $0.json(parsing: Self.parsed) })
        }
        let id: Arguments = [person.id]
        let files = try all(
            Row.self,
            "SELECT company_id, id, name, size FROM attachment WHERE account_id = ? ORDER BY created_at_ms, id", id)
        var members: JSONObject = [:]
        members["account"] = try list(
            """
            SELECT login, name, email, kind, created_at_ms, disabled_at_ms, totp_confirmed_at_ms FROM account
            WHERE id = ?
            """, id
        ).arrayValue?.first
        members["system_roles"] = try list("SELECT role FROM account_role WHERE account_id = ? ORDER BY role", id)
        members["memberships"] = try list(
            """
            SELECT c.slug AS company, m.is_available, m.plan_at_ms, m.plan_available, m.plan_until_ms, r.role
            FROM membership m JOIN company c ON c.id = m.company_id
            LEFT JOIN member_role r ON r.company_id = m.company_id AND r.account_id = m.account_id
            WHERE m.account_id = ? ORDER BY c.slug, r.role
            """, id)
        for (name, sql) in Self.exports { members[name] = try list(sql, id) }
        members["history"] = try list(
            """
            SELECT c.slug AS company, t.number AS ticket, h.kind,
                CASE WHEN t.requester_id <> ? AND h.kind IN ('uncomputed', 'answers-replaced') THEN '{}' ELSE h.data END
                    AS data,
                h.at_ms
            FROM history h JOIN ticket t ON t.company_id = h.company_id AND t.id = h.ticket_id
            JOIN company c ON c.id = h.company_id
            WHERE h.actor = ? ORDER BY h.at_ms, h.id
            """, [person.id, person.login])
        members["audit"] = try list(
            """
            SELECT at_ms, actor, action, subject, old, new, CASE WHEN actor = ? THEN address END AS address
            FROM audit WHERE actor = ? OR subject = ? ORDER BY at_ms, id
            """, [person.login, person.login, AuditSubject.user(person.login).text])
        return PersonExport(
            json: .object(members),
            files: files.map { PersonExport.File(key: AttachmentKey(row: $0), name: $0["name"], size: $0["size"]) })
    }

    /// By the account's id.
    private static let exports = [
        (
            "sessions",
            """
            SELECT purpose, agent, address, created_at_ms, rotated_at_ms, ended_at_ms, ended_because FROM session
            WHERE account_id = ? ORDER BY created_at_ms, id
            """
        ),
        (
            "api_keys",
            "SELECT name, created_at_ms, used_at_ms, revoked_at_ms FROM api_key WHERE account_id = ? ORDER BY created_at_ms, id"
        ),
        (
            "tickets",
            """
            SELECT c.slug AS company, t.number, t.type, t.title, t.state, t.status, t.form, t.created_at_ms, t.closed_at_ms
            FROM ticket t JOIN company c ON c.id = t.company_id WHERE t.requester_id = ? ORDER BY t.created_at_ms, t.id
            """
        ),
        (
            "tasks",
            """
            SELECT c.slug AS company, t.number AS ticket, k.title, k.state,
                CASE WHEN t.requester_id <> k.assignee_id AND EXISTS (
                    SELECT 1 FROM history h
                    WHERE h.company_id = k.company_id AND h.ticket_id = k.ticket_id AND h.task_id = k.id
                        AND h.kind = 'answers-replaced'
                ) THEN NULL ELSE k.output END AS output,
                k.draft, k.assigned_at_ms, k.started_at_ms, k.finished_at_ms
            FROM task k \(TaskSQL.joinTicket)
            JOIN company c ON c.id = k.company_id
            WHERE k.assignee_id = ? ORDER BY k.created_at_ms, k.id
            """
        ),
        (
            "assignments",
            """
            SELECT c.slug AS company, t.number AS ticket, k.title, a.attempt, a.at_ms
            FROM assignment a JOIN task k ON k.company_id = a.company_id AND k.id = a.task_id
            JOIN ticket t ON t.company_id = a.company_id AND t.id = a.ticket_id
            JOIN company c ON c.id = a.company_id WHERE a.account_id = ? ORDER BY a.at_ms, a.task_id, a.attempt
            """
        ),
        (
            "comments",
            """
            SELECT c.slug AS company, t.number AS ticket, m.text, m.is_internal, m.created_at_ms
            FROM comment m JOIN ticket t ON t.company_id = m.company_id AND t.id = m.ticket_id
            JOIN company c ON c.id = m.company_id
            WHERE m.account_id = ? ORDER BY m.created_at_ms, m.id
            """
        ),
        (
            "files",
            """
            SELECT f.id, f.name, f.media_type, f.size, t.number AS ticket, f.created_at_ms
            FROM attachment f LEFT JOIN ticket t ON t.company_id = f.company_id AND t.id = f.ticket_id
            WHERE f.account_id = ?
            ORDER BY f.created_at_ms, f.id
            """
        ),
        (
            "notifications",
            """
            SELECT c.slug AS company, t.number AS ticket, n.kind, n.created_at_ms, n.read_at_ms
            FROM notification n JOIN ticket t ON t.company_id = n.company_id AND t.id = n.ticket_id
            JOIN company c ON c.id = n.company_id
            WHERE n.account_id = ? ORDER BY n.created_at_ms, n.id
            """
        ),
        (
            "notification_settings",
            "SELECT kind, is_told, is_mailed FROM notice_setting WHERE account_id = ? ORDER BY kind"
        ),
        (
            "saved_views",
            "SELECT list, name, query, role, created_at_ms FROM saved_view WHERE account_id = ? ORDER BY created_at_ms, id"
        ),
        (
            "followed",
            """
            SELECT c.slug AS company, t.number AS ticket, f.is_following, f.at_ms
            FROM follower f JOIN ticket t ON t.company_id = f.company_id AND t.id = f.ticket_id
            JOIN company c ON c.id = f.company_id
            WHERE f.account_id = ? ORDER BY f.at_ms, f.ticket_id
            """
        ),
        (
            "unsent_forms",
            "SELECT page, fields AS answers, created_at_ms FROM parked_form WHERE account_id = ? ORDER BY created_at_ms, id"
        ),
    ]
}
