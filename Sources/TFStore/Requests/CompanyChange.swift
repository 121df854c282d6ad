import TFExpression

/// A change of a company's data, made in one transaction: directly, or after a check.
///
/// Slow work is done in the check, which only reads and so delays no other change. The change then verifies the few
/// facts that the check depends on, and throws `CheckIsStale` if they have changed.
package struct CompanyChange<Value: Sendable>: Sendable {
    typealias Body = @Sendable (CompanyWriteSession) throws -> Value

    enum Kind: Sendable {
        case atOnce(Body)
        case checked(@Sendable (CompanyReadSession) throws -> Body)
    }

    let kind: Kind

    /// A change without a separate check.
    package init(_ body: @escaping @Sendable (CompanyWriteSession) throws -> Value) { kind = .atOnce(body) }

    /// A change with a check, whose result is passed to `body`.
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
    /// The same change, made only if a condition holds in its transaction.
    package func demanding(
        _ condition: @escaping @Sendable (CompanyReadSession) throws -> Void
    ) -> CompanyChange {
        let body: @Sendable (CompanyWriteSession, Body) throws -> Value = { session, change in
            try condition(session)
            return try change(session)
        }
        return CompanyChange(checking: { try checked(in: $0) }, body)
    }

    /// Runs the check on a snapshot.
    /// - Returns: the change, to be run in a transaction. It throws `CheckIsStale` if the check has to be repeated.
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
    /// How often a change is checked and tried before it is given up.
    private static let checkLimit = 5

    /// Repeats a check and its change as long as the check is stale.
    /// - Throws: what the work throws; `StoreError.conflict` after too many repetitions.
    package func untilChecked<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        for _ in 0..<Self.checkLimit {
            do { return try await work() } catch is CheckIsStale { continue }
        }
        throw StoreError.conflict("what this depends on was changed again and again meanwhile; send it once more")
    }
}

extension CompanyStore {
    /// Makes a change.
    /// - Throws: what the change throws; `StoreError.conflict` if its check was stale too often.
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
}
