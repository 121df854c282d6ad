/// Parses what begins with a word: a condition, a fold, a definition, a call.
extension Parser {
    /// Functions that have their own kind of node.
    static let special: [(name: String, arity: Int)] = [
        ("empty", 0), ("first", 1), ("range", 2), ("path", 1), ("duration_until", 1),
    ]
    /// Functions of jq that are not allowed, with the reason.
    static let excluded: [String: String] = {
        let input = "an expression has one input"
        let terminal = "there is no terminal to write to"
        let clock = "expressions know no clock; use $task.startedAt"
        let zone = "expressions know no local time; use gmtime"
        let environment = "expressions see no environment"
        let modules = "there are no modules"
        return [
            "input": input, "inputs": input, "input_filename": input, "input_line_number": input, "debug": terminal,
            "stderr": terminal, "halt": terminal, "halt_error": terminal, "env": environment, "now": clock,
            "localtime": zone, "strflocaltime": zone, "get_search_list": modules,
            "modulemeta": modules, "import": modules, "include": modules, "module": modules,
        ]
    }()

    mutating func named(_ word: String) throws(ExpressionSyntaxError) -> Syntax {
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
            return try fold(isReduce: true)
        case "foreach":
            index += 1
            return try fold(isReduce: false)
        case "break":
            index += 1
            guard case .variable(let name) = current.kind else { throw failure("a label like $out should be here") }
            guard let hops = names.hops(to: .label(name)) else {
                let mistake = failure("there is no label \"$\(name)\"")
                index += 1
                return try note(mistake)
            }
            index += 1
            return .leave(hops)
        case "def": return try definition()
        default:
            if let reason = Self.excluded[word], names.arities(of: word).isEmpty {
                let mistake = failure("\"\(word)\" is not supported: \(reason)")
                // What follows these is no expression.
                if ["import", "include", "module"].contains(word) { throw mistake }
                index += 1
                _ = try arguments()
                return try note(mistake)
            }
            if Self.reserved.contains(word) { throw failure("\"\(word)\" is not expected here") }
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

    private mutating func fold(isReduce: Bool) throws(ExpressionSyntaxError) -> Syntax {
        let source = try alternative()
        try expectWord("as")
        let count = names.entries.count
        let (binding, outer) = try patterns(after: count)
        try expect("(")
        let inner = names
        names = outer
        let start = try pipe()
        names = inner
        try expect(";")
        let update = try pipe()
        let extract = !isReduce && take(";") ? try pipe() : nil
        try expect(")")
        names.remove(to: count)
        return isReduce
            ? .reduce(source, binding, start: start, update: update)
            : .foreach(source, binding, start: start, update: update, extract: extract)
    }

    // MARK: Definitions

    mutating func definition() throws(ExpressionSyntaxError) -> Syntax {
        try link()
        try expectWord("def")
        guard case .word(let name) = current.kind, !Self.reserved.contains(name) else {
            throw failure("the name of a function should follow \"def\"")
        }
        index += 1
        var parameters: [String] = []
        if take("(") {
            repeat { parameters.append(try parameter()) } while take(";")
            try expect(")")
        }
        try expect(":")
        let count = names.entries.count
        names.add(.function(name, arity: parameters.count))
        let function = try function(parameters: parameters)
        try expect(";")
        let body = try pipe()
        names.remove(to: count)
        return .define(function, body: body)
    }

    private mutating func parameter() throws(ExpressionSyntaxError) -> String {
        defer { index += 1 }
        switch current.kind {
        case .word(let name) where !Self.reserved.contains(name): return name
        case .variable(let name): return "$" + name
        default: throw failure("a parameter should be here, not \(describe(current))")
        }
    }

    /// Parses a function from its body on; a parameter `$x` is a closure `x`, whose values are bound as `$x`.
    mutating func function(parameters: [String]) throws(ExpressionSyntaxError) -> Function {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("nested too deep") }
        let count = names.entries.count
        for parameter in parameters {
            names.add(.function(parameter.hasPrefix("$") ? String(parameter.dropFirst()) : parameter, arity: 0))
        }
        var values: [(hops: Int, name: String)] = []
        for parameter in parameters where parameter.hasPrefix("$") {
            let name = String(parameter.dropFirst())
            values.append((names.hops(to: .function(name, arity: 0)) ?? 0, name))
            names.add(.variable(name))
        }
        var body = try pipe()
        names.remove(to: count)
        for value in values.reversed() {
            let binding = Binding(patterns: [.variable(value.name)], names: [])
            body = .bind(.callLocal(value.hops, []), binding, body: body)
        }
        return Function(body: body)
    }

    mutating func label() throws(ExpressionSyntaxError) -> Syntax {
        try link()
        guard case .variable(let name) = current.kind else { throw failure("a name like $out should follow \"label\"") }
        index += 1
        try expect("|")
        let count = names.entries.count
        names.add(.label(name))
        let body = try pipe()
        names.remove(to: count)
        return .label(body)
    }

    // MARK: Calls

    private mutating func call(_ name: String, at offset: Int) throws(ExpressionSyntaxError) -> Syntax {
        let arguments = try arguments()
        if let hops = names.hops(to: .function(name, arity: arguments.count)) { return .callLocal(hops, arguments) }
        if let special = try special(name, arguments, at: offset) { return special }
        if let builtin = Builtin.named(name, arity: arguments.count) { return .call(builtin, arguments) }
        if let place = Prelude.places["\(name)/\(arguments.count)"] {
            try checkPattern(of: name, arguments, at: offset)
            return .callPrelude(place, arguments)
        }
        return try note(unknown(name, arguments.count, at: offset))
    }

    private mutating func arguments() throws(ExpressionSyntaxError) -> [Syntax] {
        var arguments: [Syntax] = []
        if take("(") {
            try link()
            arguments.append(try pipe())
            while take(";") { arguments.append(try pipe()) }
            try expect(")")
        }
        return arguments
    }

    private mutating func special(
        _ name: String, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionSyntaxError) -> Syntax? {
        switch (name, arguments.count) {
        case ("empty", 0): return .empty
        case ("first", 1): return .first(arguments[0])
        case ("range", 2): return .range(arguments[0], arguments[1])
        case ("path", 1): return .path(arguments[0])
        case ("duration_until", 1):
            guard names.globals.contains("task"), let builtin = Builtin.named("_duration_until", arity: 2) else {
                return try note(
                    ExpressionSyntaxError(
                        reason: "\"duration_until\" counts from $task.startedAt, which there is not here",
                        offset: offset))
            }
            globals.insert("task")
            return .call(builtin, [arguments[0], .global("task")])
        default: return nil
        }
    }

    /// Compiles a constant pattern now, so that what RE2 refuses is refused when the definition is loaded.
    private mutating func checkPattern(
        of name: String, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionSyntaxError) {
        guard ["match", "test", "capture", "scan", "split", "splits", "sub", "gsub"].contains(name),
            case .literal(.string(let source))? = arguments.first
        else { return }
        var flags = ""
        if ["match", "test", "capture", "scan", "split", "splits"].contains(name), arguments.count == 2,
            case .literal(.string(let written)) = arguments[1]
        {
            flags = written
        } else if arguments.count == 3, case .literal(.string(let written)) = arguments[2] {
            flags = written
        }
        if name == "gsub" || name == "scan" || name.hasPrefix("split") { flags += "g" }
        do { _ = try patterns.pattern(source, flags) } catch {
            _ = try note(
                ExpressionSyntaxError(
                    reason: "the pattern of \"\(name)\" cannot be used: \(error.reason)", offset: offset))
        }
    }

    private static let comparisons: Set<String> = ["==", "!=", "<=", ">=", "<", ">"]

    private func unknown(_ name: String, _ count: Int, at offset: Int) -> ExpressionSyntaxError {
        let own = Set(names.arities(of: name))
        if let arities = Builtin.arities[name].map({ $0.union(own) }) ?? (own.isEmpty ? nil : own) {
            let takes = arities.sorted().map(String.init).joined(separator: " or ")
            return ExpressionSyntaxError(
                reason: "the function \"\(name)\" takes \(takes) arguments, not \(count)", offset: offset)
        }
        if name.contains("::") {
            return ExpressionSyntaxError(reason: "\"\(name)\" is not supported: there are no modules", offset: offset)
        }
        if let member = hyphenated(name, at: offset) {
            return ExpressionSyntaxError(
                reason: "unknown function \"\(name)\"; a name with \"-\" is written .[\"\(member)\"]", offset: offset)
        }
        // A word without quotes after a comparison was most likely meant as a text.
        let words = ["true", "false", "null"]
        let nearest = nearestName(to: name, among: words + Builtin.arities.keys.sorted() + names.functions)
        let isCompared = tokens.indices.dropFirst().contains { place in
            tokens[place].offset == offset && [.symbol("=="), .symbol("!=")].contains(tokens[place - 1].kind)
        }
        // One before a comparison, or before a member, was most likely meant as a member.
        let isRead = tokens.indices.dropLast().contains { place in
            guard tokens[place].offset == offset else { return false }
            if case .field = tokens[place + 1].kind { return tokens[place + 1].offset == offset + name.utf8.count }
            if case .symbol(let next) = tokens[place + 1].kind { return Self.comparisons.contains(next) }
            return false
        }
        let isWord = nearest == nil && count == 0
        let hint =
            isWord && isCompared
            ? "; a text is written in double quotes"
            : isWord && isRead ? "; a member of the data is written .\(name)" : ""
        return ExpressionSyntaxError(
            reason: "unknown function \"\(name)\"\(hint)", offset: offset, suggestion: nearest)
    }

    /// The member that was most likely meant by `.due-by`, which means `.due` minus `by`.
    private func hyphenated(_ name: String, at offset: Int) -> String? {
        guard let word = tokens.firstIndex(where: { $0.offset == offset }), word >= 2,
            tokens[word - 1].kind == .symbol("-"), tokens[word - 1].offset == offset - 1,
            case .field(let member) = tokens[word - 2].kind,
            tokens[word - 2].offset + member.utf8.count + 1 == offset - 1
        else { return nil }
        return "\(member)-\(name)"
    }
}
