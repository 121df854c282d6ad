import TFDefinition
import TFEngine

/// The tickets and tasks that a report counts.
package struct ReportFilter: Sendable, Hashable {
    /// The beginning of the period, in milliseconds since 1970.
    package var from: Int64
    /// The end of the period, which does not belong to it.
    package var to: Int64
    /// Only tickets of this type; nil: of any.
    package var type: String?
    /// Only tasks of the definition with this name; nil: of any.
    package var step: String?

    package init(from: Int64, to: Int64, type: String? = nil, step: String? = nil) {
        self.from = from
        self.to = to
        self.type = type
        self.step = step
    }

    func narrowTickets(_ query: inout SQLQuery) {
        if let type { query.add("t.type = ?", [type]) }
    }

    func narrowTasks(_ query: inout SQLQuery) {
        narrowTickets(&query)
        if let step { query.add("k.name = ?", [step]) }
    }
}

/// The times within which half and nine in ten of something were done, in milliseconds, by nearest rank.
package struct TypicalTimes: Sendable, Hashable {
    package let count: Int
    package let half: Int64
    package let nineInTen: Int64

    package init(count: Int, half: Int64, nineInTen: Int64) {
        self.count = count
        self.half = half
        self.nineInTen = nineInTen
    }

    /// The columns of an aggregate over rows with `place`, from 1, `total` and `length`.
    static let columns = """
        COUNT(*) AS done, MAX(CASE WHEN place = (total + 1) / 2 THEN length END) AS half,
            MAX(CASE WHEN place = (9 * total + 9) / 10 THEN length END) AS most
        """

    init(row: Row) {
        self.init(count: row["done"], half: row["half"], nineInTen: row["most"])
    }
}
