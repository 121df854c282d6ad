/// Members, elements and paths.
extension Evaluator {
    mutating func access(name: String) throws(ExpressionError) -> Step {
        if trail == nil {
            value = try value.member(named: name)
            return .deliver
        }
        return try access(.string(name))
    }

    mutating func access(_ key: JSON) throws(ExpressionError) -> Step {
        if let trail, !trail.leads(to: value) {
            throw .raised(
                .string(
                    "Invalid path expression near attempt to access element \(key.shortText) of \(value.shortText)"))
        }
        switch (value, key) {
        case (.array, .array): try weigh(value, key, isSearch: true)
        case (.string, .object): try weigh(value)
        default: break
        }
        value = try value.member(key)
        if case .object = key { try charge(value) }
        try extendTrail(key)
        return .deliver
    }

    mutating func iterate() throws(ExpressionError) -> Step {
        if let trail, !trail.leads(to: value) {
            throw .raised(.string("Invalid path expression near attempt to iterate through \(value.shortText)"))
        }
        switch value {
        case .array(let elements):
            if elements.isEmpty { return .backtrack }
            if elements.count > 1 { try choose(.elements(elements, next: 1)) }
            return try element(elements[0], .int(0))
        case .object(let members):
            guard !members.isEmpty else { return .backtrack }
            let first = members[place: 0]
            if members.count > 1 { try choose(.members(members, next: 1)) }
            return try element(first.value, .string(first.key))
        case .null, .bool, .number, .string: throw .raised(.string("Cannot iterate over \(value.errorText)"))
        }
    }

    mutating func element(_ element: JSON, _ key: @autoclosure () -> JSON) throws(ExpressionError) -> Step {
        value = element
        if trail != nil { try extendTrail(key()) }
        return .deliver
    }

    /// Notes that the value was reached by a key from the trail's value.
    private mutating func extendTrail(_ key: JSON) throws(ExpressionError) {
        if let trail { self.trail = try trail.appending(key, value) }
    }

    /// The path of the current value, as `path(f)` gives it.
    mutating func endPath(_ outer: Trail?) throws(ExpressionError) -> Step {
        guard let path = trail, path.leads(to: value) else {
            throw .raised(.string("Invalid path expression with result \(value.shortText)"))
        }
        trail = outer
        try spend(path.depth / 4)
        return computed(.array(path.keys))
    }

    private mutating func pay(for builtin: Builtin, _ arguments: [JSON]) throws(ExpressionError) {
        switch builtin.cost {
        case .shallow: break
        case .elements: try spend(value.elementCount / 4)
        case .whole:
            try weigh(value)
            for argument in arguments { try weigh(argument) }
        case .sorting:
            // Sorting compares each element, or each key in the argument, about log₂ n times.
            let before = limits.fuel
            try weigh(value)
            for argument in arguments { try weigh(argument) }
            try spend((before - limits.fuel) * (Int.bitWidth - value.elementCount.leadingZeroBitCount) / 2)
        case .parsing: try spend((value.stringValue?.utf8.count ?? 0) / 16)
        case .searching: try weigh(value, arguments[0], isSearch: true)
        }
    }

    /// Calls a function on the value; the arguments are values.
    mutating func apply(_ builtin: Builtin, _ arguments: [JSON]) throws(ExpressionError) -> Step {
        try pay(for: builtin, arguments)
        switch builtin.run {
        case .value(let run):
            let result = try run(value, arguments)
            try charge(result)
            if builtin.nests { try nest(result) }
            return computed(result)
        case .metered(let run):
            let result = try run(&self, value, arguments)
            try charge(result)
            if builtin.nests { try nest(result) }
            return computed(result)
        case .values(let run):
            let results = try run(&self, value, arguments)
            guard let first = results.first else { return .backtrack }
            if results.count > 1 { try choose(.values(results, next: 1)) }
            return computed(first)
        case .path:
            guard let path = arguments[0].arrayValue else { throw .raised("Path must be specified as an array") }
            return try walk(path)
        }
    }

    /// `getpath`, whose path continues that of its input.
    private mutating func walk(_ path: [JSON]) throws(ExpressionError) -> Step {
        if let trail, !trail.leads(to: value) {
            throw .raised(
                .string(
                    "Invalid path expression near attempt to access path \(JSON.array(path).shortText) of \(value.shortText)"
                ))
        }
        guard path.count <= ExpressionLimits.deepest else { throw .raised("Path too deep") }
        // A path may hold arrays that are searched for.
        if path.contains(where: \.isContainer) { try weigh(value, .array(path), isSearch: true) }
        guard trail != nil else {
            value = try value.get(path)
            return .deliver
        }
        try spend(path.count / 4)
        for key in path {
            if value != .null { value = try value.member(key) }
            try extendTrail(key)
        }
        return .deliver
    }
}
