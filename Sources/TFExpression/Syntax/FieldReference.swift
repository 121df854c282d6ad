/// A path of members that a program reads: `.form.amount` or `$ticket.form.amount`.
package struct FieldReference: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let name: String
        /// Byte offset of the name in the expression's source.
        package let offset: Int
    }

    /// The variable at which the path starts; nil for `.`, the input.
    package let variable: String?
    /// The name that stands for an element of a list: `.list[0]`, `.list[]`.
    package static let element = "[]"

    /// The members, outermost first.
    package internal(set) var path: [Member]

    init(variable: String?, path: [Member]) {
        self.variable = variable
        self.path = path
    }

    /// The path of a syntax tree that is only a path; nil for any other.
    init?(syntax: Syntax) {
        var members: [Member] = []
        var rest = syntax
        while case .field(let inner, let name, let offset) = rest {
            members.insert(Member(name: name, offset: offset), at: 0)
            rest = inner
        }
        guard !members.isEmpty else { return nil }
        switch rest {
        case .identity: variable = nil
        case .global(let name): variable = name
        default: return nil
        }
        path = members
    }

    /// The start of a path; nil if `token` does not start one.
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
