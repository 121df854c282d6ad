import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The answer to a page's script while somebody types: the hidden fields, and the errors so far.
enum FormCheck {
    static func reply(_ checked: CheckedAnswers, _ more: [FieldError] = []) -> Reply {
        let errors = more + checked.errors
        let messages = JSONObject(
            errors.map { ($0.field, .string($0.message)) }, uniquingKeysWith: { first, _ in first })
        return .json([
            "hidden": .array(checked.hidden.sorted().map { .int($0) }), "errors": .object(messages),
        ])
    }
}
