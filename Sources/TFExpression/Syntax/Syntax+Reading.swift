/// Finds out what a program reads, without running it.
///
/// `.` is followed through pipes and `select`. Where it is no longer the input or a variable of the caller (inside
/// `map`, after `//`), nothing is noted: all listed readings are certain.
struct SyntaxReader {
    /// The paths that are read and not followed any further.
    private(set) var readings: [Reading] = []
    private(set) var comparisons: [TextComparison] = []
    /// Left sides of `//`, where an absent member is expected.
    private var guards = 0

    /// The path from which a value comes; nil for a computed value.
    private typealias Origin = FieldReference

    init(_ syntax: Syntax) { note(walk(syntax, FieldReference(variable: nil, path: []))) }

    private mutating func note(_ origin: Origin?) {
        if let origin { readings.append(Reading(reference: origin, isGuarded: guards > 0)) }
    }

    /// Notes the reading of a part whose value is used here.
    private mutating func use(_ syntax: Syntax, _ dot: Origin?) { note(walk(syntax, dot)) }

    /// - Returns: the path of the value, if it is only a path.
    private mutating func walk(_ syntax: Syntax, _ dot: Origin?) -> Origin? {
        switch syntax {
        case .identity: return dot
        case .global(let name): return FieldReference(variable: name, path: [])
        case .field(let base, let name, let offset):
            guard var origin = walk(base, dot) else { return nil }
            origin.path.append(.init(name: name, offset: offset + 1))
            return origin
        case .index(let base, .literal(.string(let name))):
            guard var origin = walk(base, dot) else { return nil }
            origin.path.append(.init(name: name, offset: origin.path.last?.offset ?? 0))
            return origin
        case .index(let base, .literal(.number)), .iterate(let base):
            guard var origin = walk(base, dot) else { return nil }
            origin.path.append(.init(name: FieldReference.element, offset: origin.path.last?.offset ?? 0))
            return origin
        case .pipe(let left, let right):
            let origin = walk(left, dot)
            return walk(right, origin)
        case .callPrelude(let place, let arguments) where place == Prelude.select:
            for argument in arguments { use(argument, dot) }
            return dot
        case .attempt(let body, nil): return walk(body, dot)
        case .bind(let source, _, let body):
            use(source, dot)
            return walk(body, dot)
        case .define(let function, let body):
            use(function.body, nil)
            return walk(body, dot)
        case .label(let body): return walk(body, dot)
        case .alternative(let left, let right):
            guards += 1
            use(left, dot)
            guards -= 1
            use(right, dot)
        case .binary(let name, let left, let right): compare(name, left, right, dot)
        case .recurse, .format: note(dot)
        case .call(_, let arguments):
            note(dot)
            for argument in arguments { use(argument, dot) }
        case .callPrelude(_, let arguments), .callLocal(_, let arguments):
            // The function decides what `.` is in its closures.
            note(dot)
            for argument in arguments { use(argument, nil) }
        case .reduce(let source, _, let start, let update):
            use(source, dot)
            use(start, dot)
            use(update, nil)
        case .foreach(let source, _, let start, let update, let extract):
            use(source, dot)
            use(start, dot)
            use(update, nil)
            if let extract { use(extract, nil) }
        case .attempt(let body, let handler?):
            use(body, dot)
            use(handler, nil)
        case .assign(let paths, let value), .updateBy(_, let paths, let value):
            note(dot)
            use(paths, dot)
            use(value, dot)
        case .update(let paths, let update):
            note(dot)
            use(paths, dot)
            use(update, nil)
        case .index, .comma, .and, .or, .negate, .array, .object, .interpolation, .condition, .first, .range,
            .path, .empty, .literal, .local, .leave:
            for part in syntax.parts { use(part, dot) }
        }
        return nil
    }

    private mutating func compare(_ name: BinaryOperator, _ left: Syntax, _ right: Syntax, _ dot: Origin?) {
        let sides = [(walk(left, dot), right), (walk(right, dot), left)]
        for (origin, other) in sides {
            note(origin)
            guard let origin, name == .equal || name == .notEqual, case .literal(.string(let text)) = other
            else { continue }
            comparisons.append(TextComparison(reference: origin, text: text))
        }
    }
}

extension Syntax {
    /// The parts that are evaluated for the same input.
    fileprivate var parts: [Syntax] {
        switch self {
        case .index(let left, let right), .comma(let left, let right), .and(let left, let right),
            .or(let left, let right), .range(let left, let right):
            [left, right]
        case .negate(let part), .first(let part), .path(let part): [part]
        case .array(let part): part.map { [$0] } ?? []
        case .object(let members): members.flatMap { [$0.key, $0.value] }
        case .interpolation(let pieces, _): pieces
        case .condition(let test, let then, let otherwise): [test, then] + (otherwise.map { [$0] } ?? [])
        default: []
        }
    }
}

/// A whole path that an expression reads, such as `$tasks.first.by`.
package struct Reading: Sendable, Hashable {
    /// The path; empty for `.` and for a whole variable.
    package let reference: FieldReference
    /// Whether it is the left side of `//`, so that it may be absent.
    package let isGuarded: Bool
}

/// A path that is compared with a text, such as `.outcome == "approve"`, or by `!=`.
package struct TextComparison: Sendable, Hashable {
    package let reference: FieldReference
    package let text: String
}

extension Expression {
    /// All paths that the expression certainly reads from its input and its variables.
    package var readings: [Reading] { SyntaxReader(syntax).readings }

    /// All paths that the expression compares with a text.
    package var textComparisons: [TextComparison] { SyntaxReader(syntax).comparisons }
}
