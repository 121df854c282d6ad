import TFDefinition

/// A member who can be given tasks, for a list to choose from.
package struct Assignable: Sendable, Hashable {
    package let login: String
    package let name: String
}

extension CompanyReadSession {
    /// The company's workers who are people, by name, at most 500.
    package func assignablePeople() throws -> [Assignable] {
        try all(
            Row.self,
            """
            SELECT w.login, a.name FROM worker w JOIN account a ON a.id = w.account_id
            WHERE w.company_id = ? AND w.kind = 'person' ORDER BY a.name, w.login LIMIT 500
            """, [company]
        ).map { Assignable(login: $0["login"], name: $0["name"]) }
    }
}

extension CompanyWriteSession {
    /// Makes one of several changes that do not depend on each other: if it is refused, only its own writes are undone.
    /// - Returns: why it was refused; nil if it was made.
    /// - Throws: what is not about this change, such as a full disk.
    package func separately(_ change: () throws -> Void) throws -> String? {
        do {
            try savepoint(change)
            return nil
        } catch let error as StoreError {
            return error.description
        }
    }
}
