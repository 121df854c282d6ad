/// The names that are known at a point of a program: a chain, innermost first.
final class Scope {
    enum Entry {
        case value(JSON)
        /// An argument: what to evaluate, and the scope of its own names.
        case closure(Syntax, Scope?)
        case function(Function)
        /// The number of choices when the label was passed.
        case label(choices: Int)
    }

    let entry: Entry
    let outer: Scope?
    /// The length of the longest chain of scopes below this one, which decides how much stack its release needs.
    let depth: Int

    init(_ entry: Entry, outer: Scope?) {
        self.entry = entry
        self.outer = outer
        var depth = outer?.depth ?? 0
        if case .closure(_, let scope?) = entry { depth = max(depth, scope.depth) }
        self.depth = depth + 1
    }

    func ancestor(_ hops: Int) -> Scope {
        var scope = self
        for _ in 0..<hops {
            guard let outer = scope.outer else { preconditionFailure("the parser counts scopes as they are made") }
            scope = outer
        }
        return scope
    }
}

/// A path, last key first, and the value to which it leads.
///
/// A computed value is on no path. But a value that is identical to the path's, such as a variable that was bound to
/// it, is on the path again: that is how `limit`, `skip` and `$x` give paths in jq.
final class Trail: Sendable {
    let key: JSON
    let value: JSON
    let parent: Trail?
    let depth: Int

    private init(key: JSON, value: JSON, parent: Trail?) {
        self.key = key
        self.value = value
        self.parent = parent
        depth = parent.map { $0.depth + 1 } ?? 0
    }

    /// The path of the input itself.
    convenience init(root: JSON) { self.init(key: .null, value: root, parent: nil) }

    func appending(_ key: JSON, _ value: JSON) throws(ExpressionError) -> Trail {
        guard depth < ExpressionLimits.deepest else { throw .raised("Path too deep") }
        return Trail(key: key, value: value, parent: self)
    }

    /// Whether a value is identical to the one to which the path leads.
    func leads(to value: JSON) -> Bool { self.value.isSame(as: value) }

    var keys: [JSON] {
        var keys: [JSON] = []
        var trail = self
        while let parent = trail.parent {
            keys.append(trail.key)
            trail = parent
        }
        return keys.reversed()
    }
}

/// What is left to do with a value: a chain, innermost first.
final class Frame {
    let action: Action
    let next: Frame?
    /// For actions with an operand, the path that their result continues.
    let trail: Trail?
    let isOperand: Bool
    let depth: Int

    init(_ action: Action, next: Frame?, trail: Trail?, isOperand: Bool) {
        self.action = action
        self.next = next
        self.trail = trail
        self.isOperand = isOperand
        depth = (next?.depth ?? 0) + 1
    }
}

/// An action that waits for a value. What is rare and large is in a box of its own, so that the others are small.
enum Action {
    case pipe(Syntax, Scope?)
    case field(String)
    case indexKey(Syntax, Scope?, JSON)
    case index(JSON)
    case iterate
    case leaveAttempt(Handler?)
    case alternative(Cell)
    case and(Syntax, Scope?, JSON)
    case or(Syntax, Scope?, JSON)
    case truth
    case negate
    case right(BinaryOperator, Syntax, Scope?, JSON)
    case left(BinaryOperator, JSON)
    case collect(Cell)
    case objectKey([Syntax.Member], Int, JSONObject, Scope?, JSON)
    case objectValue([Syntax.Member], Int, JSONObject, String, Scope?, JSON)
    case interpolate([Syntax], Int, String, Format, Scope?, JSON)
    case condition(then: Syntax, otherwise: Syntax?, Scope?, JSON)
    case bind(Binding, Syntax, Scope?, JSON)
    indirect case destructure(Destructuring)
    indirect case foldStart(Fold)
    indirect case fold(Fold, Cell)
    indirect case folded(Fold, Cell, Scope?)
    case argument(Builtin, [Syntax], Int, [JSON], Scope?, JSON)
    case first(choices: Int)
    case rangeEnd(Syntax, Scope?, JSON)
    case rangeStart(JSON)
    case endPath(Trail?)
    case assignedValue(Syntax, Scope?, JSON)
    case assign(Cell, JSON)
    case updateValue(BinaryOperator?, Syntax, Scope?, JSON)
    case updateBy(Cell, BinaryOperator?, JSON)
    case update(Cell, Syntax, Scope?)
    case updated(Cell, Trail, choices: Int)
}

/// A `reduce` or `foreach`.
struct Fold {
    let source: Syntax
    let binding: Binding
    let update: Syntax
    let extract: Syntax?
    let isReduce: Bool
    let scope: Scope?
    let input: JSON
    /// The path of the input.
    let trail: Trail?
}

/// What catches an error: a chain, innermost first.
final class Handler {
    enum Catch {
        case attempt(Syntax?, Scope?)
        /// `?//`: an error makes it try the next pattern.
        case destructuring(Destructuring)
    }

    let caught: Catch
    let choices: Int
    let frame: Frame?
    let trail: Trail?
    let outer: Handler?

    init(_ caught: Catch, choices: Int, frame: Frame?, trail: Trail?, outer: Handler?) {
        self.caught = caught
        self.choices = choices
        self.frame = frame
        self.trail = trail
        self.outer = outer
    }
}

/// A point to go back to for further values.
struct Choice {
    enum Resumption {
        case evaluate(Syntax, Scope?, JSON)
        case elements([JSON], next: Int)
        case members(JSONObject, next: Int)
        case values([JSON], next: Int)
        case range(next: Double, end: Double)
        /// The result of a fold, after all values of its source.
        case result(Cell)
        /// The right side of `//`, after the left side has ended.
        case fallback(Cell, Syntax, Scope?, JSON)
        case array(Cell)
        /// An update gave no value, so its path is deleted.
        case delete(Cell, Trail)
    }

    let resumption: Resumption
    let frame: Frame?
    let handler: Handler?
    let trail: Trail?
}
