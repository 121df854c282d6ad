/// A variable binding and those around it.
final class Scope: Sendable {
    let name: String
    let value: JSON
    let outer: Scope?

    init(name: String, value: JSON, outer: Scope?) {
        self.name = name
        self.value = value
        self.outer = outer
    }

    func value(of name: String) -> JSON {
        var scope: Scope? = self
        while let current = scope {
            if current.name == name { return current.value }
            scope = current.outer
        }
        return .null
    }
}

/// Runs a syntax tree: every output is handed to `emit`, so that generators need no lists.
///
/// The functions that hand closures to each other in a circle are `dynamic`: called through a pointer, the optimizer
/// cannot specialize them for one another's closures, which it otherwise does without end (24 GB in a release build).
struct Evaluator {
    typealias Emit = (inout Evaluator, JSON) throws(ExpressionError) -> Void

    private var limits: ExpressionLimits
    private var depth = 0

    init(limits: ExpressionLimits) { self.limits = limits }

    dynamic mutating func evaluate(
        _ syntax: Syntax, _ input: JSON, _ scope: Scope?, _ emit: Emit
    ) throws(ExpressionError) {
        try spend(1)
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else { throw .exhausted("nested deeper than \(limits.depth)") }
        switch syntax {
        case .identity: try emit(&self, input)
        case .recurse: try recurse(input, emit)
        case .literal(let value): try emit(&self, value)
        case .variable(let name): try emit(&self, scope?.value(of: name) ?? .null)
        case .field(let base, let name, _):
            try evaluate(base, input, scope) { (evaluator, value) throws(ExpressionError) in
                try emit(&evaluator, try value.member(.string(name)))
            }
        case .index(let base, let key):
            try evaluate(base, input, scope) { (evaluator, value) throws(ExpressionError) in
                try evaluator.evaluate(key, input, scope) { (evaluator, key) throws(ExpressionError) in
                    try emit(&evaluator, try value.member(key))
                }
            }
        case .slice(let base, let from, let to):
            try evaluate(base, input, scope) { (evaluator, value) throws(ExpressionError) in
                let start = try from.map { (syntax) throws(ExpressionError) in
                    try evaluator.single(syntax, input, scope)
                }
                let end = try to.map { (syntax) throws(ExpressionError) in try evaluator.single(syntax, input, scope) }
                try emit(&evaluator, try value.slice(from: start ?? .null, to: end ?? .null))
            }
        case .iterate(let base):
            try evaluate(base, input, scope) { (evaluator, value) throws(ExpressionError) in
                for element in try value.elements() { try emit(&evaluator, element) }
            }
        case .attempt(let body, let handler): try attempt(body, handler, input, scope, emit)
        case .pipe(let first, let second):
            try evaluate(first, input, scope) { (evaluator, value) throws(ExpressionError) in
                try evaluator.evaluate(second, value, scope, emit)
            }
        case .comma(let first, let second):
            try evaluate(first, input, scope, emit)
            try evaluate(second, input, scope, emit)
        case .alternative(let first, let second): try alternative(first, second, input, scope, emit)
        case .and(let left, let right):
            try evaluate(left, input, scope) { (evaluator, left) throws(ExpressionError) in
                guard left.isTruthy else { return try emit(&evaluator, false) }
                try evaluator.evaluate(right, input, scope) { (evaluator, right) throws(ExpressionError) in
                    try emit(&evaluator, .bool(right.isTruthy))
                }
            }
        case .or(let left, let right):
            try evaluate(left, input, scope) { (evaluator, left) throws(ExpressionError) in
                guard !left.isTruthy else { return try emit(&evaluator, true) }
                try evaluator.evaluate(right, input, scope) { (evaluator, right) throws(ExpressionError) in
                    try emit(&evaluator, .bool(right.isTruthy))
                }
            }
        case .negate(let operand):
            try evaluate(operand, input, scope) { (evaluator, value) throws(ExpressionError) in
                guard let number = value.doubleValue else {
                    throw .raised(.string("\(value.errorText) cannot be negated"))
                }
                try emit(&evaluator, .double(-number))
            }
        case .binary(let binary, let left, let right):
            // jq runs the right side's outputs outermost.
            try evaluate(right, input, scope) { (evaluator, right) throws(ExpressionError) in
                try evaluator.evaluate(left, input, scope) { (evaluator, left) throws(ExpressionError) in
                    let result = try binary.apply(left, right)
                    try evaluator.charge(result)
                    try emit(&evaluator, result)
                }
            }
        case .array(let body):
            var elements: [JSON] = []
            if let body { elements = try collect(body, input, scope) }
            try emit(&self, .array(elements))
        case .object(let members): try object(members[...], JSONObject(), input, scope, emit)
        case .interpolation(let parts): try interpolate(parts[...], "", input, scope, emit)
        case .condition(let test, let then, let otherwise):
            try evaluate(test, input, scope) { (evaluator, value) throws(ExpressionError) in
                if value.isTruthy {
                    try evaluator.evaluate(then, input, scope, emit)
                } else if let otherwise {
                    try evaluator.evaluate(otherwise, input, scope, emit)
                } else {
                    try emit(&evaluator, input)
                }
            }
        case .bind(let source, let name, let body):
            try evaluate(source, input, scope) { (evaluator, value) throws(ExpressionError) in
                try evaluator.evaluate(body, input, Scope(name: name, value: value, outer: scope), emit)
            }
        case .reduce(let source, let name, let start, let update):
            var state = try single(start, input, scope)
            var rounds = 0
            try evaluate(source, input, scope) { (evaluator, value) throws(ExpressionError) in
                let inner = Scope(name: name, value: value, outer: scope)
                state = try evaluator.collect(update, state, inner).last ?? .null
                // Only a loop can nest a value without end; every sixteenth round is soon enough to see it.
                rounds += 1
                if rounds.isMultiple(of: 16) { try evaluator.checkDepth(state) }
            }
            try emit(&self, state)
        case .call(let builtin, let arguments):
            try builtin.run(&self, input, arguments.map { Closure(syntax: $0, scope: scope) }, emit)
        }
    }

    /// All outputs, as a list.
    mutating func collect(_ syntax: Syntax, _ input: JSON, _ scope: Scope?) throws(ExpressionError) -> [JSON] {
        var values: [JSON] = []
        try evaluate(syntax, input, scope) { (_, value) throws(ExpressionError) in values.append(value) }
        return values
    }

    /// The first output, null where there is none.
    mutating func single(_ syntax: Syntax, _ input: JSON, _ scope: Scope?) throws(ExpressionError) -> JSON {
        try collect(syntax, input, scope).first ?? .null
    }

    /// Uses up fuel.
    mutating func spend(_ steps: Int) throws(ExpressionError) {
        limits.fuel -= steps
        guard limits.fuel >= 0 else { throw .exhausted("it took too many steps") }
    }

    /// Pays for the size of a value that was just made, so that doubling a string 60 times ends early.
    mutating func charge(_ value: JSON) throws(ExpressionError) {
        switch value {
        case .string(let text):
            guard text.utf8.count <= limits.stringBytes else {
                throw .exhausted("a string grew beyond \(limits.stringBytes) bytes")
            }
            try spend(text.utf8.count / 64)
        case .array(let elements): try spend(elements.count / 64)
        case .object(let members): try spend(members.count / 64)
        case .null, .bool, .number: break
        }
    }

    /// Refuses a value that is nested too deep to be stored, compared or even released on a thread's stack.
    mutating func checkDepth(_ value: JSON) throws(ExpressionError) {
        let (depth, visited) = value.depth(limit: limits.valueDepth)
        try spend(visited / 16)
        guard depth <= limits.valueDepth else {
            throw .exhausted("a value is nested deeper than \(limits.valueDepth)")
        }
    }

    // MARK: The longer cases

    private dynamic mutating func recurse(_ value: JSON, _ emit: Emit) throws(ExpressionError) {
        try spend(1)
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else { throw .exhausted("nested deeper than \(limits.depth)") }
        try emit(&self, value)
        switch value {
        case .array(let elements): for element in elements { try recurse(element, emit) }
        case .object(let members): for element in members.values { try recurse(element, emit) }
        case .null, .bool, .number, .string: break
        }
    }

    /// Errors of `body` are caught; errors of what consumes its outputs are not, so outputs are collected first.
    private dynamic mutating func attempt(
        _ body: Syntax, _ handler: Syntax?, _ input: JSON, _ scope: Scope?, _ emit: Emit
    ) throws(ExpressionError) {
        var values: [JSON] = []
        var caught: JSON?
        do {
            try evaluate(body, input, scope) { (_, value) throws(ExpressionError) in values.append(value) }
        } catch ExpressionError.raised(let value) {
            caught = value
        }
        for value in values { try emit(&self, value) }
        if let caught, let handler { try evaluate(handler, caught, scope, emit) }
    }

    private dynamic mutating func alternative(
        _ first: Syntax, _ second: Syntax, _ input: JSON, _ scope: Scope?, _ emit: Emit
    ) throws(ExpressionError) {
        var values: [JSON] = []
        do {
            try evaluate(first, input, scope) { (_, value) throws(ExpressionError) in
                if value.isTruthy { values.append(value) }
            }
        } catch ExpressionError.raised {
            // `//` takes an error of its left side for an empty one.
        }
        guard !values.isEmpty else { return try evaluate(second, input, scope, emit) }
        for value in values { try emit(&self, value) }
    }

    private dynamic mutating func object(
        _ members: ArraySlice<(key: Syntax, value: Syntax)>, _ built: JSONObject, _ input: JSON, _ scope: Scope?,
        _ emit: Emit
    ) throws(ExpressionError) {
        guard let member = members.first else { return try emit(&self, .object(built)) }
        try evaluate(member.key, input, scope) { (evaluator, key) throws(ExpressionError) in
            guard let name = key.stringValue else {
                throw .raised(.string("Object keys must be strings"))
            }
            try evaluator.evaluate(member.value, input, scope) { (evaluator, value) throws(ExpressionError) in
                var longer = built
                longer[name] = value
                try evaluator.object(members.dropFirst(), longer, input, scope, emit)
            }
        }
    }

    private dynamic mutating func interpolate(
        _ parts: ArraySlice<Syntax>, _ built: String, _ input: JSON, _ scope: Scope?, _ emit: Emit
    ) throws(ExpressionError) {
        guard let part = parts.first else { return try emit(&self, .string(built)) }
        try evaluate(part, input, scope) { (evaluator, value) throws(ExpressionError) in
            let longer = built + (value.stringValue ?? value.text)
            try evaluator.charge(.string(longer))
            try evaluator.interpolate(parts.dropFirst(), longer, input, scope, emit)
        }
    }
}

/// An argument of a function: syntax with the variables around it, evaluated as often as the function likes.
struct Closure: Sendable {
    let syntax: Syntax
    let scope: Scope?

    func callAsFunction(
        _ evaluator: inout Evaluator, _ input: JSON, _ emit: Evaluator.Emit
    ) throws(ExpressionError) {
        try evaluator.evaluate(syntax, input, scope, emit)
    }

    func values(_ evaluator: inout Evaluator, _ input: JSON) throws(ExpressionError) -> [JSON] {
        try evaluator.collect(syntax, input, scope)
    }
}
