/// The matching of the patterns of `as`, from left to right; a computed key may give several values.
struct Destructuring {
    let binding: Binding
    /// Which of the alternatives of `?//` is being matched.
    var alternative = 0
    let source: JSON
    let then: Continuation
    /// The scope of the names that are bound so far.
    var scope: Scope?
    let outer: Scope?
    /// The `.` of the body, and its path.
    let input: JSON
    /// Patterns that are still to be matched, the next one last.
    var waiting: [(pattern: BindingPattern, value: JSON)] = []
    var bindings: [String: JSON] = [:]
    /// The object whose key is being computed, and the entry of the pattern.
    var pending: (entry: BindingPattern.Entry, value: JSON)?

    enum Continuation {
        case body(Syntax)
        case round(Fold, Cell)
    }
}

extension Evaluator {
    mutating func bind(
        _ binding: Binding, _ source: JSON, _ body: Syntax, _ scope: Scope?, _ input: JSON
    ) throws(ExpressionError) -> Step {
        if binding.patterns.count == 1, case .variable = binding.patterns[0] {
            value = input
            return .evaluate(body, try self.scope(.value(source), scope))
        }
        return try destructure(
            Destructuring(binding: binding, source: source, then: .body(body), scope: scope, outer: scope, input: input)
        )
    }

    /// Starts matching an alternative; if it or the body fails, the next alternative is tried.
    mutating func destructure(_ start: Destructuring) throws(ExpressionError) -> Step {
        var state = start
        state.scope = state.outer
        state.bindings = [:]
        state.waiting = [(state.binding.patterns[state.alternative], state.source)]
        if state.alternative + 1 < state.binding.patterns.count {
            var next = state
            next.alternative += 1
            handler = Handler(
                .destructuring(next), choices: choices.count, frame: frame, trail: trail, outer: handler)
            try push(.leaveAttempt(handler?.outer))
        }
        return try match(state)
    }

    /// Goes on after a key has been computed.
    mutating func destructured(_ waiting: Destructuring) throws(ExpressionError) -> Step {
        var state = waiting
        guard let (entry, object) = state.pending else { preconditionFailure("a key is computed for an entry") }
        state.pending = nil
        try member(entry, value, of: object, &state)
        return try match(state)
    }

    private mutating func match(_ start: Destructuring) throws(ExpressionError) -> Step {
        var state = start
        while let (pattern, matched) = state.waiting.popLast() {
            try spend(1)
            switch pattern {
            case .variable(let name): try bind(name, matched, &state)
            case .array(let patterns):
                guard matched == .null || matched.arrayValue != nil else {
                    throw .raised(.string("Cannot index \(matched.typeName) with number (0)"))
                }
                for (index, inner) in patterns.enumerated().reversed() {
                    state.waiting.append((inner, try matched.member(.int(index))))
                }
            case .object(let entries):
                guard let entry = entries.first else { continue }
                if entries.count > 1 { state.waiting.append((.object(Array(entries.dropFirst())), matched)) }
                guard case .literal(let key) = entry.key else {
                    state.pending = (entry, matched)
                    return try operand(.destructure(state), entry.key, state.scope, state.input)
                }
                try member(entry, key, of: matched, &state)
            }
        }
        return try bound(state)
    }

    private func member(
        _ entry: BindingPattern.Entry, _ key: JSON, of object: JSON, _ state: inout Destructuring
    ) throws(ExpressionError) {
        guard key.stringValue != nil else { throw .raised(.string("Cannot use \(key.errorText) as object key")) }
        let member = try object.member(key)
        if let name = entry.name { try bind(name, member, &state) }
        if let pattern = entry.value { state.waiting.append((pattern, member)) }
    }

    private func bind(_ name: String, _ value: JSON, _ state: inout Destructuring) throws(ExpressionError) {
        state.scope = try scope(.value(value), state.scope)
        state.bindings[name] = value
    }

    private mutating func bound(_ state: Destructuring) throws(ExpressionError) -> Step {
        var scope = state.scope
        if state.binding.patterns.count > 1 {
            scope = state.outer
            for name in state.binding.names { scope = try self.scope(.value(state.bindings[name] ?? .null), scope) }
        }
        switch state.then {
        case .body(let body):
            value = state.input
            return .evaluate(body, scope)
        case .round(let fold, let cell): return try update(fold, cell, scope)
        }
    }

    // MARK: reduce and foreach

    /// Begins a fold when its start value is computed.
    mutating func begin(_ fold: Fold) throws(ExpressionError) -> Step {
        let cell = Cell(value, trail: trail)
        if fold.isReduce { try choose(.result(cell)) }
        try push(.fold(fold, cell))
        // A state that is on the path has a path of its own. Any other, such as a count, leaves the path to the source.
        let ownsTrail = trail.map { $0.leads(to: value) } ?? true
        trail = ownsTrail ? nil : fold.trail
        value = fold.input
        return .evaluate(fold.source, fold.scope)
    }

    /// Runs the body of a fold for a value of the source.
    mutating func round(_ fold: Fold, _ cell: Cell) throws(ExpressionError) -> Step {
        if fold.binding.patterns.count == 1, case .variable = fold.binding.patterns[0] {
            return try update(fold, cell, try scope(.value(value), fold.scope))
        }
        return try destructure(
            Destructuring(
                binding: fold.binding, source: value, then: .round(fold, cell), scope: fold.scope, outer: fold.scope,
                input: fold.input))
    }

    private mutating func update(_ fold: Fold, _ cell: Cell, _ scope: Scope?) throws(ExpressionError) -> Step {
        if trail == nil { trail = cell.trail }
        value = cell.take()
        try push(.folded(fold, cell, scope))
        return .evaluate(fold.update, scope)
    }
}
