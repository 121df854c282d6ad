import TFExpression

/// What is wrong with one answer; `field` is its path in the request: `form.system`.
package struct FieldError: Sendable, Hashable {
    /// As many errors of one request are told; what is wrong beyond them shows when these are mended.
    package static let limit = 20
    /// As many members may stand in one object of a request.
    package static let memberLimit = 1_000
    /// For as many unknown names the nearest known one is looked for, which costs far more than the rest of the check.
    package static let suggestionLimit = 3
    private static let nameLimit = 100

    package let field: String
    package let message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// What is said of a text with U+0000 in it.
    package static func nul(in field: String) -> FieldError {
        let field = field.withoutNUL
        return FieldError(field: field, message: "\"\(field)\" must not hold the character U+0000")
    }

    /// What is said where the fuel of a form that is sent has run out.
    /// - Parameters:
    ///   - field: where it did.
    ///   - what: what was to be computed, as the subject of a sentence, in the plural.
    package static func tooExpensive(_ field: String, _ what: String) -> FieldError {
        FieldError(
            field: field,
            message: "The form cannot be taken: \(what) together take too long. Its definition must be made simpler")
    }

    /// What is said of names that nothing has: the first few, shortened, some with the known name that was meant.
    /// - Parameter error: takes a name, and `; did you mean "…"?` or nothing.
    package static func unknown(
        _ names: some Sequence<String>, among known: [String], _ error: (_ name: String, _ hint: String) -> FieldError
    ) -> [FieldError] {
        names.prefix(limit).enumerated().map { index, name in
            let nearest = index < suggestionLimit ? nearestName(to: name, among: known) : nil
            return error(name.prefix(scalars: nameLimit), nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        }
    }
}
