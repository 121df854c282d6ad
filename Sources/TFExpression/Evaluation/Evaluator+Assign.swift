/// `=`, `|=` and the operators made from them: the paths of the left side are visited one after the other, and the
/// value is changed in place.
extension Evaluator {
    mutating func modify(
        _ paths: Syntax, _ scope: Scope?, _ input: JSON, _ action: (Cell) -> Action
    ) throws(ExpressionError) -> Step {
        let cell = Cell(input, trail: trail)
        try choose(.result(cell))
        try push(action(cell))
        trail = Trail(root: input)
        value = input
        return .evaluate(paths, scope)
    }

    mutating func assign(_ action: Action) throws(ExpressionError) -> Step {
        switch action {
        case .assignedValue(let paths, let scope, let input):
            let assigned = value
            return try modify(paths, scope, input) { .assign($0, assigned) }
        case .updateValue(let operation, let paths, let scope, let input):
            let operand = value
            return try modify(paths, scope, input) { .updateBy($0, operation, operand) }
        case .assign(let cell, let assigned):
            try set(cell, try currentPath(), assigned)
            return .backtrack
        case .updateBy(let cell, let operation, let operand):
            let path = try currentPath()
            let old = try cell.value.get(path)
            if let operation {
                try pay(for: operation, old, operand)
                let result = try operation.apply(old, operand, limits)
                try charge(result)
                try set(cell, path, result)
            } else if !old.isTruthy {
                try set(cell, path, operand)
            }
            return .backtrack
        case .update(let cell, let update, let scope):
            guard let trail, trail.leads(to: value) else { throw invalidPath }
            let old = try cell.value.get(trail.keys)
            let count = choices.count
            try choose(.delete(cell, trail))
            try push(.updated(cell, trail, choices: count))
            self.trail = nil
            value = old
            return .evaluate(update, scope)
        case .updated(let cell, let path, let count):
            // The first output counts.
            leave(toChoices: count)
            try set(cell, path.keys, value)
            return .backtrack
        default: preconditionFailure("not an assignment")
        }
    }

    private mutating func currentPath() throws(ExpressionError) -> [JSON] {
        guard let trail, trail.leads(to: value) else { throw invalidPath }
        return trail.keys
    }

    private var invalidPath: ExpressionError {
        .raised(.string("Invalid path expression with result \(value.shortText)"))
    }

    private mutating func set(_ cell: Cell, _ path: [JSON], _ new: JSON) throws(ExpressionError) {
        try spend(1 + path.count)
        try nest(new, under: path.count)
        var root = cell.take()
        do { try root.set(path[...], new, fuel: &limits.fuel) } catch {
            cell.value = root
            throw error
        }
        cell.value = root
    }
}
