/// Runs a syntax tree, one output at a time.
///
/// The machine has a value, a chain of frames that say what is left to do with it, and a stack of choices to go back to
/// for further values. No part of a program runs on the thread's own stack, so no program can overflow it. `limits`
/// alone counts what a program may use, in the same way on every computer.
///
/// A `try` is a handler that remembers the number of choices: an error goes back to that number. A label and `first` do
/// the same without an error. While paths are wanted, `trail` follows the value as long as it is not computed.
/// Source: the design of generators as backtracking follows jq's own, `src/execute.c`.
struct Evaluator {
    enum Step {
        case evaluate(Syntax, Scope?)
        /// Give the value to the innermost frame.
        case deliver
        /// Go back to the last choice.
        case backtrack
        /// Try the next pattern of `?//`. In a box of its own: it is rare, and every step would be as large.
        indirect case destructure(Destructuring)
    }

    var value: JSON
    /// The path of the value; nil while no paths are wanted.
    var trail: Trail?
    var frame: Frame?
    var handler: Handler?
    var choices: [Choice] = []
    var limits: ExpressionLimits
    let variables: [String: JSON]
    var patterns: PatternCache
    /// How many arrays and objects were made from others: no value can be nested deeper than that plus the inputs'
    /// depth.
    private var nestings = 0
    private var step: Step

    init(
        _ syntax: Syntax, _ input: JSON, variables: [String: JSON], patterns: PatternCache, limits: ExpressionLimits
    ) {
        value = input
        self.variables = variables
        self.patterns = patterns
        self.limits = limits
        step = .evaluate(syntax, nil)
    }

    /// The next output; nil after the last.
    mutating func next() throws(ExpressionError) -> JSON? {
        while true {
            do {
                switch step {
                case .evaluate(let syntax, let scope):
                    try spend(1)
                    step = try evaluate(syntax, scope)
                case .deliver:
                    guard let top = frame else {
                        step = .backtrack
                        return value
                    }
                    frame = top.next
                    if top.isOperand { trail = top.trail }
                    step = try resume(top.action)
                case .backtrack:
                    guard let choice = choices.popLast() else { return nil }
                    frame = choice.frame
                    handler = choice.handler
                    trail = choice.trail
                    try spend(1)
                    step = try take(choice)
                case .destructure(let destructuring): step = try destructure(destructuring)
                }
            } catch {
                step = try handle(error)
            }
        }
    }

    // MARK: Registers

    /// Waits for a value that is not on the current path; the result continues the path from here.
    mutating func pushOperand(_ action: Action) throws(ExpressionError) {
        try pushFrame(action, isOperand: true)
        trail = nil
    }

    /// Waits for a value that lies on the current path.
    mutating func push(_ action: Action) throws(ExpressionError) { try pushFrame(action, isOperand: false) }

    private mutating func pushFrame(_ action: Action, isOperand: Bool) throws(ExpressionError) {
        frame = Frame(action, next: frame, trail: isOperand ? trail : nil, isOperand: isOperand)
        guard frame.map(\.depth) ?? 0 <= limits.depth else { throw .exhausted("nested deeper than \(limits.depth)") }
    }

    func scope(_ entry: Scope.Entry, _ outer: Scope?) throws(ExpressionError) -> Scope {
        let scope = Scope(entry, outer: outer)
        guard scope.depth <= limits.depth else { throw .exhausted("nested deeper than \(limits.depth)") }
        return scope
    }

    mutating func choose(_ resumption: Choice.Resumption) throws(ExpressionError) {
        guard choices.count < limits.depth else { throw .exhausted("more than \(limits.depth) choices were open") }
        choices.append(Choice(resumption: resumption, frame: frame, handler: handler, trail: trail))
    }

    /// Gives a computed value, which does not move the trail.
    mutating func computed(_ result: JSON) -> Step {
        value = result
        return .deliver
    }

    mutating func leave(toChoices count: Int) {
        if choices.count > count { choices.removeLast(choices.count - count) }
    }

    private mutating func handle(_ error: ExpressionError) throws(ExpressionError) -> Step {
        guard case .raised(let raised) = error, let caught = handler else { throw error }
        leave(toChoices: caught.choices)
        frame = caught.frame
        trail = caught.trail
        handler = caught.outer
        switch caught.caught {
        case .attempt(nil, _): return .backtrack
        case .attempt(let body?, let scope):
            value = raised
            return .evaluate(body, scope)
        case .destructuring(let destructuring): return .destructure(destructuring)
        }
    }

    // MARK: Limits

    /// Uses up fuel.
    mutating func spend(_ steps: Int) throws(ExpressionError) {
        // Limited, so that a very large cost does not overflow.
        limits.fuel -= min(steps, limits.fuel + 1)
        guard limits.fuel >= 0 else { throw .exhausted("it took too many steps") }
    }

    /// Pays for the size of a new value, so that doubling a string 60 times ends early.
    mutating func charge(_ value: JSON) throws(ExpressionError) {
        switch value {
        case .string(let text):
            try checkSize(text.utf8.count)
            try spend(text.utf8.count / 32)
        case .array(let elements): try spend(elements.count / 8)
        case .object(let members): try spend(members.count / 8)
        case .null, .bool, .number: break
        }
    }

    /// Refuses a string of too many bytes; best called before the string is made.
    func checkSize(_ bytes: Int) throws(ExpressionError) {
        guard bytes <= limits.stringBytes else {
            throw .exhausted("a string grew beyond \(limits.stringBytes) bytes")
        }
    }

    /// Counts an array or object that was made from others, and measures its depth once there were many.
    /// - Parameter levels: how deep `value` was put into another value, whose own depth is known to be allowed.
    mutating func nest(_ value: JSON, under levels: Int = 0) throws(ExpressionError) {
        nestings += max(1, levels)
        guard nestings > ExpressionLimits.deepest else { return }
        try checkDepth(value, limit: ExpressionLimits.deepest - levels)
    }

    /// Refuses a value that is nested too deep to be stored, compared, or even released within a thread's stack.
    mutating func checkDepth(_ value: JSON, limit: Int) throws(ExpressionError) {
        let (depth, weight) = value.measure(depth: limit, budget: limits.fuel * 16)
        guard depth <= limit else { throw .exhausted("a value is nested deeper than \(limit)") }
        // Rounded up, so that a value heavier than all the fuel is refused.
        try spend((weight + 15) / 16)
    }

    /// Pays for a function or comparison that goes through the whole of a value.
    mutating func weigh(_ value: JSON) throws(ExpressionError) {
        switch value {
        case .array, .object: try spend((value.measure(depth: .max, budget: limits.fuel * 16).weight + 15) / 16)
        case .string(let text): try spend(text.utf8.count / 64)
        case .number(let number): try spend(number.extraWeight)
        case .null, .bool: break
        }
    }

    /// Pays for comparing two values; with `isSearch`, each part of the one is compared with each part of the other.
    mutating func weigh(_ left: JSON, _ right: JSON, isSearch: Bool) throws(ExpressionError) {
        if case (.number(let left), .number(let right)) = (left, right) {
            return try spend(min(left.extraWeight, right.extraWeight))
        }
        guard left.isContainer, right.isContainer else { return }
        let before = limits.fuel
        try weigh(left)
        let leftWeight = before - limits.fuel
        try weigh(right)
        guard isSearch else { return }
        // Each element of the one is compared with each of the other, over the length of the smaller one.
        let rightWeight = before - leftWeight - limits.fuel
        try spend(
            min(
                Self.product(left.elementCount, rightWeight), Self.product(right.elementCount, leftWeight)))
    }

    /// The product, limited to the range of the type.
    static func product(_ left: Int, _ right: Int) -> Int {
        let (product, isOver) = left.multipliedReportingOverflow(by: right)
        return isOver ? .max : product
    }
}
