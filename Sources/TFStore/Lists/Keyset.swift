import TFEngine

/// A page of a list, with the cursors of its neighbours.
package struct RowPage<Row: Sendable>: Sendable {
    package let rows: [Row]
    /// The cursor of the page that follows; nil: this is the last one.
    package let next: String?
    /// The cursor of the page before; nil: this is the first one.
    package let previous: String?

    /// Whether all rows of the list are on this page.
    package var isWhole: Bool { next == nil && previous == nil }
}

/// What tells the rows of a list apart, in its cursors.
package protocol CursorID: SQLConvertible, Hashable, CustomStringConvertible {
    /// - Returns: nil for a text that is none.
    init?(cursor text: Substring)
}

extension TaskID: CursorID {
    package init?(cursor text: Substring) { self.init(text) }
}

/// Tickets are listed by their numbers.
extension Int: CursorID {
    package init?(cursor text: Substring) { self.init(text) }
}

/// Why a text is no cursor of a list.
package enum CursorError: Error {
    /// No page gave it.
    case unknown
    /// A page gave it that had another order: there it was another place.
    case ofOtherOrder
}

/// A row of an ordered list, behind or before which a page begins.
package struct ListCursor<ID: CursorID>: Sendable, Hashable {
    /// The row's sort key; nil: the list is ordered by `id` alone.
    package let key: Int64?
    package let id: ID
    /// Whether the page ends before the row instead of beginning behind it.
    package var isBefore = false
    private let order: String

    /// - Parameter order: its name, as addresses have it.
    package init(key: Int64?, id: ID, in order: some RawRepresentable<String>) {
        self.key = key
        self.id = id
        self.order = order.rawValue
    }

    /// Reads `text`.
    /// - Parameters:
    ///   - order: of the list in which the place is looked for.
    ///   - hasKey: whether this order has a key.
    package init<Order: RawRepresentable<String>>(
        _ text: String, in order: Order, hasKey: Bool
    ) throws(CursorError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let id = ID(cursor: parts[parts.count - 1]),
            let given = Order(rawValue: String(parts[0]))
        else { throw .unknown }
        guard given.rawValue == order.rawValue else { throw .ofOtherOrder }
        let key = parts.count == 3 ? Int64(parts[1]) : nil
        guard parts.count == (hasKey ? 3 : 2), (key != nil) == hasKey else { throw .unknown }
        self.init(key: key, id: id, in: order)
    }

    /// The cursor in an address: `order.id`, or `order.key.id`.
    package var text: String { "\(order).\(key.map { "\($0)." } ?? "")\(id)" }
}

/// The order of a list by a key, and by an id among rows with the same key; pages go on behind a row, so that their cost
/// does not grow with their number.
struct Keyset {
    /// Stands for a missing date, so that rows without one come last, by an index too.
    static let never = "9223372036854775807"

    /// An SQL expression that is a whole number and never NULL; nil: the id alone gives the order.
    let key: String?
    /// The parameters of that expression.
    var parameters: Arguments = []
    /// The column of the id.
    let id: String
    let isDescending: Bool

    /// Keeps the rows on the cursor's side.
    func narrow(_ query: inout SQLQuery, _ cursor: ListCursor<some CursorID>) {
        let sign = isDescending == cursor.isBefore ? ">" : "<"
        guard let key else {
            query.add("\(id) \(sign) ?", [cursor.id])
            return
        }
        let value = cursor.key ?? 0
        // The first condition lets the index begin at the row; the second leaves out the rows before it.
        query.add(
            "\(key) \(sign)= ? AND (\(key) \(sign) ? OR \(id) \(sign) ?)",
            parameters + [value] + parameters + [value, cursor.id])
    }

    /// The terms of ORDER BY, with the key's parameters. A page before a row is read backwards from it.
    func order(_ cursor: ListCursor<some CursorID>?) -> String {
        let isBackwards = cursor?.isBefore == true
        let direction = isDescending == isBackwards ? "ASC" : "DESC"
        return key.map { "\($0) \(direction), \(id) \(direction)" } ?? "\(id) \(direction)"
    }

    /// Makes a page of rows that were read in `order`, one more than fit.
    func page<Row, ID>(
        _ read: [Row], limit: Int, from cursor: ListCursor<ID>?, at position: (Row) -> ListCursor<ID>
    ) -> RowPage<Row> {
        let isBackwards = cursor?.isBefore == true
        let hasMore = read.count > limit
        let rows = isBackwards ? read.prefix(limit).reversed() : Array(read.prefix(limit))
        let hasNext = isBackwards || hasMore
        let hasPrevious = isBackwards ? hasMore : cursor != nil
        return RowPage(
            rows: rows, next: hasNext ? rows.last.map { position($0).text } : nil,
            previous: hasPrevious ? rows.first.map { position($0).text } : nil)
    }
}
