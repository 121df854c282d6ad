import TFExpression

@testable import TFStore

extension CompanyStore {
    /// Makes a change once, however often its request is sent, by the steps in which a server does: the answer is looked
    /// for, made and kept in the transaction of the change.
    func answer<Value>(
        to key: IdempotencyKey?, _ change: CompanyChange<Value>,
        _ answer: @escaping @Sendable (CompanyWriteSession, Value) throws -> JSON
    ) async throws -> JSON {
        try await site.untilChecked {
            // What was done already is not checked again: it has changed what it would be checked against.
            let body = try await read { session -> (@Sendable (CompanyWriteSession) throws -> Value)? in
                if let key, try session.site.answer(to: key) != nil { return nil }
                return try change.checked(in: session)
            }
            return try await write { session in
                if let key, let earlier = try session.site.answer(to: key) { return earlier }
                guard let body else { throw CheckIsStale() }
                let value = try answer(session, try body(session))
                if let key { try session.site.keep(value, for: key) }
                return value
            }
        }
    }
}
