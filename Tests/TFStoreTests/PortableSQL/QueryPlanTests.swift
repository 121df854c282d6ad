import Testing

@testable import TFStore

/// Every statement finds its rows by an index, so that pages and the engine do not grow slower with the site.
extension PortableSQLTests {
    /// Tables that do not grow with what was done: they hold people and definitions, or what waits just now.
    private static let small: Set<String> = [
        "account", "api_key", "cloud_event", "company", "daemon", "failing_part", "http_call", "instance_event",
        "leader", "membership", "mended_key", "outbox", "parked_form", "password_link", "schedule", "search_mark",
        "site_key", "throttle",
    ]

    /// Statements that read all of a table on purpose, by their beginning.
    private static let thorough = [
        // What a size is asked for, by hand.
        "SELECT COUNT(*) AS kept FROM", "SELECT COUNT(*) AS files", "SELECT purpose, COUNT(*) AS live FROM session",
        "SELECT company_id, COUNT(*) AS tickets FROM ticket",
        // A backup's list of files.
        "SELECT id FROM attachment",
        // What people wrote, and nothing that was done.
        "SELECT c.slug, CAST(SUM(d.updated_at_ms) AS BIGINT) AS changes FROM definition",
        // Once an hour.
        "DELETE FROM session",
        // Nobody's rows.
        "SELECT account_id, MAX(rotated_at_ms) AS seen_at_ms FROM session WHERE 1 = 0",
    ]

    /// What is asked of the whole store, once and by hand, to export or erase a person.
    private static let ofOnePerson = Result { try SQLLiteral.all(in: "Sources/TFStore/Erasure") }

    /// What keeps the number of rows small that a statement sorts.
    private static let bounds = [
        // The tasks that one person has or had; the people of one company.
        "k.assignee_id = ? AND k.state", "x.assignee_id = ?", "membership m", "member_role r", "saved_view",
        "a.id IN (SELECT f.account_id",
        // What was named, is late, was made in a period, or is due at this moment.
        "k.id IN (?", "9223372036854775807) < ?", "t.next_due_at_ms < ?", "created_at_ms <", "created_at_ms >=",
        "wake_at_ms <= ?",
        "next_at_ms <= ?",
        // A row for each step, type or person.
        "GROUP BY",
    ]

    @Test func `no statement reads a table that grows from one end to the other`() throws {
        let planner = try QueryPlanner()
        #expect(planner.tables.count > 40)
        let ofOnePerson = try Self.ofOnePerson.get()
        for statement in try Self.statements().map(\.words) {
            let scanned = try planner.plan(statement).scanned.filter { !Self.small.contains($0) }
            guard !scanned.isEmpty, !Self.thorough.contains(where: statement.hasPrefix),
                !ofOnePerson.contains(where: { $0.isBeginning(of: statement) })
            else { continue }
            Issue.record("reads all of \(scanned.joined(separator: " and ")): \(statement)")
        }
    }

    @Test func `no list is sorted to show a page of it`() throws {
        let planner = try QueryPlanner()
        for statement in try Self.statements().map(\.words) where statement.contains(" LIMIT ?") {
            guard try planner.plan(statement).sorts, !Self.bounds.contains(where: statement.contains) else { continue }
            Issue.record("is sorted: \(statement)")
        }
    }

    @Test func `a statement without an index is found`() throws {
        let planner = try QueryPlanner()
        #expect(try planner.plan("SELECT t.title FROM ticket t WHERE t.title = ?").scanned == ["ticket"])
        #expect(try planner.plan("SELECT t.id FROM ticket t WHERE t.company_id = ? ORDER BY t.title LIMIT ?").sorts)
        #expect(try planner.plan("SELECT id FROM instance WHERE set_aside IS NOT NULL").scanned == [])
        #expect(try planner.plan("SELECT a.id FROM audit a ORDER BY a.at_ms DESC, a.id DESC LIMIT ?").scanned == [])
    }
}
