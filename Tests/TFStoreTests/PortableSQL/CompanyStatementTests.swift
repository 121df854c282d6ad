import Testing

@testable import TFStore

/// Every statement keeps to one company, or stands here with the reason why it does not: a server that spreads companies
/// over several machines asks all of them then.
extension PortableSQLTests {
    /// What the statements that go over all companies begin with, or have in them.
    private static let crossing: [(because: String, words: [String])] = [
        (
            "a daemon asks which of its companies have something due or waiting, and goes into each",
            [
                "PARTITION BY company_id ORDER BY next_at_ms) AS place FROM schedule",
                "PARTITION BY company_id ORDER BY wake_at_ms) AS place FROM instance",
                "PARTITION BY company_id ORDER BY next_at_ms, id) AS place FROM http_call",
                "SELECT MIN(company_id) FROM instance_event", "SELECT MIN(company_id) FROM cloud_event",
                "SELECT MIN(company_id) FROM outbox", "SELECT MIN(next_at_ms) FROM schedule",
                "SELECT MIN(wake_at_ms) FROM instance", "SELECT * FROM schedule WHERE next_at_ms = ? AND",
                "SELECT definition_id, company_id, revision_id, next_at_ms FROM schedule",
                "SELECT d.id, d.company_id, d.name, d.version, r.id AS revision_id FROM definition d",
                "SELECT DISTINCT company_id FROM http_call WHERE state = 'sent'",
                "SELECT id FROM http_call WHERE state = 'sent'",
                "SELECT 1 WHERE EXISTS ( SELECT 1 FROM task WHERE wake_at_ms <= ?", "WHERE k.wake_at_ms <= ? AND",
                "SELECT company_id, account_id FROM membership WHERE seen_at_ms IS NOT NULL",
                "SELECT company_id, account_id, plan_available, plan_handover, plan_until_ms FROM membership",
                "SELECT company_id, id FROM instance WHERE deaths > 0",
                "SELECT DISTINCT k.company_id FROM task k JOIN account a ON a.id = k.assignee_id",
                "SELECT id, company_id FROM revision WHERE is_undrawn = 1",
                "SELECT c.slug, CAST(SUM(d.updated_at_ms) AS BIGINT) AS changes FROM definition d",
            ]
        ),
        (
            "the sweep removes what is old, or nobody's, of all companies",
            [
                "FROM attachment WHERE created_at_ms < ? AND ticket_id IS NULL", "SELECT id FROM attachment WHERE",
                "FROM attachment_chunk c WHERE c.place = 0", "FROM cloud_event WHERE at_ms < ? AND is_dispatched = 1",
                "WHERE created_at_ms < ? AND (kind <> 'due_soon' OR NOT EXISTS",
            ]
        ),
        (
            "a person has one list of notifications, of all their companies",
            [
                "SELECT DISTINCT n.ticket_id, n.kind FROM notification n",
                "SELECT n.id, n.company_id, c.slug AS company",
                "UPDATE notification SET read_at_ms = ? WHERE account_id = ?",
                "SELECT MAX(id) FROM notification WHERE account_id = ?",
                "SELECT company_id FROM notification WHERE id = ? AND account_id = ?",
            ]
        ),
        (
            "mails are sent in one round",
            [
                "FROM notification n WHERE n.mail_at_ms IS NOT NULL AND n.mail_at_ms <= ?",
                "UPDATE notification SET mail_at_ms = ? WHERE mail_at_ms IS NOT NULL AND id IN",
            ]
        ),
        (
            "a person's companies, and how much they may upload",
            [
                "SELECT m.company_id FROM membership m JOIN account a ON a.id = m.account_id",
                "SELECT c.id, c.slug, c.name, c.timezone, c.version, m.is_available",
                "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachment WHERE account_id = ?",
            ]
        ),
        (
            "an admin's page, the metrics or a command tells of the whole site",
            [
                "FROM membership m JOIN company c ON c.id = m.company_id WHERE m.account_id = a.id",
                "SELECT company_id, COUNT(*) AS members FROM membership", "SELECT c.slug, r.name FROM company c",
                "SELECT company_id, COUNT(*) AS tickets FROM ticket", "SELECT company_id, state, COUNT(*) AS calls",
                "SELECT COUNT(*) AS kept FROM", "SELECT COUNT(*) AS n, MIN(",
                "SELECT at_ms FROM history ORDER BY id DESC",
                "SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachment",
                "SELECT i.id, i.set_aside, i.set_aside_facts, c.slug, t.number FROM instance i",
                "SELECT s.set_aside, s.set_aside_facts, c.slug, d.name FROM schedule s",
            ]
        ),
        (
            "a command names what is set aside, or a ticket, by its id alone",
            [
                "SELECT company_id FROM definition WHERE id = ?", "SELECT company_id FROM instance WHERE id = ?",
                "SELECT 1 FROM ticket t JOIN instance i",
            ]
        ),
        (
            "all companies' secrets are sealed with one key, and anew when it changes",
            ["SELECT s.company_id, c.slug, s.name, s.sealed FROM secret s"]
        ),
        (
            "the words of all companies are in one index, which is brought up to date at once",
            ["UPDATE search_mark SET upto = (SELECT MAX(id) FROM search_text)"]
        ),
        (
            "a person is exported or erased with what they have everywhere",
            [
                "DELETE FROM follower WHERE account_id = ?", "DELETE FROM notification WHERE account_id = ?",
                "DELETE FROM saved_view WHERE account_id = ?",
                "UPDATE attachment SET name = ?, size = 0 WHERE account_id = ?",
                "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM attachment WHERE account_id = ?",
                "SELECT COUNT(*) FROM attachment WHERE account_id = ?",
                "SELECT COUNT(*) FROM comment WHERE account_id = ?",
                "SELECT COUNT(*) FROM notification WHERE account_id = ?",
                "SELECT COUNT(*) FROM task WHERE assignee_id = ?",
                "SELECT COUNT(*) FROM ticket WHERE requester_id = ?", "SELECT c.slug AS company, t.number",
                "SELECT c.slug AS company, m.is_available",
                "SELECT f.id, f.name, f.media_type, f.size, t.number AS ticket",
                "SELECT company_id, id, name, size FROM attachment WHERE account_id = ?",
                "SELECT c.slug, t.number FROM ticket t", "SELECT c.slug, t.number, k.title FROM task k",
                "SELECT list, name, query, role, created_at_ms FROM saved_view WHERE account_id = ?",
            ]
        ),
        (
            "a name is looked for in every text",
            [
                "SELECT COUNT(*) AS naming FROM", "SELECT d.file, r.source FROM revision r",
                "SELECT * FROM search_text WHERE id > ?",
            ]
        ),
    ]

    /// The same for the pages and the changes of names, which the list of columns makes.
    private static let naming = NamingColumns.all.flatMap { naming in
        let columns = naming.columns.map(\.name)
        let sets = columns.map { "\($0) = ?" }.joined(separator: ", ")
        let isSame = columns.map { "\($0) IS NOT DISTINCT FROM ?" }.joined(separator: " AND ")
        return [
            "SELECT \((naming.key + columns).joined(separator: ", ")) FROM \(naming.table.rawValue) WHERE",
            "UPDATE \(naming.table.rawValue) SET \(sets) WHERE id = ? AND \(isSame)",
        ]
    }

    private static func uses() throws -> [(statement: String, use: CompanyUse)] {
        let tables = try QueryPlanner().companyTables
        return try statements().map { ($0.words, CompanyUse(TextIndex.translated($0.words), tables: tables)) }
    }

    @Test func `a statement keeps to one company, or is known to go over all of them`() throws {
        let free = try Self.uses().filter { !$0.use.free.isEmpty }
        let known = Self.crossing.flatMap(\.words)
        for (statement, use) in free where !(known + Self.naming).contains(where: statement.contains) {
            Issue.record("which company's \(use.free.joined(separator: " and "))? \(statement)")
        }
        for words in known where !free.contains(where: { $0.statement.contains(words) }) {
            Issue.record("no statement needs this any more: \(words)")
        }
    }

    @Test func `tables of companies are joined by the company too`() throws {
        for (statement, use) in try Self.uses() where !use.loose.isEmpty {
            Issue.record("\(use.loose.joined(separator: " and ")) of any company: \(statement)")
        }
    }
}

/// What is seen in a statement.
@Suite struct CompanyUseTests {
    private static func use(_ sql: String) -> CompanyUse {
        CompanyUse(sql, tables: ["task", "ticket", "outbox", "member_role", "history"])
    }

    @Test(arguments: [
        "SELECT id FROM task WHERE company_id = ? AND id = ?",
        "SELECT k.id FROM task k JOIN ticket t ON t.company_id = k.company_id AND t.id = k.ticket_id WHERE k.company_id = ?",
        "SELECT 1 FROM account a WHERE EXISTS (SELECT 1 FROM member_role r WHERE r.company_id = ? AND r.account_id = a.id)",
        "UPDATE task SET title = ? WHERE company_id = ? AND id = (SELECT id FROM ticket WHERE company_id = ?)",
        "DELETE FROM history WHERE (company_id, id) IN (SELECT company_id, id FROM history WHERE company_id = ? LIMIT ?)",
        "INSERT INTO task (company_id, title) VALUES (?, ?) ON CONFLICT DO NOTHING",
        "INSERT INTO task (company_id, title) SELECT company_id, title FROM ticket WHERE company_id = ? AND id = ?",
        "INSERT INTO task (company_id, title) SELECT CAST(? AS BIGINT), name FROM account WHERE id = ?",
        "SELECT login FROM account WHERE name = 'FROM task k'",
    ])
    func `a statement of one company is seen as one`(_ sql: String) {
        #expect(Self.use(sql).free == [])
        #expect(Self.use(sql).loose == [])
    }

    @Test(
        arguments: [
            ("SELECT id FROM task WHERE id = ?", ["task"], []),
            (
                "SELECT k.id FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.company_id = ?", ["ticket"],
                ["ticket"]
            ),
            ("SELECT k.id FROM task k, ticket t WHERE t.id = k.ticket_id AND k.company_id = ?", ["ticket"], ["ticket"]),
            (
                "SELECT k.id FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.id = ?", ["task", "ticket"],
                ["ticket"]
            ),
            ("SELECT k.id FROM task k JOIN ticket t ON t.company_id = k.company_id WHERE k.id = ?", ["task"], []),
            ("SELECT 1 WHERE EXISTS (SELECT 1 FROM task) OR EXISTS (SELECT 1 FROM outbox)", ["task", "outbox"], []),
            ("UPDATE task SET title = ? WHERE id IN (SELECT id FROM ticket WHERE company_id = ?)", ["task"], []),
            ("DELETE FROM task WHERE company_id > ?", ["task"], []),
            ("SELECT id FROM task WHERE company_id = ? OR title = ?", ["task"], []),
            ("SELECT id FROM task WHERE state = ? AND ((company_id = ?) OR title = ?)", ["task"], []),
            ("SELECT id FROM task WHERE NOT (company_id = ?)", ["task"], []),
            (
                "SELECT company_id = ? AS is_ours FROM task WHERE CASE WHEN company_id = ? THEN 0 ELSE 1 END = ?",
                ["task"], []
            ),
            ("UPDATE task SET company_id = ? WHERE id = ?", ["task"], []),
            ("INSERT INTO history (company_id, ticket_id) SELECT t.company_id, t.id FROM ticket t", ["history"], []),
            ("INSERT INTO task (title) SELECT title FROM ticket WHERE company_id = ?", ["task"], []),
            ("SELECT id FROM task WHERE company_id = ? UNION SELECT id FROM task WHERE title = ?", ["task"], []),
        ] as [(String, [String], [String])])
    func `a statement of any company is seen as one`(_ sql: String, _ free: [String], _ loose: [String]) {
        #expect(Self.use(sql).free == free)
        #expect(Self.use(sql).loose == loose)
    }
}
