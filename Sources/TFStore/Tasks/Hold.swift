import TFDefinition
import TFEngine

/// Putting a task off (hold): it stays with its worker but is not in the worker's list until the hold ends.
extension CompanyWriteSession {
    /// Puts a task off until a moment.
    /// - Parameter until: milliseconds since 1970, within a year.
    /// - Throws: `StoreError.invalid` for another moment or a reason that does not fit; `.notFound`; `.conflict` if the
    ///   task is not theirs, has ended, or its version is stale.
    package func holdTask(_ id: TaskID, until: Int64, _ move: TaskMove, now: Int64) throws {
        guard until > now, until <= now + Store.longestHold else {
            throw StoreError.invalid([
                FieldError(field: "until", message: "Choose a time that is still to come, within a year")
            ])
        }

        let task = try changeable(id, move)
        try happen(.held(until: until, by: move.account.asHolder, reason: move.reason), to: task, now: now)
    }
}

extension Store {
    /// The longest time of a hold, in milliseconds: a year.
    fileprivate static let longestHold: Int64 = 366 * 86_400_000
}
