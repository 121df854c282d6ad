import TFDefinition
import TFEngine

/// Which part of a list is asked for.
struct Paging: Sendable {
    /// `next` of the page before; nil: the first.
    let after: String?
    /// Whether the list is to be a table for a spreadsheet.
    let isTable: Bool
    private let asked: Int?

    /// How many items.
    var limit: Int { asked ?? (isTable ? CSV.limitRows : 50) }

    init(_ fields: inout FieldReader, canBeTable: Bool = false) {
        if canBeTable {
            let format = fields.optional(
                "format", .choice(["json", "csv"]),
                "csv: a table for a spreadsheet, of up to \(CSV.limitRows) rows where no `limit` is given.")
            isTable = format == "csv"
        } else {
            isTable = false
        }
        after = fields.optional("after", .text(1, 100), "The `next` of the page before.")
        asked = fields.optional("limit", .integer(1...200), "How many items, 50 where nothing is said.")
    }

    /// `next` of the page before, where it is a number.
    /// - Throws: `Failure.invalid` for what no page gave.
    func afterID<ID: RowID>() throws -> ID? {
        guard let after else { return nil }
        guard let id = ID(after), id.rawValue >= 0 else { throw Self.notOurs }
        return id
    }

    static let notOurs = Failure.invalid([
        FieldError(field: "after", message: "\"after\" must be the \"next\" of the page before")
    ])
}

/// The query of a list that has no filters.
struct ListPage: RequestFields {
    let paging: Paging

    init(_ fields: inout FieldReader) { paging = Paging(&fields) }
}
