import TFDefinition
import TFEngine
import TFExpression

/// How a program's job ended.
package enum JobResult: Sendable, Hashable {
    /// The program's output, and the value of an outcome if it named one beside it.
    case completed(output: JSONObject, outcome: String?)
    /// - retry: false: another try would fail too.
    case failed(title: String, detail: String?, retry: Bool)
}

/// What a program may say of its job, over REST and in the list of results in Redis alike. What is missing is null.
extension JobResult {
    /// The title of a failure that says nothing about itself.
    private static let untitled = "The program failed"

    /// - Parameters:
    ///   - output: an object; null: an empty one.
    ///   - outcome: a text; null: none is named.
    /// - Throws: `StoreError.invalid`.
    package static func completion(output: JSON, outcome: JSON) throws -> JobResult {
        var errors: [FieldError] = []
        if output != .null, output.objectValue == nil { errors.append(error("output", "must be an object")) }
        if outcome != .null { errors += textErrors(outcome, "outcome", .outcome) }
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
        return .completed(output: output.objectValue ?? [:], outcome: outcome.stringValue)
    }

    /// - Parameters:
    ///   - failure: a title, or an object with `title` and perhaps `detail`; null: only that it failed.
    ///   - retry: whether another try may help; null: it may.
    /// - Throws: `StoreError.invalid`.
    package static func failure(_ failure: JSON, retry: JSON) throws -> JobResult {
        var errors: [FieldError] = []
        if failure.objectValue != nil {
            errors += emptyErrors(failure["title"], "error.title")
            if failure["detail"] != .null, failure["detail"].stringValue == nil {
                errors.append(error("error.detail", "must be a string"))
            }
        } else if failure.stringValue != nil {
            errors += emptyErrors(failure, "error")
        } else if failure != .null {
            errors.append(error("error", "must be a string or an object"))
        }
        if retry != .null, retry.boolValue == nil { errors.append(error("retry", "must be true or false")) }
        guard errors.isEmpty else { throw StoreError.invalid(errors) }
        return .failed(
            title: failure.stringValue ?? failure["title"].stringValue ?? untitled,
            detail: failure["detail"].stringValue, retry: retry.boolValue ?? true)
    }

    private static func textErrors(_ value: JSON, _ field: String, _ limit: TextLimit) -> [FieldError] {
        let errors = emptyErrors(value, field)
        guard errors.isEmpty, let text = value.stringValue else { return errors }
        return [FieldError.unfit(text, limit, field: field)].compactMap { $0 }
    }

    private static func emptyErrors(_ value: JSON, _ field: String) -> [FieldError] {
        if value == .null { return [FieldError(field: field, message: "\"\(field)\" is missing")] }
        guard let text = value.stringValue else { return [error(field, "must be a string")] }
        return text.isEmpty ? [error(field, "must be a text that is not empty")] : []
    }

    private static func error(_ field: String, _ rule: String) -> FieldError {
        FieldError(field: field, message: "\"\(field)\" \(rule)")
    }
}
