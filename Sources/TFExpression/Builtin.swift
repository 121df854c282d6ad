/// One function of the language: its name, how many arguments it takes, and what it does.
struct Builtin: Sendable {
    typealias Run =
        @Sendable (inout Evaluator, JSON, [Closure], Evaluator.Emit) throws(ExpressionError) -> Void

    let name: String
    let arity: Int
    let run: Run

    /// A function that hands out any number of values.
    init(_ name: String, _ arity: Int, _ run: @escaping Run) {
        self.name = name
        self.arity = arity
        self.run = run
    }

    /// A function from its input to one value.
    init(_ name: String, _ apply: @escaping @Sendable (JSON) throws(ExpressionError) -> JSON) {
        self.init(name, 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            let result = try apply(input)
            try evaluator.charge(result)
            try emit(&evaluator, result)
        }
    }

    /// A function from its input and each value of its argument to one value.
    init(_ name: String, _ apply: @escaping @Sendable (JSON, JSON) throws(ExpressionError) -> JSON) {
        self.init(name, 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (evaluator, argument) throws(ExpressionError) in
                let result = try apply(input, argument)
                try evaluator.charge(result)
                try emit(&evaluator, result)
            }
        }
    }

    static func named(_ name: String, arity: Int) -> Builtin? { table["\(name)/\(arity)"] }

    /// Every function's name with the numbers of arguments that it takes.
    static let arities: [String: Set<Int>] = all.reduce(into: [:]) { $0[$1.name, default: []].insert($1.arity) }

    private static let table = Dictionary(uniqueKeysWithValues: all.map { ("\($0.name)/\($0.arity)", $0) })

    private static let all: [Builtin] = generators + values + strings

    /// The elements of an array; `verb` says what could not be done with anything else.
    static func array(_ input: JSON, _ verb: String) throws(ExpressionError) -> [JSON] {
        guard let elements = input.arrayValue else {
            throw .raised(.string("\(input.errorText) cannot be \(verb), as it is not an array"))
        }
        return elements
    }
}
