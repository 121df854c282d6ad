import TFDefinition
import TFEngine

/// Putting a task off: it stays somebody's, and leaves their list until its moment.
extension WriteSession {
    /// Puts a task off until a moment.
    /// - Parameters:
    ///   - until: milliseconds since 1970.
    ///   - onlyOwn: whether it must be their own: a worker's right, where a ticket admin may for others.
    package func holdTask(
        _ id: TaskID, until: Int64, by account: Account, onlyOwn: Bool, reason: String?, version: Int?, now: Int64
    ) throws {
        try refuseUnfit(("reason", reason, .reason))
        guard until > now, until <= now + Store.longestHold else {
            throw StoreError.invalid([
                FieldError(field: "until", message: "A task is put off until a moment in the coming year")
            ])
        }

        let task = try changeable(id, by: account, onlyOwn: onlyOwn, version: version)
        try happen(.held(until: until, by: account.asHolder, reason: reason), to: task, now: now)
    }
}

extension Store {
    /// The longest that a task can be put off, in milliseconds: a year.
    fileprivate static let longestHold: Int64 = 366 * 86_400_000
}
