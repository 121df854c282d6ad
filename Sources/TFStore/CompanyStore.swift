import TFEngine

/// The store inside one company: what its requests and its files are handled with.
///
/// Here is what checks before it changes, or takes several transactions on purpose; the rest are methods of the sessions.
package struct CompanyStore: Sendable {
    package let site: Store
    package let company: CompanyID

    /// One snapshot.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (CompanyReadSession) throws -> Value
    ) async throws -> Value {
        try await site.read(in: company, body)
    }

    /// One transaction; when it is committed, whoever waits for work is woken.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await site.write(in: company, body)
    }

    /// A change that is checked first, and then made in one transaction.
    @discardableResult
    func write<Checked: Sendable, Value: Sendable>(
        checking check: @escaping @Sendable (CompanyReadSession) throws -> Checked,
        _ body: @escaping @Sendable (CompanyWriteSession, Checked) throws -> Value
    ) async throws -> Value {
        let company = company
        return try await site.write(
            checking: { session in try check(session.inside(company)) },
            { session, checked in try body(session.inside(company), checked) })
    }

    /// A copy that takes the next change for this request's.
    package func under(_ submission: Submission?) -> CompanyStore {
        CompanyStore(site: site.under(submission), company: company)
    }
}

extension Store {
    /// The store inside one company.
    package func inside(_ company: CompanyID) -> CompanyStore { CompanyStore(site: self, company: company) }

    /// One snapshot of what belongs to one company.
    package func read<Value: Sendable>(
        in company: CompanyID, _ body: @escaping @Sendable (CompanyReadSession) throws -> Value
    ) async throws -> Value {
        try await read { session in try body(session.inside(company)) }
    }

    /// One transaction on what belongs to one company; when it is committed, whoever waits for work is woken.
    @discardableResult
    package func write<Value: Sendable>(
        in company: CompanyID, _ body: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await write { session in try body(session.inside(company)) }
    }
}
