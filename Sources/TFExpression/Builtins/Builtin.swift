/// A built-in function on values. Functions that take closures are written in `Prelude`.
struct Builtin: Sendable {
    enum Run: Sendable {
        case value(@Sendable (JSON, [JSON]) throws(ExpressionError) -> JSON)
        /// A function that pays for its work itself.
        case metered(@Sendable (inout Evaluator, JSON, [JSON]) throws(ExpressionError) -> JSON)
        /// A function of any number of values, which may need the evaluation's limits and patterns.
        case values(@Sendable (inout Evaluator, JSON, [JSON]) throws(ExpressionError) -> [JSON])
        /// `getpath`, the only function whose result is on a path.
        case path
    }

    let name: String
    let arity: Int
    let run: Run
    /// Whether the function puts arrays or objects into others.
    let nests: Bool
    let cost: Cost

    /// What a function goes through, and so pays for.
    enum Cost: Sendable {
        /// Nothing, or the function pays itself.
        case shallow
        /// Each element, once.
        case elements
        case whole
        /// The elements against one another.
        case sorting
        /// A text, token by token.
        case parsing
        /// Each part of the one for each part of the other.
        case searching

        fileprivate init(of name: String) {
            switch name {
            case "length", "type", "not", "has", "any", "all", "toarray", "getpath", "infinite", "nan", "builtins",
                "have_literal_numbers", "have_decnum", "contains":
                self = .shallow
            case "keys", "keys_unsorted", "reverse", "to_entries": self = .elements
            case "sort", "unique", "min", "max", "_sort_by", "_group_by", "_unique_by", "_min_by", "_max_by":
                self = .sorting
            case "fromjson": self = .parsing
            case "indices", "index", "rindex", "delpaths": self = .searching
            default: self = .whole
            }
        }
    }

    init(_ name: String, _ arity: Int, _ run: Run, nests: Bool = false) {
        self.name = name
        self.arity = arity
        self.run = run
        self.nests = nests
        cost = Cost(of: name)
    }

    init(_ name: String, nests: Bool = false, _ apply: @escaping @Sendable (JSON) throws(ExpressionError) -> JSON) {
        self.init(name, 0, .value { (input, _) throws(ExpressionError) in try apply(input) }, nests: nests)
    }

    init(
        _ name: String, nests: Bool = false,
        _ apply: @escaping @Sendable (JSON, JSON) throws(ExpressionError) -> JSON
    ) {
        self.init(
            name, 1, .value { (input, arguments) throws(ExpressionError) in try apply(input, arguments[0]) },
            nests: nests)
    }

    init(
        _ name: String, nests: Bool = false,
        _ apply: @escaping @Sendable (JSON, JSON, JSON) throws(ExpressionError) -> JSON
    ) {
        self.init(
            name, 2,
            .value { (input, arguments) throws(ExpressionError) in try apply(input, arguments[0], arguments[1]) },
            nests: nests)
    }

    static func named(_ name: String, arity: Int) -> Builtin? { table["\(name)/\(arity)"] }

    /// All functions' names, with the numbers of their arguments; names that start with `_` are not for programs.
    static let arities: [String: Set<Int>] = {
        let own =
            all.map { ($0.name, $0.arity) } + Prelude.sources.map { ($0.name, $0.parameters.count) }
            + Parser.special.map { ($0.name, $0.arity) }
        return own.reduce(into: [:]) { if !$1.0.hasPrefix("_") { $0[$1.0, default: []].insert($1.1) } }
    }()

    private static let table = Dictionary(uniqueKeysWithValues: all.map { ("\($0.name)/\($0.arity)", $0) })

    private static let all: [Builtin] = values + collections + strings + matching + mathematics + dates + paths

    /// The elements of an array; for anything else, an error that says what (`verb`) could not be done.
    static func array(_ input: JSON, _ verb: String) throws(ExpressionError) -> [JSON] {
        guard let elements = input.arrayValue else {
            throw .raised(.string("\(input.errorText) cannot be \(verb), as it is not an array"))
        }
        return elements
    }

    /// The elements of an array, or the values of an object's members.
    static func elements(_ input: JSON) throws(ExpressionError) -> [JSON] {
        switch input {
        case .array(let elements): return elements
        case .object(let members): return Array(members.values)
        case .null, .bool, .number, .string: throw .raised(.string("Cannot iterate over \(input.errorText)"))
        }
    }
}
