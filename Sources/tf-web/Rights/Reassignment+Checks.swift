import TFDefinition
import TFStore

extension Reassignment {
    /// What is wrong with handing over a task: a worker must name a colleague and a reason, a ticket admin need not.
    static func errors(_ target: Reassignment, reason: String?, isHandover: Bool) -> [FieldError] {
        guard isHandover else { return [] }
        var errors: [FieldError] = []
        if target == .byRule {
            errors.append(FieldError(field: "assignee", message: "Choose the colleague who gets the task"))
        }
        if reason?.isEmpty != false {
            errors.append(FieldError(field: "reason", message: "Say why you hand the task over"))
        }
        return errors
    }
}
