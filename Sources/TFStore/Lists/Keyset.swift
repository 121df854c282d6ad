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

/// A row of an ordered list, behind or before which a page begins.
package struct ListCursor<ID: CursorID>: Sendable, Hashable {
    /// The row's sort key; nil: the list is ordered by `id` alone.
    package let key: Int64?
    package let id: ID
    /// Whether the page ends before the row instead of beginning behind it.
    package var isBefore = false

    package init(key: Int64?, id: ID) {
        self.key = key
        self.id = id
    }

    /// Reads what `Keyset.text` gave.
    /// - Returns: nil for a text that is not a cursor of this order.
    init?(_ text: String, in keyset: Keyset) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let hasKey = keyset.key != nil
        guard parts.count == (hasKey ? 3 : 2), parts[0] == keyset.name, let id = parts.last.flatMap(ID.init(cursor:))
        else { return nil }
        self.id = id
        key = hasKey ? Int64(parts[1]) : nil
        if hasKey, key == nil { return nil }
    }
}

extension ListCursor<TaskID> {
    /// Reads a cursor of the tasks that somebody has done.
    /// - Returns: nil for a text that is none.
    package init?(ofDone text: String) { self.init(text, in: .done) }
}

/// Whether a text is a cursor of one of these orders, but not of the list's own.
func isOfAnotherOrder(_ cursor: String, _ names: [String]) -> Bool {
    names.contains { cursor.hasPrefix($0 + ".") }
}

/// The order of a list by a key, and by an id among rows with the same key; pages go on behind a row, so that their cost
/// does not grow with their number.
struct Keyset {
    /// Stands for a missing date, so that rows without one come last, by an index too.
    static let never = "9223372036854775807"

    /// Tells the order from the others of its list, in cursors.
    let name: String
    /// An SQL expression that is a whole number and never NULL; nil: the id alone gives the order.
    let key: String?
    /// The values of the expression's parameters.
    var arguments: Arguments = []
    /// The column of the id.
    let id: String
    let isDescending: Bool

    /// The tasks that somebody has done, the latest first.
    static let done = Keyset(name: "done", key: "k.finished_at_ms", id: "k.id", isDescending: true)

    /// A cursor in an address: the order's name, the key if there is one, and the id.
    func text(of cursor: ListCursor<some CursorID>) -> String {
        [name, cursor.key?.description, cursor.id.description].compactMap { $0 }.joined(separator: ".")
    }

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
            arguments + [value] + arguments + [value, cursor.id])
    }

    /// The terms of ORDER BY. A page before a row is read backwards from it.
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
            rows: rows, next: hasNext ? rows.last.map { text(of: position($0)) } : nil,
            previous: hasPrevious ? rows.first.map { text(of: position($0)) } : nil)
    }
}
