import TFDefinition
import TFEngine
import TFStore

/// Which page of which view of a company's definitions is listed.
struct DefinitionListQuery: RequestFields {
    /// Whether those out of force are listed, and not the others.
    let isOfRetired: Bool
    private let after: String?
    private let before: String?

    init(_ fields: inout FieldReader) {
        isOfRetired = fields.optional("state", .choice([DefinitionRow.State.retired.rawValue])) != nil
        after = fields.optional("after", .text(1, 100))
        before = fields.optional("before", .text(1, 100))
    }

    /// The definition behind or before which the page begins or ends; nil: the first page.
    var cursor: (id: DefinitionID, isBefore: Bool)? {
        (before ?? after).flatMap { DefinitionID($0) }.map { (id: $0, isBefore: before != nil) }
    }

    /// What is wrong with the cursor.
    /// - Parameter isKnown: whether the list has or had this definition.
    func passedOver(_ isKnown: (DefinitionID) -> Bool) -> [FieldError] {
        FieldError.lostCursor(after, before) { text throws(CursorError) in
            guard let id = DefinitionID(text), isKnown(id) else { throw CursorError.unknown }
        }
    }
}
