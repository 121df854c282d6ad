import TFEngine

/// The store inside one company: what its requests and its files are handled with.
///
/// Here is what takes several transactions on purpose, or checks before it changes (`CompanyChange`); the rest are methods
/// of the sessions.
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
