import TFExpression

/// What is wrong with one answer; `field` is its path in the request: `form.system`.
package struct FieldError: Sendable, Hashable {
    /// How many errors of one request are reported; further ones show when these are mended.
    package static let limit = 20
    /// How many members one object of a request may have.
    package static let memberLimit = 1_000
    /// For how many unknown names a suggestion is looked for, which costs far more than the rest of the check.
    package static let suggestionLimit = 3
    private static let nameLimit = 100

    package let field: String
    package let message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// A field's label as the subject of a sentence: one that is a question or a whole sentence cannot be that of another.
    package static func subject(_ label: String) -> String {
        label.last.map(".?!:…".contains) == true ? "“\(label)”" : label
    }

    /// The error of a text with U+0000 in it.
    package static func nul(in field: String) -> FieldError {
        let field = field.withoutNUL
        return FieldError(field: field, message: "\"\(field)\" must not hold the character U+0000")
    }

    /// The error of a submission whose fuel has run out.
    /// - Parameters:
    ///   - field: the field at which it ran out.
    ///   - what: what was being computed, as the subject of a sentence, in the plural.
    package static func tooExpensive(_ field: String, _ what: String) -> FieldError {
        FieldError(
            field: field,
            message: "The form cannot be taken: \(what) together take too long. Its definition must be made simpler")
    }

    /// The errors of unknown names: the first few, shortened, some with the known name that was meant.
    /// - Parameter error: makes an error from a name, and `; did you mean "…"?` or an empty text.
    package static func unknown(
        _ names: some Sequence<String>, among known: [String], _ error: (_ name: String, _ hint: String) -> FieldError
    ) -> [FieldError] {
        names.prefix(limit).enumerated().map { index, name in
            let nearest = index < suggestionLimit ? nearestName(to: name, among: known) : nil
            return error(name.prefix(scalars: nameLimit), nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        }
    }
}
