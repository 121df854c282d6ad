import TFExpression

/// Mistakes in conditions that the compiler does not find.
enum Condition {
    /// Checks the conditions inside a value, such as those of `select`.
    static func checkInside(_ expression: Expression, at position: Position, _ diagnostics: inout Diagnostics) {
        if expression.hasNestedAssignment { refuseAssignment(at: position, &diagnostics) }
    }

    /// Checks a filter, in which a constant is compared with the attribute: only an assignment is a mistake.
    static func checkAssignment(_ expression: Expression, at position: Position, _ diagnostics: inout Diagnostics) {
        if expression.conditionFaults.contains(.assignment) { refuseAssignment(at: position, &diagnostics) }
    }

    /// - Parameter allowed: the constant that is usual here, as in `while: true` and `until: false`.
    static func check(
        _ expression: Expression, allowed: Bool?, at position: Position, _ diagnostics: inout Diagnostics
    ) {
        for fault in expression.conditionFaults {
            switch fault {
            case .assignment: refuseAssignment(at: position, &diagnostics)
            case .constant(let text, let isTrue):
                if ["true", "false", "null"].contains(text) {
                    guard isTrue != allowed else { continue }
                    diagnostics.warning("this condition \(isTrue ? "always" : "never") holds", at: position)
                } else {
                    diagnostics.error(
                        "this condition \(isTrue ? "always" : "never") holds, since \(text) is the same whatever happens",
                        at: position)
                }
            case .constantSide(let text, let isTrue):
                diagnostics.error(
                    "\(text) beside \"and\" or \"or\" is always \(isTrue ? "true" : "false"); write a comparison on each side, as in .a == \"x\" or .a == \"y\"",
                    at: position)
            }
        }
    }

    private static func refuseAssignment(at position: Position, _ diagnostics: inout Diagnostics) {
        diagnostics.error("this condition assigns a value and so always holds; compare with \"==\"", at: position)
    }
}
