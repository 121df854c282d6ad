/// `as` and its patterns.
extension Parser {
    mutating func bind(_ source: Syntax) throws(ExpressionSyntaxError) -> Syntax {
        try link()
        let count = names.entries.count
        let (binding, _) = try patterns(after: count)
        try expect("|")
        let body = try pipe()
        names.remove(to: count)
        return .bind(source, binding, body: body)
    }

    /// Reads patterns; afterwards the names that they bind are known.
    /// - Returns: the binding, and the names that were known before.
    mutating func patterns(after count: Int) throws(ExpressionSyntaxError) -> (Binding, outer: Names) {
        let outer = names
        var patterns: [BindingPattern] = []
        var all: [String] = []
        repeat {
            names = outer
            var bound: [String] = []
            patterns.append(try pattern(&bound))
            for name in bound where !all.contains(name) { all.append(name) }
        } while take("?//")
        if patterns.count > 1 {
            names = outer
            for name in all { names.add(.variable(name)) }
        }
        return (Binding(patterns: patterns, names: all), outer)
    }

    private mutating func pattern(_ bound: inout [String]) throws(ExpressionSyntaxError) -> BindingPattern {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        try link()
        if case .variable(let name) = current.kind {
            index += 1
            add(name, &bound)
            return .variable(name)
        }
        if take("[") {
            var elements = [try pattern(&bound)]
            while take(",") { elements.append(try pattern(&bound)) }
            try expect("]")
            return .array(elements)
        }
        if take("{") {
            var entries = [try entry(&bound)]
            while take(",") { entries.append(try entry(&bound)) }
            try expect("}")
            return .object(entries)
        }
        throw failure("a variable like $x, or a pattern in [] or {}, should be here")
    }

    private mutating func entry(_ bound: inout [String]) throws(ExpressionSyntaxError) -> BindingPattern.Entry {
        let token = current
        index += 1
        let key: Syntax
        switch token.kind {
        case .variable(let name):
            add(name, &bound)
            let inner = take(":") ? try pattern(&bound) : nil
            return .init(key: .literal(.string(name)), name: name, value: inner)
        case .word(let name): key = .literal(.string(name))
        case .string(let parts): key = try string(parts, .text)
        case .symbol("("):
            let start = current.offset
            key = try pipe()
            try expect(")")
            if case .literal(let constant) = key, constant.stringValue == nil {
                throw ExpressionSyntaxError(
                    reason: "a member's name must be text, not \(constant.errorText)", offset: start)
            }
        default: throw ExpressionSyntaxError(reason: "a member's name should be here", offset: token.offset)
        }
        try expect(":")
        return .init(key: key, name: nil, value: try pattern(&bound))
    }

    private mutating func add(_ name: String, _ bound: inout [String]) {
        names.add(.variable(name))
        bound.append(name)
    }
}
