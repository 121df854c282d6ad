/// The syntax tree of a jq program, with every name resolved.
///
/// A local name is the number of scopes between its use and its definition, so that nothing is looked up by text at run
/// time.
indirect enum Syntax: Sendable {
    case identity
    /// `..`
    case recurse
    case empty
    case literal(JSON)
    /// A variable that the caller of the program binds.
    case global(String)
    case local(Int)
    case field(Syntax, String, offset: Int)
    /// `.[key]`; a slice is a key of the form `{start, end}`.
    case index(Syntax, Syntax)
    case iterate(Syntax)
    case attempt(Syntax, handler: Syntax?)
    case pipe(Syntax, Syntax)
    case comma(Syntax, Syntax)
    case alternative(Syntax, Syntax)
    case and(Syntax, Syntax)
    case or(Syntax, Syntax)
    case negate(Syntax)
    case binary(BinaryOperator, Syntax, Syntax)
    case array(Syntax?)
    case object([Member])
    case interpolation([Syntax], Format)
    case format(Format)
    case condition(Syntax, then: Syntax, otherwise: Syntax?)
    case bind(Syntax, Binding, body: Syntax)
    case reduce(Syntax, Binding, start: Syntax, update: Syntax)
    case foreach(Syntax, Binding, start: Syntax, update: Syntax, extract: Syntax?)
    case define(Function, body: Syntax)
    /// A call of a function or closure of the program, by its scope.
    case callLocal(Int, [Syntax])
    case callPrelude(Int, [Syntax])
    case call(Builtin, [Syntax])
    case label(Syntax)
    case leave(Int)
    case first(Syntax)
    case range(Syntax, Syntax)
    case path(Syntax)
    /// `paths = value`
    case assign(Syntax, Syntax)
    /// `paths |= update`
    case update(Syntax, Syntax)
    /// `paths op= value`; nil stands for `//=`.
    case updateBy(BinaryOperator?, Syntax, Syntax)

    struct Member: Sendable {
        let key: Syntax
        let value: Syntax
    }
}

/// A function of a program; its parameters are closures.
final class Function: Sendable {
    let body: Syntax

    init(body: Syntax) { self.body = body }
}

/// The patterns between `as` and `|`, of which the first that fits binds.
struct Binding: Sendable {
    let patterns: [BindingPattern]
    /// With several patterns, all names that they bind, in the order of the body's scopes. A name that the fitting
    /// pattern does not bind is null.
    let names: [String]
}

/// `$x`, `[$a, $b]` or `{a: $x, $b}`.
indirect enum BindingPattern: Sendable {
    case variable(String)
    case array([BindingPattern])
    case object([Entry])

    struct Entry: Sendable {
        let key: Syntax
        /// The name in `{$name: …}`, which binds the whole member too.
        let name: String?
        let value: BindingPattern?
    }
}

enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}
