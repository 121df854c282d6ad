import TFEngine

/// The store of one company, for everything that concerns only that company.
///
/// The methods here take several transactions on purpose, or check before they change (`CompanyChange`); the others are
/// methods of the sessions.
package struct CompanyStore: Sendable {
    /// The store of the whole site.
    package let site: Store
    package let company: CompanyID

    /// Reads from one snapshot.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (CompanyReadSession) throws -> Value
    ) async throws -> Value {
        try await site.read(in: company, body)
    }

    /// Writes in one transaction. After the commit, the processes that wait for work are woken.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await site.write(in: company, body)
    }
}

extension Store {
    /// The store of one company.
    package func inside(_ company: CompanyID) -> CompanyStore { CompanyStore(site: self, company: company) }

    /// Reads data of one company from one snapshot.
    package func read<Value: Sendable>(
        in company: CompanyID, _ body: @escaping @Sendable (CompanyReadSession) throws -> Value
    ) async throws -> Value {
        try await read { session in try body(session.inside(company)) }
    }

    /// Writes data of one company in one transaction. After the commit, the processes that wait for work are woken.
    @discardableResult
    package func write<Value: Sendable>(
        in company: CompanyID, _ body: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await write(locking: .company(company)) { session in try body(session.inside(company)) }
    }

    /// Writes data of one company in one transaction without waking anybody.
    @discardableResult
    func writeAside<Value: Sendable>(
        in company: CompanyID, _ body: @escaping @Sendable (CompanyWriteSession) throws -> Value
    ) async throws -> Value {
        try await engine.write(.company(company)) { connection in
            try body(WriteSession(connection, of: self).inside(company))
        }
    }
}
