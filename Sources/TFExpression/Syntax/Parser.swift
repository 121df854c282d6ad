/// Turns tokens into syntax by precedence climbing, with jq's precedences, and resolves names on the way: a program
/// that compiles cannot name an unknown function or variable.
struct Parser {
    static let maximumDepth = 64
    /// How many operators, members and calls an expression may have; each may make the tree one level deeper.
    static let maximumLinks = 500
    static let reserved: Set<String> = [
        "and", "or", "if", "then", "elif", "else", "end", "as", "reduce", "foreach", "try", "catch", "def", "label",
        "import", "include", "__loc__",
    ]

    let tokens: [Token]
    var index = 0
    var names: Names
    var depth = 0
    var links = 0
    /// Every `.a.b` and `$name.a.b` read so far, for the checks of definitions against forms.
    var references: [FieldReference] = []
    /// The paths that are compared with a number.
    var numberComparisons: [FieldReference] = []
    /// The caller's variables that the program reads.
    var globals: Set<String> = []
    /// Constant patterns in the program.
    var patterns = PatternCache()
    /// Names that mean nothing here, and patterns that cannot be used. They do not end the reading, so that all of them
    /// are told at once.
    var mistakes: [ExpressionSyntaxError] = []

    /// Byte offsets of the source's line breaks.
    var newlines: [Int] = []

    init(tokens: [Token], variables: Set<String>) { self.init(tokens: tokens, names: Names(globals: variables)) }

    init(tokens: [Token], names: Names) {
        self.tokens = tokens
        self.names = names
    }

    mutating func program() throws(ExpressionSyntaxError) -> Syntax {
        guard current.kind != .end else { throw failure("an expression should be here") }
        let syntax = try pipe()
        guard current.kind == .end else { throw unexpected() }
        return syntax
    }

    // MARK: Operators, weakest first

    mutating func pipe() throws(ExpressionSyntaxError) -> Syntax {
        let left = try comma()
        guard take("|") else { return left }
        try link()
        return .pipe(left, try pipe())
    }

    private mutating func comma() throws(ExpressionSyntaxError) -> Syntax {
        var left = try operand()
        while take(",") {
            try link()
            left = .comma(left, try operand())
        }
        return left
    }

    /// Parses a side of a comma; a definition, a label or an `as` takes everything to its right.
    private mutating func operand() throws(ExpressionSyntaxError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        if current.kind == .word("def") { return try definition() }
        if takeWord("label") { return try label() }
        let left = try alternative()
        return takeWord("as") ? try bind(left) : left
    }

    mutating func alternative() throws(ExpressionSyntaxError) -> Syntax {
        let left = try assignment()
        guard take("//") else { return left }
        try link()
        return .alternative(left, try alternative())
    }

    private mutating func assignment() throws(ExpressionSyntaxError) -> Syntax {
        let left = try or()
        guard case .symbol(let symbol) = current.kind, Self.assignments.contains(symbol) else { return left }
        index += 1
        try link()
        let right = try or()
        if case .symbol(let next) = current.kind, Self.assignments.contains(next) {
            throw failure("assignments do not chain; use parentheses")
        }
        switch symbol {
        case "=": return .assign(left, right)
        case "|=": return .update(left, right)
        default: return .updateBy(BinaryOperator(rawValue: String(symbol.dropLast())), left, right)
        }
    }

    private static let assignments: Set<String> = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]

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
        guard let operation = takeOperator(["==", "!=", "<=", ">=", "<", ">"]) else { return left }
        let right = try sum()
        if case .symbol(let next) = current.kind, ["==", "!=", "<=", ">=", "<", ">"].contains(next) {
            throw failure("comparisons do not chain; use parentheses")
        }
        noteNumberComparison(left, right)
        return .binary(operation, left, right)
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
        while let operation = takeOperator(["+", "-"]) {
            try link()
            left = .binary(operation, left, try product())
        }
        return left
    }

    private mutating func product() throws(ExpressionSyntaxError) -> Syntax {
        var left = try postfix()
        while let operation = takeOperator(["*", "/", "%"]) {
            try link()
            left = .binary(operation, left, try postfix())
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

    /// The error of a token that is not expected here.
    func unexpected() -> ExpressionSyntaxError {
        let before = index > 0 ? tokens[index - 1].kind : .end
        switch (before, current.kind) {
        case (.symbol("|"), .symbol("|")): return failure("\"or\" joins conditions, not \"||\"")
        case (.symbol("=="), .symbol("=")), (.symbol("!="), .symbol("=")):
            return failure("values are compared by == and !=, of two characters")
        case (.symbol("<"), .symbol(">")): return failure("\"!=\" says that values differ, not \"<>\"")
        default: return failure("\(describe(current)) is not expected here")
        }
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

    /// Notes a name that means nothing here, or a pattern that cannot be used.
    /// - Returns: what stands in its place while the rest is read.
    /// - Throws: the mistake, where no more are told.
    mutating func note(_ mistake: ExpressionSyntaxError) throws(ExpressionSyntaxError) -> Syntax {
        guard mistakes.count < ExpressionSyntaxError.limitTold else { throw mistake }
        mistakes.append(mistake)
        return .identity
    }
}
