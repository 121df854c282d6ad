import TFDefinition
import TFEngine

/// Putting a task off: it stays somebody's, and leaves their list until its moment.
extension CompanyWriteSession {
    /// Puts a task off until a moment.
    /// - Parameter until: milliseconds since 1970.
    package func holdTask(_ id: TaskID, until: Int64, _ move: TaskMove, now: Int64) throws {
        guard until > now, until <= now + Store.longestHold else {
            throw StoreError.invalid([
                FieldError(field: "until", message: "A task is put off until a moment in the coming year")
            ])
        }

        let task = try changeable(id, move)
        try happen(.held(until: until, by: move.account.asHolder, reason: move.reason), to: task, now: now)
    }
}

extension Store {
    /// The longest that a task can be put off, in milliseconds: a year.
    fileprivate static let longestHold: Int64 = 366 * 86_400_000
}
