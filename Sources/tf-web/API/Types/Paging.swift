import TFDefinition
import TFEngine
import TFStore

/// The part of a list that a request asks for.
struct Paging: Sendable {
    /// The cursor, `next` of the page before; nil for the first page.
    let after: String?
    /// Whether to answer with CSV for a spreadsheet.
    let isTable: Bool
    private let asked: Int?

    /// Maximum number of items.
    var limit: Int { asked ?? (isTable ? CSV.limitRows : 50) }

    init(_ fields: inout FieldReader, canBeTable: Bool = false) {
        if canBeTable {
            let format = fields.optional(
                "format", .choice(["json", "csv"]),
                "csv: a table for a spreadsheet, of up to \(CSV.limitRows) rows by default.")
            isTable = format == "csv"
        } else {
            isTable = false
        }
        after = fields.optional("after", .text(1, 200), "The `next` of the page before.")
        asked = fields.optional(
            "limit", .integer(1...200),
            canBeTable
                ? "How many items; 50 by default, of a table all that it may have." : "How many items; 50 by default."
        )
    }

    /// The cursor of a list that is ordered by id.
    /// - Throws: `Failure.invalid` for a cursor that no page gave.
    func afterID<ID: RowID>() throws -> ID? {
        guard let after else { return nil }
        guard let id = ID(after), id.rawValue >= 0 else { throw Self.refusal(.unknown) }
        return id
    }

    /// The part of a list that is read as a whole, ordered by what names its items.
    func part<Item>(of items: [Item], by name: (Item) -> String) -> (items: [Item], next: String?) {
        let named = items.map { (name: name($0), item: $0) }.sorted { $0.name < $1.name }
        let rest = after.map { after in named.drop { $0.name <= after } } ?? named[...]
        let shown = rest.prefix(limit)
        return (shown.map { $0.item }, shown.count < rest.count ? shown.last?.name : nil)
    }

    static func refusal(_ error: CursorError) -> Failure {
        let message =
            switch error {
            case .unknown: "\"after\" must be the \"next\" of the page before"
            case .ofOtherOrder: "\"after\" is of a list in another order; begin this one without it"
            }
        return .invalid([FieldError(field: "after", message: message)])
    }
}

/// The query of a list without filters.
struct ListPage: RequestFields {
    let paging: Paging

    init(_ fields: inout FieldReader) { paging = Paging(&fields) }
}
