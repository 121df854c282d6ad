import TFEngine
import TFSystem

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
    /// A page gave it that had another order or other filters: there it was another place.
    case ofOtherList
}

/// Tells the lists apart whose pages give cursors.
package struct ListMark: Sendable, Hashable {
    fileprivate static let length = 4
    fileprivate let text: String

    /// - Parameter conditions: whatever the list's rows and their order depend on, always in the same words.
    package init(_ conditions: String) {
        text = Base64URL.encode(Digest.sha256(Array(conditions.utf8)).prefix(3))
    }
}

/// A row of an ordered list, behind or before which a page begins.
package struct ListCursor<ID: CursorID>: Sendable, Hashable {
    /// The row's sort key; nil: the list is ordered by `id` alone.
    package let key: Int64?
    package let id: ID
    /// Whether the page ends before the row instead of beginning behind it.
    package var isBefore = false
    private let mark: ListMark

    package init(key: Int64?, id: ID, in mark: ListMark) {
        self.key = key
        self.id = id
        self.mark = mark
    }

    /// Reads `text`.
    /// - Parameters:
    ///   - mark: of the list in which the place is looked for.
    ///   - hasKey: whether its order has a key.
    package init(_ text: String, in mark: ListMark, hasKey: Bool) throws(CursorError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[parts.count - 1].utf8.count == ListMark.length,
            let id = ID(cursor: parts[parts.count - 2]), parts.count == 2 || Int64(parts[0]) != nil
        else { throw .unknown }
        guard parts[parts.count - 1] == mark.text, parts.count == (hasKey ? 3 : 2) else { throw .ofOtherList }
        self.init(key: hasKey ? Int64(parts[0]) : nil, id: id, in: mark)
    }

    /// The cursor in an address: `id.mark`, or `key.id.mark`.
    package var text: String { "\(key.map { "\($0)." } ?? "")\(id).\(mark.text)" }
}

/// The order of a list by a key, and by an id among rows with the same key; pages go on behind a row, so that their cost
/// does not grow with their number.
struct Keyset {
    /// Stands for a missing date, so that rows without one come last, by an index too.
    static let never = "9223372036854775807"

    /// An SQL expression that is a whole number and never NULL; nil: the id alone gives the order.
    let key: String?
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
            "\(key) \(sign)= ? AND (\(key) \(sign) ? OR \(id) \(sign) ?)", [value, value, cursor.id])
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
            rows: rows, next: hasNext ? rows.last.map { position($0).text } : nil,
            previous: hasPrevious ? rows.first.map { position($0).text } : nil)
    }
}
