import TFEngine

/// A position in the order of a company's commits.
///
/// Ids only identify rows: if transactions run in parallel, the larger id may be committed first. Events, CloudEvents
/// and outbox entries have to be handled in the order of their commits, so each takes the next position of its company
/// from a counter in the company's row. The transaction locks that row until its commit: positions have no gaps, and a
/// new one never appears before one that was already read.
///
/// Other rows of one company, ticket or instance may be ordered by their ids, because their writer has locked the same
/// row. Across companies ids say nothing about time: a page that goes back from the newest row can miss one that is
/// committed meanwhile, just as it misses later ones, and no page goes forward across companies.
package struct CompanyPosition: Sendable, Hashable {
    /// From 1, without gaps.
    package let number: Int64

    package init(_ number: Int64) { self.number = number }

    /// The position before the first one.
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

/// A table of rows that wait to be handled in the order of their company.
enum WaitingRows: String {
    case outbox
    case instanceEvent = "instance_event"
    case cloudEvent = "cloud_event"

    /// What is read of them. Many more events are read for a plan than are handled with it, so of those only the keys.
    var columns: String {
        switch self {
        case .outbox, .cloudEvent: "*"
        case .instanceEvent: "company_id, position, instance_id"
        }
    }

    /// The condition for rows that wait; an index has them by company and position.
    var condition: String {
        switch self {
        case .outbox: "TRUE"
        case .instanceEvent: "set_aside IS NULL"
        case .cloudEvent: "is_dispatched = 0"
        }
    }
}

extension ReadSession {
    /// The rows to handle next: each company's in its order, taken from the companies in turn, so that none waits
    /// behind the backlog of another.
    func next(_ rows: WaitingRows, limit: Int, of choice: CompanyChoice = .all) throws -> [Row] {
        try next(rows, limit: limit, in: try companies(with: rows).filter(choice.contains))
    }

    /// - Parameter companies: those with waiting rows.
    func next(_ rows: WaitingRows, limit: Int, in companies: [CompanyID]) throws -> [Row] {
        let share = max(1, limit / max(1, companies.count))
        let backlogs = try companies.map { company in
            try all(
                Row.self,
                """
                SELECT \(rows.columns) FROM \(rows.rawValue)
                WHERE \(rows.condition) AND company_id = ? ORDER BY position LIMIT ?
                """, [company, share])
        }
        return (0..<share).flatMap { place in backlogs.compactMap { place < $0.count ? $0[place] : nil } }
    }

    /// The companies with waiting rows, ascending. It steps from one company to the next in the index, so that its cost
    /// does not grow with the number of rows.
    func companies(with rows: WaitingRows) throws -> [CompanyID] {
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
    /// Takes the next positions, ascending. They are free again if the transaction is rolled back.
    func takePositions(_ count: Int) throws -> [CompanyPosition] {
        guard count > 0 else { return [] }
        let last = try first(
            Int64.self, "UPDATE company SET position = position + ? WHERE id = ? RETURNING position", [count, company])
        guard let last else { throw StoreError.notFound }
        return (last - Int64(count) + 1...last).map(CompanyPosition.init)
    }

    /// Takes the next position.
    func takePosition() throws -> CompanyPosition { try takePositions(1)[0] }
}
