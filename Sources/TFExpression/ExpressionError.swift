/// An expression that does not compile.
package struct ExpressionSyntaxError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, as a clause: `unknown function "slect"`.
    package let reason: String
    /// Byte offset from 0 into the expression's source.
    package let offset: Int
    /// The known name that was most likely meant, if one is near.
    package let suggestion: String?
    /// The mistakes behind it.
    private let others: [ExpressionSyntaxError]

    package init(reason: String, offset: Int, suggestion: String? = nil) {
        self.reason = reason
        self.offset = offset
        self.suggestion = suggestion
        others = []
    }

    /// How many mistakes of one text are told.
    static let limitTold = 20

    /// Several mistakes of one text.
    /// - Parameter mistakes: at least one.
    init(_ mistakes: [ExpressionSyntaxError]) {
        let sorted = mistakes.flatMap(\.all).sorted { $0.offset < $1.offset }.prefix(Self.limitTold)
        reason = sorted[0].reason
        offset = sorted[0].offset
        suggestion = sorted[0].suggestion
        others = Array(sorted.dropFirst())
    }

    /// All mistakes that were found in the text, in its order.
    package var all: [ExpressionSyntaxError] {
        [ExpressionSyntaxError(reason: reason, offset: offset, suggestion: suggestion)] + others
    }

    /// The same in a longer text.
    func moved(by length: Int) -> ExpressionSyntaxError {
        let moved = all.map { mistake in
            ExpressionSyntaxError(
                reason: mistake.reason, offset: mistake.offset + length, suggestion: mistake.suggestion)
        }
        return ExpressionSyntaxError(moved)
    }

    package var description: String {
        suggestion.map { "\(reason); did you mean \"\($0)\"?" } ?? reason
    }
}

/// An expression that failed while it ran.
package enum ExpressionError: Error, Hashable, CustomStringConvertible {
    /// A type error, or an error that the program raised by `error`. `try` and `?` catch it.
    case raised(JSON)
    /// A limit was reached; the program cannot catch that.
    case exhausted(String)
    /// A member of a variable was to be taken that has to be there (`ExpressionLimits.Demand`) and is not; the program
    /// cannot catch that.
    case missing(member: String)

    package var description: String {
        switch self {
        case .raised(.string(let message)): message
        case .raised(let value): "\(value.text) (not a string)"
        case .exhausted(let cap): "the expression was stopped: \(cap)"
        case .missing(let member): "\"\(member)\" is not set"
        }
    }
}

/// What one evaluation may use before it is stopped with `ExpressionError.exhausted`.
package struct ExpressionLimits: Sendable {
    /// How many levels a value may have during evaluation: recursive functions over values need a thread's stack for
    /// each.
    static let deepest = 1_000

    /// Steps of the evaluator: one for each visited node and each choice that is taken up, and more for large values.
    package var fuel = 200_000
    /// The limit for frames, for scopes, and for open choices.
    package var depth = 8_000
    /// Levels of arrays and objects in an output; a deeper one could not be stored and read again.
    package var valueDepth = 128
    /// Bytes that one produced string may hold.
    package var stringBytes = 1_048_576
    /// Outputs that one evaluation may give.
    package var outputs = 10_000
    /// Seconds that the local time zone is east of UTC at a moment in seconds since 1970, for dates without a zone.
    package var offset: @Sendable (Int64) -> Int = { _ in 0 }
    /// What must be there as soon as it is used.
    package var demand: Demand?

    /// A variable whose members must be there when they are used.
    package struct Demand: Sendable, Hashable {
        package let variable: String
        /// What must be there where the variable is used as a whole.
        package let members: [String]

        package init(variable: String, members: [String]) {
            self.variable = variable
            self.members = members
        }
    }

    package init() {}
}
