/// A compiled jq expression.
///
/// Compiled once per definition revision and evaluated often. It holds no state: any number of evaluations may run at
/// once. The language is jq 1.8's manual without modules, input and output, environment and clock; regular expressions
/// are RE2's.
package struct Expression: Sendable {
    package static let maximumBytes = 16_384

    /// The text from which it was compiled.
    package let source: String
    /// All paths of members that the expression reads, in source order.
    package let references: [FieldReference]
    /// The paths that it compares with a number.
    package let numberComparisons: [FieldReference]
    /// The caller's variables that the expression reads.
    package let globals: Set<String>
    let syntax: Syntax
    private let variables: Set<String>
    private let patterns: PatternCache

    /// Compiles `source`.
    /// - Parameter variables: the names, without `$`, that an evaluation will bind.
    /// - Throws: `ExpressionSyntaxError` with all unknown names, unknown formats and patterns that cannot be used, else
    ///   with the mistake at which the reading ended.
    package init(_ source: String, variables: Set<String> = []) throws(ExpressionSyntaxError) {
        guard source.utf8.count <= Self.maximumBytes else {
            throw ExpressionSyntaxError(reason: "an expression has at most \(Self.maximumBytes >> 10) KB", offset: 0)
        }
        var lexer = Lexer(source)
        var parser = Parser(tokens: try lexer.tokens(), variables: variables)
        parser.newlines = source.utf8.enumerated().filter { $0.element == 0x0A }.map(\.offset)
        let syntax: Syntax
        do { syntax = try parser.program() } catch {
            // What follows another mistake may only seem to be wrong.
            throw parser.mistakes.isEmpty ? error : ExpressionSyntaxError(parser.mistakes)
        }
        guard parser.mistakes.isEmpty else { throw ExpressionSyntaxError(parser.mistakes) }
        self.syntax = syntax
        self.patterns = parser.patterns
        self.globals = parser.globals
        self.references = parser.references
        self.numberComparisons = parser.numberComparisons
        self.source = source
        self.variables = variables
    }

    /// Passes on each output for `input` as soon as it is there, in order, also those before an error.
    /// - Throws: `ExpressionError`, and no other error.
    package func forEachOutput(
        _ input: JSON, variables: [String: JSON] = [:], limits: ExpressionLimits = .init(), _ body: (JSON) -> Void
    ) throws(ExpressionError) {
        var evaluator = Evaluator(syntax, input, variables: variables, patterns: patterns, limits: limits)
        var count = 0
        while let value = try evaluator.next() {
            count += 1
            guard count <= limits.outputs else { throw .exhausted("it gave more than \(limits.outputs) values") }
            try evaluator.checkDepth(value, limit: limits.valueDepth)
            body(value)
        }
    }

    /// The value of an expression in a definition: the first output, or null if there is none.
    package func value(
        _ input: JSON, variables: [String: JSON] = [:], limits: ExpressionLimits = .init()
    ) throws(ExpressionError) -> JSON {
        var fuel = limits.fuel
        return try value(input, variables: variables, limits: limits, fuel: &fuel)
    }

    /// The same as `value(_:variables:limits:)`, on fuel that several expressions share.
    /// - Parameter fuel: the available fuel, in place of the limits' own, reduced by what is used; below zero if it ran
    ///   out.
    package func value(
        _ input: JSON, variables: [String: JSON] = [:], limits: ExpressionLimits = .init(), fuel: inout Int
    ) throws(ExpressionError) -> JSON {
        var limits = limits
        limits.fuel = fuel
        var evaluator = Evaluator(syntax, input, variables: variables, patterns: patterns, limits: limits)
        defer { fuel = evaluator.limits.fuel }
        guard let value = try evaluator.next() else { return .null }
        try evaluator.checkDepth(value, limit: limits.valueDepth)
        return value
    }
}

extension Expression: Hashable {
    package static func == (left: Expression, right: Expression) -> Bool { left.source.isExactly(right.source) }

    package func hash(into hasher: inout Hasher) { hasher.combine(ExactString(source)) }
}

/// A compiled expression is stored as its source and the names of its variables, and compiled again when it is read.
struct CompiledSource: Codable {
    let source: String
    let variables: Set<String>
    /// Literal text of a template; nil if `${ }` is computed.
    var isLiteral: Bool?
}

extension Expression: Codable {
    package init(from decoder: any Decoder) throws {
        let stored = try CompiledSource(from: decoder)
        try self.init(stored.source, variables: stored.variables)
    }

    package func encode(to encoder: any Encoder) throws {
        try CompiledSource(source: source, variables: variables).encode(to: encoder)
    }
}
