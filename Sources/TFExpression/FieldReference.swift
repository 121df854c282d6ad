/// A path of members that a program reads: `.form.amount` or `$ticket.form.amount`.
package struct FieldReference: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let name: String
        /// Byte offset of the name in the expression's source.
        package let offset: Int
    }

    /// The variable that the path starts at; nil for `.`, the input.
    package let variable: String?
    /// The members from the outermost, never empty.
    package internal(set) var path: [Member]

    /// The start of a path, where `token` starts one.
    init?(token: Token) {
        switch token.kind {
        case .variable(let name):
            variable = name
            path = []
        case .field(let name):
            variable = nil
            path = [Member(name: name, offset: token.offset + 1)]
        case .symbol("."):
            variable = nil
            path = []
        case .number, .string, .format, .word, .symbol, .end:
            return nil
        }
    }
}
