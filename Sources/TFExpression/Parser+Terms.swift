/// Terms: what stands between operators.
extension Parser {
    mutating func postfix() throws(ExpressionSyntaxError) -> Syntax {
        if take("-") {
            try link()
            return .negate(try postfix())
        }
        if takeWord("try") {
            try link()
            let body = try postfix()
            return .attempt(body, handler: takeWord("catch") ? try postfix() : nil)
        }
        var reference = FieldReference(token: current)
        var syntax = try term()
        while true {
            if case .field(let name) = current.kind {
                try link()
                reference?.path.append(.init(name: name, offset: current.offset + 1))
                syntax = .field(syntax, name, offset: current.offset)
                index += 1
            } else if current.kind == .symbol("."), tokens[index + 1].kind == .symbol("[") {
                index += 1
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
            return .slice(syntax, from: nil, to: to)
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
            let to = current.kind == .symbol("]") ? nil : try pipe()
            try expect("]")
            return .slice(syntax, from: from, to: to)
        }
        try expect("]")
        return .index(syntax, from)
    }

    /// What follows `[…]` is a member of an element, so the path that a form could know ends here.
    private mutating func close(_ reference: inout FieldReference?) {
        if let reference, !reference.path.isEmpty { references.append(reference) }
        reference = nil
    }

    private mutating func term() throws(ExpressionSyntaxError) -> Syntax {
        let token = current
        switch token.kind {
        case .number(let number):
            index += 1
            return .literal(.number(number))
        case .string(let parts):
            index += 1
            return try string(parts)
        case .field(let name):
            index += 1
            return .field(.identity, name, offset: token.offset)
        case .variable(let name):
            try check(variable: name, at: token.offset)
            index += 1
            return .variable(name)
        case .format(let name):
            throw failure("\"@\(name)\" is not supported yet")
        case .symbol("."):
            index += 1
            return .identity
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
            throw failure("\(describe(token)) is not expected here")
        }
    }

    private mutating func string(_ parts: [Token.StringPart]) throws(ExpressionSyntaxError) -> Syntax {
        var pieces: [Syntax] = []
        for part in parts {
            switch part {
            case .text(let text): pieces.append(.literal(.string(text)))
            case .tokens(let tokens):
                var inner = Parser(tokens: tokens, variables: variables)
                inner.depth = depth
                inner.links = links
                pieces.append(try inner.program())
                links = inner.links
                numberComparisons += inner.numberComparisons
                references += inner.references
            }
        }
        if pieces.isEmpty { return .literal("") }
        if pieces.count == 1, case .literal = pieces[0] { return pieces[0] }
        return .interpolation(pieces)
    }

    private mutating func object() throws(ExpressionSyntaxError) -> Syntax {
        var members: [(key: Syntax, value: Syntax)] = []
        if take("}") { return .object([]) }
        while true {
            try link()
            members.append(try member())
            if take("}") { return .object(members) }
            try expect(",")
            if take("}") { return .object(members) }
        }
    }

    private mutating func member() throws(ExpressionSyntaxError) -> (key: Syntax, value: Syntax) {
        let token = current
        index += 1
        let key: Syntax
        let short: Syntax?
        switch token.kind {
        case .word(let name):
            key = .literal(.string(name))
            short = .field(.identity, name, offset: token.offset)
        case .variable(let name):
            try check(variable: name, at: token.offset)
            return (.literal(.string(name)), .variable(name))
        case .number(let number):
            key = .literal(.string(number.text))
            short = nil
        case .string(let parts):
            key = try string(parts)
            short = .index(.identity, key)
        case .symbol("("):
            key = try pipe()
            short = nil
            try expect(")")
        case .field, .format, .symbol, .end:
            throw ExpressionSyntaxError(reason: "a member's name should be here", offset: token.offset)
        }
        if take(":") { return (key, try memberValue()) }
        guard let short else { throw failure("a \":\" should be here") }
        return (key, short)
    }

    /// A member's value is a term or alternatives joined by `|`, but never a comma.
    private mutating func memberValue() throws(ExpressionSyntaxError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        let left = try alternative()
        return take("|") ? .pipe(left, try memberValue()) : left
    }

    private mutating func named(_ word: String) throws(ExpressionSyntaxError) -> Syntax {
        let offset = current.offset
        switch word {
        case "true", "false", "null":
            index += 1
            return .literal(word == "null" ? .null : .bool(word == "true"))
        case "if":
            index += 1
            return try condition()
        case "reduce":
            index += 1
            return try reduce()
        case _ where Self.reserved.contains(word) && word != "not":
            throw failure("\"\(word)\" is not expected here")
        case _ where Self.excluded.contains(word):
            throw failure("\"\(word)\" is not supported")
        default:
            index += 1
            return try call(word, at: offset)
        }
    }

    private mutating func condition() throws(ExpressionSyntaxError) -> Syntax {
        let test = try pipe()
        try expectWord("then")
        let then = try pipe()
        if takeWord("elif") {
            try link()
            return .condition(test, then: then, otherwise: try condition())
        }
        let otherwise = takeWord("else") ? try pipe() : nil
        try expectWord("end")
        return .condition(test, then: then, otherwise: otherwise)
    }

    private mutating func reduce() throws(ExpressionSyntaxError) -> Syntax {
        let source = try postfix()
        try expectWord("as")
        guard case .variable(let name) = current.kind else { throw failure("a variable like $x should be here") }
        index += 1
        let wasKnown = !variables.insert(name).inserted
        try expect("(")
        let start = try pipe()
        try expect(";")
        let update = try pipe()
        try expect(")")
        if !wasKnown { variables.remove(name) }
        return .reduce(source, name: name, start: start, update: update)
    }

    private mutating func call(_ name: String, at offset: Int) throws(ExpressionSyntaxError) -> Syntax {
        var arguments: [Syntax] = []
        if take("(") {
            arguments.append(try pipe())
            while take(";") { arguments.append(try pipe()) }
            try expect(")")
        }
        if let builtin = Builtin.named(name, arity: arguments.count) { return .call(builtin, arguments) }
        if let arities = Builtin.arities[name] {
            let takes = arities.sorted().map(String.init).joined(separator: " or ")
            throw ExpressionSyntaxError(
                reason: "the function \"\(name)\" takes \(takes) arguments, not \(arguments.count)", offset: offset)
        }
        if let member = hyphenated(name, at: offset) {
            throw ExpressionSyntaxError(
                reason: "unknown function \"\(name)\"; a name with \"-\" is written .[\"\(member)\"]", offset: offset)
        }
        throw ExpressionSyntaxError(
            reason: "unknown function \"\(name)\"", offset: offset,
            suggestion: nearestName(to: name, among: Builtin.arities.keys.sorted()))
    }

    /// The member that was meant where `.due-by` reads as `.due` minus `by`.
    private func hyphenated(_ name: String, at offset: Int) -> String? {
        guard let word = tokens.firstIndex(where: { $0.offset == offset }), word >= 2,
            tokens[word - 1].kind == .symbol("-"), tokens[word - 1].offset == offset - 1,
            case .field(let member) = tokens[word - 2].kind,
            tokens[word - 2].offset + member.utf8.count + 1 == offset - 1
        else { return nil }
        return "\(member)-\(name)"
    }

    private func check(variable name: String, at offset: Int) throws(ExpressionSyntaxError) {
        guard !variables.contains(name) else { return }
        let nearest = nearestName(to: name, among: variables.sorted())
        throw ExpressionSyntaxError(
            reason: "unknown variable \"$\(name)\"", offset: offset, suggestion: nearest.map { "$" + $0 })
    }
}
