extension Evaluator {
    /// Evaluates a node: gives its value, or what to evaluate first, with a frame for the remaining work.
    mutating func evaluate(_ syntax: Syntax, _ scope: Scope?) throws(ExpressionError) -> Step {
        switch syntax {
        case .identity: return .deliver
        case .recurse: return try evaluate(Self.descend, nil)
        case .empty: return .backtrack
        case .literal(let literal): return computed(literal)
        case .global(let name):
            try demandAll(of: name)
            return computed(variables[name] ?? .null)
        case .local(let hops):
            guard case .value(let bound)? = scope?.ancestor(hops).entry else { preconditionFailure("no such variable") }
            return computed(bound)
        case .field(let base, let name, _):
            if case .identity = base { return try access(name: name) }
            if let variable = try demanded(name, of: base) {
                value = variable
                return try access(name: name)
            }
            try push(.field(name))
            return .evaluate(base, scope)
        case .index(let base, let key):
            if case .literal(let key) = key {
                if case .identity = base { return try access(key) }
                if let name = key.stringValue, let variable = try demanded(name, of: base) {
                    value = variable
                    return try access(key)
                }
                try push(.index(key))
                return .evaluate(base, scope)
            }
            try pushOperand(.indexKey(base, scope, value))
            return .evaluate(key, scope)
        case .iterate(let base):
            if case .identity = base { return try iterate() }
            try push(.iterate)
            return .evaluate(base, scope)
        case .pipe(let first, let second):
            try push(.pipe(second, scope))
            return .evaluate(first, scope)
        case .comma(let first, let second):
            try choose(.evaluate(second, scope, value))
            return .evaluate(first, scope)
        case .attempt(let body, let catching):
            handler = Handler(
                .attempt(catching, scope), choices: choices.count, frame: frame, trail: trail, outer: handler)
            try push(.leaveAttempt(handler?.outer))
            return .evaluate(body, scope)
        case .alternative(let first, let second):
            // Only where the left side is nothing else than the member: text that is made with it would be sent without.
            if let demand = limits.demand, let name = first.firstMember(of: demand.variable), !isThere(name, demand) {
                return .evaluate(second, scope)
            }
            let cell = Cell()
            try choose(.fallback(cell, second, scope, value))
            try push(.alternative(cell))
            return .evaluate(first, scope)
        case .first(let body):
            try push(.first(choices: choices.count))
            return .evaluate(body, scope)
        case .label(let body):
            return .evaluate(body, try self.scope(.label(choices: choices.count), scope))
        case .leave(let hops):
            guard case .label(let count)? = scope?.ancestor(hops).entry else { preconditionFailure("no such label") }
            leave(toChoices: count)
            return .backtrack
        case .define(let function, let body): return .evaluate(body, try self.scope(.function(function), scope))
        case .callLocal(let hops, let arguments): return try call(scope?.ancestor(hops), arguments, scope)
        case .callPrelude(let index, let arguments):
            let function = Prelude.functions[index]
            return .evaluate(function.body, try closures(arguments, scope, over: nil))
        case .call(let builtin, let arguments):
            if arguments.isEmpty { return try apply(builtin, []) }
            try pushOperand(.argument(builtin, arguments, arguments.count - 1, [], scope, value))
            return .evaluate(arguments[arguments.count - 1], scope)
        case .reduce(let source, let binding, let start, let update):
            let fold = Fold(
                source: source, binding: binding, update: update, extract: nil, isReduce: true, scope: scope,
                input: value, trail: trail)
            try push(.foldStart(fold))
            return .evaluate(start, scope)
        case .foreach(let source, let binding, let start, let update, let extract):
            let fold = Fold(
                source: source, binding: binding, update: update, extract: extract, isReduce: false, scope: scope,
                input: value, trail: trail)
            try push(.foldStart(fold))
            return .evaluate(start, scope)
        case .bind(let source, let binding, let body):
            try pushOperand(.bind(binding, body, scope, value))
            return .evaluate(source, scope)
        case .path(let body):
            try push(.endPath(trail))
            trail = Trail(root: value)
            return .evaluate(body, scope)
        case .and, .or, .negate, .binary, .array, .object, .interpolation, .format, .condition, .range, .assign,
            .update, .updateBy:
            return try compute(syntax, scope)
        }
    }

    /// `..`: the value and everything inside it.
    private static let descend = Syntax.comma(
        .identity, .pipe(.attempt(.iterate(.identity), handler: nil), .recurse))

    /// Evaluates nodes that compute a value from their operands' values.
    private mutating func compute(_ syntax: Syntax, _ scope: Scope?) throws(ExpressionError) -> Step {
        switch syntax {
        case .and(let left, let right):
            try pushOperand(.and(right, scope, value))
            return .evaluate(left, scope)
        case .or(let left, let right):
            try pushOperand(.or(right, scope, value))
            return .evaluate(left, scope)
        case .negate(let operand):
            try pushOperand(.negate)
            return .evaluate(operand, scope)
        case .binary(let operation, let left, let right):
            // jq runs the right side's outputs outermost.
            if let right = try leaf(right, scope) {
                if let left = try leaf(left, scope) { return try combine(operation, left, right) }
                try pushOperand(.left(operation, right))
                return .evaluate(left, scope)
            }
            try pushOperand(.right(operation, left, scope, value))
            return .evaluate(right, scope)
        case .array(let body):
            guard let body else { return computed(.array([])) }
            let cell = Cell()
            try choose(.array(cell))
            try push(.collect(cell))
            trail = nil
            return .evaluate(body, scope)
        case .object(let members): return try object(members, 0, JSONObject(), scope, value)
        case .interpolation(let parts, let format):
            // The last part's outputs run outermost.
            return try interpolate(parts, parts.count - 1, "", format, scope, value)
        case .format(let format):
            try weigh(value)
            return computed(.string(try format.text(value)))
        case .condition(let test, let then, let otherwise):
            if let tested = try leaf(test, scope) { return branch(tested, then, otherwise, scope) }
            try pushOperand(.condition(then: then, otherwise: otherwise, scope, value))
            return .evaluate(test, scope)
        case .range(let from, let to):
            try pushOperand(.rangeEnd(to, scope, value))
            return .evaluate(from, scope)
        case .assign(let paths, let assigned):
            try pushOperand(.assignedValue(paths, scope, value))
            return .evaluate(assigned, scope)
        case .update(let paths, let update):
            return try modify(paths, scope, value) { .update($0, update, scope) }
        case .updateBy(let operation, let paths, let operand):
            try pushOperand(.updateValue(operation, paths, scope, value))
            return .evaluate(operand, scope)
        default: preconditionFailure("not a computation")
        }
    }

    /// The value of a node that has exactly one and needs no frame, as most operands do; nil for any other node.
    private mutating func leaf(_ syntax: Syntax, _ scope: Scope?) throws(ExpressionError) -> JSON? {
        switch syntax {
        case .identity: return value
        case .literal(let literal): return literal
        case .global(let name):
            try demandAll(of: name)
            return variables[name] ?? .null
        case .local(let hops):
            guard case .value(let bound)? = scope?.ancestor(hops).entry else { return nil }
            return bound
        case .field(let base, let name, _):
            var taken = try demanded(name, of: base)
            if taken == nil { taken = try leaf(base, scope) }
            guard let from = taken else { return nil }
            try spend(1)
            return try from.member(named: name)
        default: return nil
        }
    }

    func branch(_ tested: JSON, _ then: Syntax, _ otherwise: Syntax?, _ scope: Scope?) -> Step {
        if tested.isTruthy { return .evaluate(then, scope) }
        return otherwise.map { .evaluate($0, scope) } ?? .deliver
    }

    mutating func pay(for operation: BinaryOperator, _ left: JSON, _ right: JSON) throws(ExpressionError) {
        switch operation {
        case .add, .divide, .remainder: break
        case .subtract: try weigh(left, right, isSearch: true)
        case .multiply, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            try weigh(left, right, isSearch: false)
        }
    }

    mutating func combine(_ operation: BinaryOperator, _ left: JSON, _ right: JSON) throws(ExpressionError) -> Step {
        try pay(for: operation, left, right)
        let result = try operation.apply(left, right, limits)
        try charge(result)
        return computed(result)
    }

    private func closures(
        _ arguments: [Syntax], _ caller: Scope?, over outer: Scope?
    ) throws(ExpressionError) -> Scope? {
        var scope = outer
        for argument in arguments { scope = try self.scope(.closure(argument, caller), scope) }
        return scope
    }

    private mutating func call(
        _ callee: Scope?, _ arguments: [Syntax], _ caller: Scope?
    ) throws(ExpressionError) -> Step {
        switch callee?.entry {
        case .function(let function)?: return .evaluate(function.body, try closures(arguments, caller, over: callee))
        case .closure(let body, let scope)?: return .evaluate(body, scope)
        case .value?, .label?, nil: preconditionFailure("no such function")
        }
    }
}
