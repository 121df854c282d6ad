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
