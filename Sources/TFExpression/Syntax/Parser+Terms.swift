/// Terms: the operands of operators.
extension Parser {
    mutating func postfix() throws(ExpressionSyntaxError) -> Syntax {
        if take("-") {
            try link()
            let operand = try postfix()
            if case .literal(.number(let number)) = operand { return .literal(.number(number.negated)) }
            return .negate(operand)
        }
        if takeWord("try") {
            try link()
            let body = try postfix()
            return .attempt(body, handler: takeWord("catch") ? try postfix() : nil)
        }
        var reference = FieldReference(token: current)
        var syntax = try term(&reference)
        while true {
            if case .field(let name) = current.kind {
                try link()
                reference?.path.append(.init(name: name, offset: current.offset + 1))
                syntax = .field(syntax, name, offset: current.offset)
                index += 1
            } else if current.kind == .symbol("."), tokens[index + 1].kind == .symbol("[") {
                index += 1
            } else if current.kind == .symbol("."), case .string(let parts) = tokens[index + 1].kind {
                try link()
                index += 1
                syntax = try member(parts, of: syntax, &reference)
            } else if take("[") {
                try link()
                syntax = try bracket(after: syntax, reference: &reference)
            } else if take("?") {
                try link()
                syntax = .attempt(syntax, handler: nil)
            } else {
                break
            }
        }
        if let reference, !reference.path.isEmpty { references.append(reference) }
        return syntax
    }

    /// Parses `."name"`, whose string is the current token.
    private mutating func member(
        _ parts: [Token.StringPart], of syntax: Syntax, _ reference: inout FieldReference?
    ) throws(ExpressionSyntaxError) -> Syntax {
        let offset = current.offset
        index += 1
        let key = try string(parts, .text)
        guard case .literal(.string(let name)) = key else {
            close(&reference)
            return .index(syntax, key)
        }
        reference?.path.append(.init(name: name, offset: offset))
        return .field(syntax, name, offset: offset - 1)
    }

    private mutating func bracket(
        after syntax: Syntax, reference: inout FieldReference?
    ) throws(ExpressionSyntaxError) -> Syntax {
        if take("]") {
            close(&reference)
            return .iterate(syntax)
        }
        if take(":") {
            close(&reference)
            let to = try pipe()
            try expect("]")
            return .index(syntax, slice(from: .literal(.null), to: to))
        }
        if case .string(let parts) = current.kind, tokens[index + 1].kind == .symbol("]"), parts.count == 1,
            case .text(let name) = parts[0]
        {
            reference?.path.append(.init(name: name, offset: current.offset + 1))
        } else {
            close(&reference)
        }
        let from = try pipe()
        if take(":") {
            let to = current.kind == .symbol("]") ? .literal(.null) : try pipe()
            try expect("]")
            return .index(syntax, slice(from: from, to: to))
        }
        try expect("]")
        return .index(syntax, from)
    }

    private func slice(from: Syntax, to: Syntax) -> Syntax {
        if case .literal(let from) = from, case .literal(let to) = to {
            return .literal(["start": from, "end": to])
        }
        return .object([.init(key: .literal("start"), value: from), .init(key: .literal("end"), value: to)])
    }

    /// Ends the path at `[…]`: what follows is a member of an element, which forms do not know.
    private mutating func close(_ reference: inout FieldReference?) {
        if let reference, !reference.path.isEmpty { references.append(reference) }
        reference = nil
    }

    private mutating func term(_ reference: inout FieldReference?) throws(ExpressionSyntaxError) -> Syntax {
        let token = current
        switch token.kind {
        case .number(let number):
            index += 1
            return .literal(.number(number))
        case .string(let parts):
            index += 1
            return try string(parts, .text)
        case .field(let name):
            index += 1
            return .field(.identity, name, offset: token.offset)
        case .variable(let name):
            index += 1
            return try variable(name, at: token.offset)
        case .format(let name):
            index += 1
            let format = try format(name, at: token.offset)
            guard case .string(let parts) = current.kind else { return .format(format) }
            index += 1
            return try string(parts, format)
        case .symbol("."):
            index += 1
            guard case .string(let parts) = current.kind else { return .identity }
            return try member(parts, of: .identity, &reference)
        case .symbol(".."):
            index += 1
            return .recurse
        case .symbol("("):
            index += 1
            let inner = try pipe()
            try expect(")")
            return inner
        case .symbol("["):
            index += 1
            if take("]") { return .array(nil) }
            let inner = try pipe()
            try expect("]")
            return .array(inner)
        case .symbol("{"):
            index += 1
            return try object()
        case .word(let word):
            return try named(word)
        case .symbol, .end:
            throw unexpected()
        }
    }

    mutating func string(
        _ parts: [Token.StringPart], _ format: Format
    ) throws(ExpressionSyntaxError) -> Syntax {
        var pieces: [Syntax] = []
        for part in parts {
            switch part {
            case .text(let text): pieces.append(.literal(.string(text)))
            case .tokens(let tokens):
                var inner = Parser(tokens: tokens, names: names)
                inner.depth = depth
                inner.links = links
                inner.newlines = newlines
                inner.patterns = patterns
                inner.mistakes = mistakes
                let piece: Syntax
                do { piece = try inner.program() } catch {
                    mistakes = inner.mistakes
                    throw error
                }
                pieces.append(formatted(piece, format))
                mistakes = inner.mistakes
                links = inner.links
                patterns = inner.patterns
                globals.formUnion(inner.globals)
                numberComparisons += inner.numberComparisons
                references += inner.references
            }
        }
        if pieces.isEmpty { return .literal("") }
        if parts.count == 1, case .text = parts[0] { return pieces[0] }
        return .interpolation(pieces, format)
    }

    /// Formats a constant in an interpolation now.
    private func formatted(_ piece: Syntax, _ format: Format) -> Syntax {
        guard case .literal(let constant) = piece else { return piece }
        // A constant that cannot be formatted fails at run time.
        return (try? format.text(constant)).map { .literal(.string($0)) } ?? .pipe(piece, .format(format))
    }

    private mutating func format(_ name: String, at offset: Int) throws(ExpressionSyntaxError) -> Format {
        if let format = Format(rawValue: name) { return format }
        let known = Format.allCases.map(\.rawValue)
        _ = try note(
            ExpressionSyntaxError(
                reason: "unknown format \"@\(name)\"; there are \(known.map { "@" + $0 }.joined(separator: ", "))",
                offset: offset, suggestion: nearestName(to: name, among: known).map { "@" + $0 }))
        return .text
    }

    mutating func variable(_ name: String, at offset: Int) throws(ExpressionSyntaxError) -> Syntax {
        if name == "__loc__" { return .literal(location(at: offset)) }
        if let hops = names.hops(to: .variable(name)) { return .local(hops) }
        if names.globals.contains(name) {
            globals.insert(name)
            return .global(name)
        }
        if name == "ENV" || name == "__prog_args" {
            return try note(ExpressionSyntaxError(reason: "\"$\(name)\" is not supported", offset: offset))
        }
        let nearest = nearestName(to: name, among: names.variables.sorted())
        return try note(
            ExpressionSyntaxError(
                reason: "unknown variable \"$\(name)\"", offset: offset, suggestion: nearest.map { "$" + $0 }))
    }

    /// `$__loc__`: the line in the expression, which has no file of its own.
    private func location(at offset: Int) -> JSON {
        ["file": "<top-level>", "line": .int(1 + newlines.count { $0 < offset })]
    }

    // MARK: Objects

    private mutating func object() throws(ExpressionSyntaxError) -> Syntax {
        var members: [Syntax.Member] = []
        if take("}") { return .object([]) }
        while true {
            try link()
            members.append(try member())
            if take("}") { return constant(members) ?? .object(members) }
            try expect(",")
            if take("}") { return constant(members) ?? .object(members) }
        }
    }

    /// The constant object, if all its members are constants.
    private func constant(_ members: [Syntax.Member]) -> Syntax? {
        var object = JSONObject()
        for member in members {
            guard case .literal(.string(let name)) = member.key, case .literal(let value) = member.value else {
                return nil
            }
            object[name] = value
        }
        return .literal(.object(object))
    }

    private mutating func member() throws(ExpressionSyntaxError) -> Syntax.Member {
        let token = current
        index += 1
        let key: Syntax
        let short: Syntax?
        switch token.kind {
        case .word(let name):
            key = .literal(.string(name))
            short = .field(.identity, name, offset: token.offset)
        case .variable(let name):
            let variable = try variable(name, at: token.offset)
            guard take(":") else { return .init(key: .literal(.string(name)), value: variable) }
            return .init(key: variable, value: try memberValue())
        case .number(let number):
            throw ExpressionSyntaxError(
                reason: "a member's name must be text: write \"\(number.text)\"", offset: token.offset)
        case .string(let parts):
            key = try string(parts, .text)
            short = .index(.identity, key)
        case .format(let name):
            let format = try format(name, at: token.offset)
            guard case .string(let parts) = current.kind else { throw failure("a string should follow \"@\(name)\"") }
            index += 1
            key = try string(parts, format)
            short = .index(.identity, key)
        case .symbol("("):
            let start = current.offset
            key = try pipe()
            short = nil
            try expect(")")
            if case .literal(let constant) = key, constant.stringValue == nil {
                throw ExpressionSyntaxError(
                    reason: "a member's name must be text, not \(constant.errorText)", offset: start)
            }
        case .field, .symbol, .end:
            throw ExpressionSyntaxError(reason: "a member's name should be here", offset: token.offset)
        }
        if take(":") { return .init(key: key, value: try memberValue()) }
        guard let short else { throw failure("a \":\" should be here") }
        return .init(key: key, value: short)
    }

    /// A member's value is a term or alternatives joined by `|`, but never a comma.
    private mutating func memberValue() throws(ExpressionSyntaxError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        let left = try alternative()
        return take("|") ? .pipe(left, try memberValue()) : left
    }
}
