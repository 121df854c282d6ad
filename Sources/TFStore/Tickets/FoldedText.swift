import TFExpression

/// What people search stands a second time in folded form (`String.folded`), and is compared there byte by byte: a
/// database's own LOWER and LIKE know no case beyond ASCII, and no composed and decomposed writing.
enum FoldedText {
    /// A ticket's labels in folded form.
    static func labels(_ labels: JSON) -> JSON {
        .strings((labels.arrayValue ?? []).compactMap { $0.stringValue?.folded })
    }
}

extension SQLQuery {
    /// Keeps the rows whose folded column holds a text.
    mutating func add(folded column: String, holds text: String) {
        add("INSTR(\(column), ?) > 0", [text])
    }
}
