/// Turns tokens into syntax by precedence climbing, with jq's precedences, and resolves names on the way: a program
/// that compiles cannot name an unknown function or variable.
struct Parser {
    static let maximumDepth = 64
    /// Operators, members and calls of one expression; each may make the tree one deeper.
    static let maximumLinks = 500
    /// Words of the language that start something this version does not run.
    static let excluded: Set<String> = [
        "def", "foreach", "label", "break", "import", "include", "input", "inputs", "input_filename",
        "input_line_number", "debug", "stderr", "halt", "halt_error", "env", "now", "localtime", "__loc__", "getpath",
        "limit",
    ]
    static let reserved: Set<String> = [
        "and", "or", "not", "if", "then", "elif", "else", "end", "as", "reduce", "try", "catch",
    ]

    let tokens: [Token]
    var index = 0
    var variables: Set<String>
    var depth = 0
    var links = 0
    /// Every `.a.b` and `$name.a.b` read so far, for the checks of definitions against forms.
    var references: [FieldReference] = []
    /// Those that are compared with a number.
    var numberComparisons: [FieldReference] = []

    init(tokens: [Token], variables: Set<String>) {
        self.tokens = tokens
        self.variables = variables
    }

    mutating func program() throws(ExpressionSyntaxError) -> Syntax {
        guard current.kind != .end else { throw failure("an expression should be here") }
        let syntax = try pipe()
        guard current.kind == .end else { throw failure("\(describe(current)) is not expected here") }
        return syntax
    }

    // MARK: Operators, weakest first

    mutating func pipe() throws(ExpressionSyntaxError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        let left = try comma()
        if takeWord("as") {
            guard case .variable(let name) = current.kind else {
                throw failure("a variable like $x should follow \"as\"; destructuring is not supported yet")
            }
            index += 1
            try expect("|")
            let wasKnown = !variables.insert(name).inserted
            let body = try pipe()
            if !wasKnown { variables.remove(name) }
            return .bind(left, name: name, body: body)
        }
        return take("|") ? .pipe(left, try pipe()) : left
    }

    private mutating func comma() throws(ExpressionSyntaxError) -> Syntax {
        var left = try alternative()
        while take(",") {
            try link()
            left = .comma(left, try alternative())
        }
        return left
    }

    mutating func alternative() throws(ExpressionSyntaxError) -> Syntax {
        let left = try or()
        for assignment in ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "?//"]
        where current.kind == .symbol(assignment) {
            throw failure("\"\(assignment)\" is not supported yet")
        }
        guard take("//") else { return left }
        try link()
        return .alternative(left, try alternative())
    }

    private mutating func or() throws(ExpressionSyntaxError) -> Syntax {
        var left = try and()
        while takeWord("or") {
            try link()
            left = .or(left, try and())
        }
        return left
    }

    private mutating func and() throws(ExpressionSyntaxError) -> Syntax {
        var left = try comparison()
        while takeWord("and") {
            try link()
            left = .and(left, try comparison())
        }
        return left
    }

    private mutating func comparison() throws(ExpressionSyntaxError) -> Syntax {
        let left = try sum()
        guard let found = takeOperator(["==", "!=", "<=", ">=", "<", ">"]) else { return left }
        let right = try sum()
        if case .symbol(let next) = current.kind, ["==", "!=", "<=", ">=", "<", ">"].contains(next) {
            throw failure("comparisons do not chain; use parentheses")
        }
        noteNumberComparison(left, right)
        return .binary(found, left, right)
    }

    private mutating func noteNumberComparison(_ left: Syntax, _ right: Syntax) {
        for (side, other) in [(left, right), (right, left)] {
            if case .literal(.number) = other, let path = FieldReference(syntax: side) {
                numberComparisons.append(path)
            }
        }
    }

    private mutating func sum() throws(ExpressionSyntaxError) -> Syntax {
        var left = try product()
        while let found = takeOperator(["+", "-"]) {
            try link()
            left = .binary(found, left, try product())
        }
        return left
    }

    private mutating func product() throws(ExpressionSyntaxError) -> Syntax {
        var left = try postfix()
        while let found = takeOperator(["*", "/", "%"]) {
            try link()
            left = .binary(found, left, try postfix())
        }
        return left
    }

    // MARK: Tokens

    var current: Token { tokens[index] }

    mutating func take(_ symbol: String) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    mutating func link() throws(ExpressionSyntaxError) {
        links += 1
        guard links <= Self.maximumLinks else { throw failure("an expression has at most 500 operators; split it") }
    }

    mutating func takeWord(_ word: String) -> Bool {
        guard current.kind == .word(word) else { return false }
        index += 1
        return true
    }

    mutating func takeOperator(_ symbols: [String]) -> BinaryOperator? {
        guard case .symbol(let symbol) = current.kind, symbols.contains(symbol) else { return nil }
        index += 1
        return BinaryOperator(rawValue: symbol)
    }

    mutating func expect(_ symbol: String) throws(ExpressionSyntaxError) {
        guard take(symbol) else { throw failure("\"\(symbol)\" should be here, not \(describe(current))") }
    }

    mutating func expectWord(_ word: String) throws(ExpressionSyntaxError) {
        guard takeWord(word) else { throw failure("\"\(word)\" should be here, not \(describe(current))") }
    }

    func describe(_ token: Token) -> String {
        switch token.kind {
        case .number(let number): "the number \(number.text)"
        case .string: "a string"
        case .field(let name): "\".\(name)\""
        case .variable(let name): "\"$\(name)\""
        case .format(let name): "\"@\(name)\""
        case .word(let word): "\"\(word)\""
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end of the expression"
        }
    }

    func failure(_ reason: String) -> ExpressionSyntaxError {
        ExpressionSyntaxError(reason: reason, offset: current.offset)
    }
}
