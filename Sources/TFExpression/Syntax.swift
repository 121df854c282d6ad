/// The syntax tree of a jq program.
indirect enum Syntax: Sendable {
    case identity
    case recurse
    case literal(JSON)
    case variable(String)
    case field(Syntax, String, offset: Int)
    case index(Syntax, Syntax)
    case slice(Syntax, from: Syntax?, to: Syntax?)
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
    case object([(key: Syntax, value: Syntax)])
    case interpolation([Syntax])
    case condition(Syntax, then: Syntax, otherwise: Syntax?)
    case bind(Syntax, name: String, body: Syntax)
    case reduce(Syntax, name: String, start: Syntax, update: Syntax)
    case call(Builtin, [Syntax])
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
