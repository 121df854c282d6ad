import Testing

@testable import TFStore

/// Every statement keeps to one company, or stands here with the reason why it does not: a server that spreads companies
/// over several machines asks all of them then.
extension PortableSQLTests {
    /// Words of the statements that go over all companies.
    private static let crossing: [(words: String, because: String)] = []

    private static func uses() throws -> [(statement: String, use: CompanyUse)] {
        let tables = try QueryPlanner().companyTables
        return try statements().map { ($0.words, CompanyUse(TextIndex.translated($0.words), tables: tables)) }
    }

    @Test func `a statement keeps to one company, or is known to go over all of them`() throws {
        let free = try Self.uses().filter { !$0.use.free.isEmpty }
        for (statement, use) in free where !Self.crossing.contains(where: { statement.contains($0.words) }) {
            Issue.record("which company's \(use.free.joined(separator: " and "))? \(statement)")
        }
        for entry in Self.crossing where !free.contains(where: { $0.statement.contains(entry.words) }) {
            Issue.record("no statement needs this any more: \(entry.words)")
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
        "SELECT login FROM account WHERE name = 'FROM task k'",
    ])
    func `a statement of one company is seen as one`(_ sql: String) {
        #expect(Self.use(sql).free == [])
        #expect(Self.use(sql).loose == [])
    }

    @Test(
        arguments: [
            ("SELECT id FROM task WHERE id = ?", ["task"], []),
            ("SELECT k.id FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.company_id = ?", ["ticket"], []),
            (
                "SELECT k.id FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.id = ?", ["task", "ticket"],
                ["ticket"]
            ),
            ("SELECT k.id FROM task k JOIN ticket t ON t.company_id = k.company_id WHERE k.id = ?", ["task"], []),
            ("SELECT 1 WHERE EXISTS (SELECT 1 FROM task) OR EXISTS (SELECT 1 FROM outbox)", ["task", "outbox"], []),
            ("UPDATE task SET title = ? WHERE id IN (SELECT id FROM ticket WHERE company_id = ?)", ["task"], []),
            ("DELETE FROM task WHERE company_id > ?", ["task"], []),
            ("INSERT INTO task (title) SELECT title FROM ticket WHERE company_id = ?", ["task"], []),
            ("SELECT id FROM task WHERE company_id = ? UNION SELECT id FROM task WHERE title = ?", ["task"], []),
        ] as [(String, [String], [String])])
    func `a statement of any company is seen as one`(_ sql: String, _ free: [String], _ loose: [String]) {
        #expect(Self.use(sql).free == free)
        #expect(Self.use(sql).loose == loose)
    }
}
