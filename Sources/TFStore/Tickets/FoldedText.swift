import TFExpression

/// Columns that people search have a second one in folded case (`String.folded`), which is compared byte by byte: LOWER
/// and LIKE of the databases handle only ASCII, and do not treat composed and decomposed characters as equal.
enum FoldedText {
    /// A ticket's labels in folded case.
    static func labels(_ labels: JSON) -> JSON {
        .strings((labels.arrayValue ?? []).compactMap { $0.stringValue?.folded })
    }
}

extension SQLQuery {
    /// Keeps the rows whose folded column contains a text.
    mutating func add(folded column: String, holds text: String) {
        add(.holds(column, text))
    }
}
