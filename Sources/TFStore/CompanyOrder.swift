import TFEngine

/// A place in the order of what a company committed.
///
/// Ids only identify: where transactions run side by side, the larger id may be committed first. Events, CloudEvents and
/// outbox entries are handled in the order in which they became true, so each takes the next position of its company,
/// which is counted in the company's row. Whoever counts on keeps that row until the commit: positions have no gap, and
/// none appears behind one that somebody has read.
///
/// A list of one company's, ticket's or instance's other rows may go by their ids: whoever writes them holds that row
/// too. Across companies ids say nothing of time. Pages that go back from the newest row may then miss one that is
/// committed meanwhile, as they miss what is written after them; none goes forward across companies.
package struct CompanyPosition: Sendable, Hashable {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    /// Before the first.
    package static let start = CompanyPosition(0)
}

extension CompanyPosition: Comparable {
    package static func < (left: CompanyPosition, right: CompanyPosition) -> Bool { left.number < right.number }
}

extension CompanyPosition: CustomStringConvertible {
    package var description: String { "\(number)" }
}

extension CompanyPosition: SQLConvertible, RowReadable {
    package var sqlValue: SQLValue { .integer(number) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(number)
    }
}

/// Rows that wait to be handled in the order of their company.
enum WaitingRows: String {
    case outbox
    case event
    case cloudEvent = "cloud_event"

    /// Which rows of the table wait; an index holds them by company and position.
    var condition: String {
        switch self {
        case .outbox: "TRUE"
        case .event: "set_aside IS NULL"
        case .cloudEvent: "is_dispatched = 0"
        }
    }
}

extension ReadSession {
    /// What is to be handled next: each company's rows in their order, and the companies in turn, so that none waits
    /// behind another's backlog.
    /// - Parameter except: companies whose rows go on waiting.
    func next(_ rows: WaitingRows, limit: Int, except: Set<CompanyID> = []) throws -> [Row] {
        let companies = try companies(with: rows).filter { !except.contains($0) }
        let share = max(1, limit / max(1, companies.count))
        let backlogs = try companies.map { company in
            try all(
                Row.self,
                """
                SELECT * FROM \(rows.rawValue) WHERE \(rows.condition) AND company_id = ? ORDER BY position LIMIT ?
                """, [company, share])
        }
        return (0..<share).flatMap { place in backlogs.compactMap { place < $0.count ? $0[place] : nil } }
    }

    /// Steps from one company to the next in the index, however many rows each has.
    private func companies(with rows: WaitingRows) throws -> [CompanyID] {
        let first = "SELECT MIN(company_id) FROM \(rows.rawValue) WHERE \(rows.condition)"
        return try all(
            CompanyID.self,
            """
            WITH RECURSIVE c(id) AS (
                \(first)
                UNION ALL
                SELECT (\(first) AND company_id > c.id) FROM c WHERE c.id IS NOT NULL)
            SELECT id FROM c WHERE id IS NOT NULL ORDER BY id
            """)
    }
}

extension CompanyWriteSession {
    /// The next positions, ascending; with the transaction they are given back.
    func takePositions(_ count: Int) throws -> [CompanyPosition] {
        guard count > 0 else { return [] }
        let last = try first(
            Int64.self, "UPDATE company SET position = position + ? WHERE id = ? RETURNING position", [count, company])
        guard let last else { throw StoreError.notFound }
        return (last - Int64(count) + 1...last).map(CompanyPosition.init)
    }

    /// The next position.
    func takePosition() throws -> CompanyPosition { try takePositions(1)[0] }
}
