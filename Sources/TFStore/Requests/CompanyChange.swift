import TFExpression

/// A change of what belongs to a company, made in one transaction: at once, or after a check.
///
/// What takes long is done by a check, which only reads, so that nobody else's change waits for it. The change then looks
/// again at the little that the check rested on, and throws `CheckIsStale` where that is another by now.
package struct CompanyChange<Value: Sendable>: Sendable {
    typealias Body = @Sendable (CompanyWriteSession) throws -> Value

    enum Kind: Sendable {
        case atOnce(Body)
        case checked(@Sendable (CompanyReadSession) throws -> Body)
    }

    let kind: Kind

    /// A change without a check of its own.
    package init(_ body: @escaping @Sendable (CompanyWriteSession) throws -> Value) { kind = .atOnce(body) }

    /// - Parameters:
    ///   - check: what it gives is what `body` is given.
    init<Checked: Sendable>(
        checking check: @escaping @Sendable (CompanyReadSession) throws -> Checked,
        _ body: @escaping @Sendable (CompanyWriteSession, Checked) throws -> Value
    ) {
        kind = .checked { session in
            let checked = try check(session)
            return { session in try body(session, checked) }
        }
    }
}

extension CompanyChange {
    /// Does what takes long, on a snapshot.
    /// - Returns: the rest, which is done in a transaction. It throws `CheckIsStale` where the check has to be made again.
    package func checked(
        in session: CompanyReadSession
    ) throws -> @Sendable (CompanyWriteSession) throws -> Value {
        switch kind {
        case .atOnce(let body): body
        case .checked(let check): try check(session)
        }
    }
}

extension Store {
    /// How often what a change was checked against may have changed before the change was made.
    private static let checkLimit = 5

    /// Checks and changes, and does both again while the check is stale.
    package func untilChecked<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        for _ in 0..<Self.checkLimit {
            do { return try await work() } catch is CheckIsStale { continue }
        }
        throw StoreError.conflict("what this depends on was changed again and again meanwhile; send it once more")
    }
}

extension CompanyStore {
    /// Makes a change.
    /// - Throws: what the change throws; `StoreError.conflict` where it had to be checked again too often.
    @discardableResult
    package func write<Value>(_ change: CompanyChange<Value>) async throws -> Value {
        switch change.kind {
        case .atOnce(let body): return try await write(body)
        case .checked(let check):
            return try await site.untilChecked {
                let body = try await read { session in try check(session) }
                return try await write(body)
            }
        }
    }

    /// Makes a change once, however often its request is sent: the first one's whole answer is kept in the transaction of
    /// the change, and given to all others.
    /// - Parameters:
    ///   - key: nil: the request cannot be told from others.
    ///   - answer: what the request is answered; it is asked in the same transaction, when the change is made.
    /// - Throws: as `write`; `StoreError.otherRequest` where the key was used for something else.
    package func answer<Value>(
        to key: RequestKey?, _ change: CompanyChange<Value>,
        _ answer: @escaping @Sendable (CompanyWriteSession, Value) throws -> JSON
    ) async throws -> JSON {
        switch change.kind {
        case .atOnce(let body): return try await once(key, body, answer)
        case .checked(let check):
            return try await site.untilChecked {
                // What was done already is not checked again: it has changed what it would be checked against.
                let (earlier, body) = try await read { session -> (JSON?, CompanyChange<Value>.Body?) in
                    if let key, let earlier = try session.site.answer(to: key) { return (earlier, nil) }
                    return (nil, try check(session))
                }
                if let earlier { return earlier }
                guard let body else { throw CheckIsStale() }
                return try await once(key, body, answer)
            }
        }
    }

    private func once<Value: Sendable>(
        _ key: RequestKey?, _ body: @escaping CompanyChange<Value>.Body,
        _ answer: @escaping @Sendable (CompanyWriteSession, Value) throws -> JSON
    ) async throws -> JSON {
        try await write { session in
            if let key, let earlier = try session.site.answer(to: key) { return earlier }
            let value = try answer(session, try body(session))
            if let key { try session.site.keep(value, for: key) }
            return value
        }
    }
}
