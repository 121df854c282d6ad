extension Evaluator {
    /// Goes on with a frame that waited for this value.
    mutating func resume(_ action: Action) throws(ExpressionError) -> Step {
        switch action {
        case .pipe(let next, let scope): return .evaluate(next, scope)
        case .field(let name): return try access(name: name)
        case .indexKey(let base, let scope, let input):
            let key = value
            value = input
            if case .identity = base { return try access(key) }
            try push(.index(key))
            return .evaluate(base, scope)
        case .index(let key): return try access(key)
        case .iterate: return try iterate()
        case .leaveAttempt(let outer):
            handler = outer
            return .deliver
        case .alternative(let cell):
            guard value.isTruthy else { return .backtrack }
            cell.isFilled = true
            return .deliver
        case .and(let right, let scope, let input):
            return value.isTruthy ? try operand(.truth, right, scope, input) : computed(false)
        case .or(let right, let scope, let input):
            return value.isTruthy ? computed(true) : try operand(.truth, right, scope, input)
        case .truth: return computed(.bool(value.isTruthy))
        case .negate:
            guard case .number(let number) = value else {
                throw .raised(.string("\(value.errorText) cannot be negated"))
            }
            return computed(.number(number.negated))
        case .right(let operation, let left, let scope, let input):
            return try operand(.left(operation, value), left, scope, input)
        case .left(let operation, let right): return try combine(operation, value, right)
        case .collect(let cell):
            try spend(1)
            cell.list.append(value)
            return .backtrack
        case .objectKey(let members, let index, let built, let scope, let input):
            guard let name = value.stringValue else {
                throw .raised(.string("Cannot use \(value.errorText) as object key"))
            }
            return try operand(
                .objectValue(members, index, built, name, scope, input), members[index].value, scope, input)
        case .objectValue(let members, let index, var built, let name, let scope, let input):
            built[name] = value
            return try object(members, index + 1, built, scope, input)
        case .interpolate(let parts, let index, let built, let format, let scope, let input):
            try weigh(value)
            let text = try format.text(value) + built
            try charge(.string(text))
            return try interpolate(parts, index - 1, text, format, scope, input)
        case .condition(let then, let otherwise, let scope, let input):
            let tested = value
            value = input
            return branch(tested, then, otherwise, scope)
        case .bind(let binding, let body, let scope, let input):
            return try bind(binding, value, body, scope, input)
        case .destructure(let destructuring): return try destructured(destructuring)
        case .foldStart(let fold): return try begin(fold)
        case .fold(let fold, let cell): return try round(fold, cell)
        case .folded(let fold, let cell, let scope):
            cell.value = value
            cell.trail = trail
            if fold.isReduce { return .backtrack }
            return fold.extract.map { .evaluate($0, scope) } ?? .deliver
        case .argument(let builtin, let arguments, let index, let values, let scope, let input):
            // jq runs the last argument's outputs outermost.
            let values = [value] + values
            if index > 0 {
                return try operand(
                    .argument(builtin, arguments, index - 1, values, scope, input), arguments[index - 1], scope, input)
            }
            value = input
            return try apply(builtin, values)
        case .first(let count):
            leave(toChoices: count)
            return .deliver
        case .rangeEnd(let to, let scope, let input): return try operand(.rangeStart(value), to, scope, input)
        case .rangeStart(let from): return try range(from, value)
        case .endPath(let outer): return try endPath(outer)
        case .assignedValue, .assign, .updateValue, .updateBy, .update, .updated: return try assign(action)
        }
    }

    /// Evaluates another operand of the same node on the same input.
    mutating func operand(
        _ action: Action, _ syntax: Syntax, _ scope: Scope?, _ input: JSON
    ) throws(ExpressionError) -> Step {
        try pushOperand(action)
        value = input
        return .evaluate(syntax, scope)
    }

    /// Goes back to a choice.
    mutating func take(_ choice: Choice) throws(ExpressionError) -> Step {
        switch choice.resumption {
        case .evaluate(let syntax, let scope, let input):
            value = input
            return .evaluate(syntax, scope)
        case .elements(let elements, let next):
            if next + 1 < elements.count { try choose(.elements(elements, next: next + 1)) }
            return try element(elements[next], .int(next))
        case .members(let members, let next):
            if next + 1 < members.count { try choose(.members(members, next: next + 1)) }
            let member = members[place: next]
            return try element(member.value, .string(member.key))
        case .values(let values, let next):
            if next + 1 < values.count { try choose(.values(values, next: next + 1)) }
            return computed(values[next])
        case .range(let next, let end):
            if next + 1 < end { try choose(.range(next: next + 1, end: end)) }
            return computed(.double(next))
        case .result(let cell):
            if !cell.list.isEmpty {
                try spend(cell.list.count / 4)
                cell.value = try cell.take().deleting(paths: cell.list, fuel: &limits.fuel)
            }
            value = cell.value
            trail = cell.trail
            return .deliver
        case .fallback(let cell, let second, let scope, let input):
            if cell.isFilled { return .backtrack }
            value = input
            return .evaluate(second, scope)
        case .array(let cell):
            let array = JSON.array(cell.list)
            cell.list = []
            try charge(array)
            try nest(array)
            return computed(array)
        case .delete(let cell, let path):
            cell.list.append(.array(path.keys))
            return .backtrack
        }
    }

    mutating func object(
        _ members: [Syntax.Member], _ start: Int, _ built: JSONObject, _ scope: Scope?, _ input: JSON
    ) throws(ExpressionError) -> Step {
        guard start < members.count else {
            let object = JSON.object(built)
            try nest(object)
            return computed(object)
        }
        let member = members[start]
        if case .literal(.string(let name)) = member.key {
            return try operand(.objectValue(members, start, built, name, scope, input), member.value, scope, input)
        }
        return try operand(.objectKey(members, start, built, scope, input), member.key, scope, input)
    }

    mutating func interpolate(
        _ parts: [Syntax], _ last: Int, _ built: String, _ format: Format, _ scope: Scope?, _ input: JSON
    ) throws(ExpressionError) -> Step {
        var index = last
        var text = built
        // Literal text stays as it is; the format applies to values.
        while index >= 0, case .literal(.string(let written)) = parts[index] {
            text = written + text
            index -= 1
        }
        guard index >= 0 else { return computed(.string(text)) }
        return try operand(.interpolate(parts, index, text, format, scope, input), parts[index], scope, input)
    }

    private mutating func range(_ from: JSON, _ to: JSON) throws(ExpressionError) -> Step {
        guard let start = from.doubleValue, let end = to.doubleValue else {
            throw .raised("Range bounds must be numeric")
        }
        guard start < end else { return .backtrack }
        if start + 1 < end { try choose(.range(next: start + 1, end: end)) }
        return computed(.double(start))
    }
}
