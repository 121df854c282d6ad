/// Mistakes in a condition.
package enum ConditionFault: Sendable, Hashable {
    /// `.outcome = "renew"` gives the changed value, which is always true.
    case assignment
    /// The whole condition is a constant: its text, and whether it holds.
    case constant(String, Bool)
    /// `.a == 1 or "b"`: one side of `and` or `or` is a constant.
    case constantSide(String, Bool)
}

extension Expression {
    /// The faults of the program as a condition, each once.
    package var conditionFaults: [ConditionFault] {
        var faults: [ConditionFault] = []
        syntax.judge(isWhole: true, &faults)
        for part in syntax.nestedConditions { part.judge(isWhole: false, &faults) }
        var seen: Set<ConditionFault> = []
        return faults.filter { seen.insert($0).inserted }
    }

    /// Whether a condition inside it, of `select`, `any`, `all` or `if`, assigns a value.
    package var hasNestedAssignment: Bool {
        var faults: [ConditionFault] = []
        for part in syntax.nestedConditions { part.judge(isWhole: false, &faults) }
        return faults.contains(.assignment)
    }
}

extension Syntax {
    /// - Parameter isWhole: whether a constant here makes the whole condition constant.
    fileprivate func judge(isWhole: Bool, _ faults: inout [ConditionFault]) {
        switch self {
        case .assign, .update, .updateBy: faults.append(.assignment)
        case .pipe(let value, .call(let builtin, _)) where builtin.name == "not":
            var inner: [ConditionFault] = []
            value.judge(isWhole: isWhole, &inner)
            faults += inner.map { if case .constant(let text, let value) = $0 { .constant(text, !value) } else { $0 } }
        case .pipe(_, let last): last.judge(isWhole: isWhole, &faults)
        case .and(let left, let right), .or(let left, let right):
            for side in [left, right] {
                side.judge(isWhole: false, &faults)
                if let constant = side.constantText { faults.append(.constantSide(constant.text, constant.isTrue)) }
            }
        case .alternative(let left, let right):
            left.judge(isWhole: false, &faults)
            right.judge(isWhole: false, &faults)
        case .attempt(let body, _), .bind(_, _, let body), .label(let body), .define(_, let body):
            body.judge(isWhole: isWhole, &faults)
        case .condition(_, let then, let otherwise):
            then.judge(isWhole: false, &faults)
            otherwise?.judge(isWhole: false, &faults)
        default:
            if isWhole, let constant = constantText { faults.append(.constant(constant.text, constant.isTrue)) }
        }
    }

    /// The value as a condition, if it is always the same.
    private var constantText: (text: String, isTrue: Bool)? {
        switch self {
        case .literal(let value): (value.text, value.isTruthy)
        case .array: ("[…]", true)
        case .object: ("{…}", true)
        case .interpolation: ("a text", true)
        case .binary(let name, .literal(let left), .literal(let right)) where name == .equal || name == .notEqual:
            ("\(left.text) \(name.rawValue) \(right.text)", left.equals(right) == (name == .equal))
        default: nil
        }
    }

    /// The conditions inside it.
    fileprivate var nestedConditions: [Syntax] {
        var conditions: [Syntax] = []
        var open = [self]
        while let syntax = open.popLast() {
            switch syntax {
            case .condition(let test, _, _): conditions.append(test)
            case .callPrelude(let place, let arguments):
                if let test = Prelude.conditions[place] { conditions.append(arguments[test]) }
            case .and(let left, let right), .or(let left, let right): conditions += [left, right]
            default: break
            }
            open += syntax.children
        }
        return conditions
    }

    /// All parts of the node.
    private var children: [Syntax] {
        switch self {
        case .identity, .recurse, .empty, .literal, .global, .local, .format, .leave: []
        case .field(let part, _, _), .iterate(let part), .negate(let part), .label(let part), .first(let part),
            .path(let part):
            [part]
        case .index(let left, let right), .pipe(let left, let right), .comma(let left, let right),
            .alternative(let left, let right), .and(let left, let right), .or(let left, let right),
            .binary(_, let left, let right), .range(let left, let right), .assign(let left, let right),
            .update(let left, let right), .updateBy(_, let left, let right), .bind(let left, _, let right):
            [left, right]
        case .attempt(let body, let handler): [body] + (handler.map { [$0] } ?? [])
        case .array(let part): part.map { [$0] } ?? []
        case .object(let members): members.flatMap { [$0.key, $0.value] }
        case .interpolation(let pieces, _): pieces
        case .condition(let test, let then, let otherwise): [test, then] + (otherwise.map { [$0] } ?? [])
        case .reduce(let source, _, let start, let update): [source, start, update]
        case .foreach(let source, _, let start, let update, let extract):
            [source, start, update] + (extract.map { [$0] } ?? [])
        case .define(let function, let body): [function.body, body]
        case .callLocal(_, let arguments), .callPrelude(_, let arguments), .call(_, let arguments): arguments
        }
    }
}
