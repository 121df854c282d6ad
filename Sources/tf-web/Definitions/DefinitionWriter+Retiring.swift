import TFDefinition
import TFStore

extension DefinitionWriter {
    /// What is offered now, and would not be without a definition: what needs it, and what needs that in turn.
    func dependents(of row: DefinitionRow) async throws -> [Definition] {
        let basis = try await store.read { try $0.definitionsBasis() }
        let entries = try await store.catalogEntries(of: basis)
        return DefinitionHarm.outOfForce(
            entries, after: Self.catalog(entries, basis, without: row).problems(),
            present: { Self.catalog(entries, basis).problems() }
        ).map(\.entry.definition)
    }

    /// Retires a definition and removes its file: nothing new starts, running instances finish.
    /// - Parameter row: the definition as the caller knows it.
    /// - Returns: what to tell if its file stays: it could not be removed, or has a text that would be lost.
    /// - Throws: `StoreError.conflict` if it was changed since.
    func retire(_ row: DefinitionRow) async throws -> String? {
        // Files outside the company's directory are never touched.
        let isInDirectory = row.file.hasPrefix(directory + "/")
        if isInDirectory, let problem = try await folder?.obstacle(at: row.file) {
            throw DefinitionFolder.refusal(problem)
        }
        let text = isInDirectory ? try await folder?.text(of: row.file) : nil
        let isLost = try await unread(text, of: row) != nil
        let (now, mustMatch) = (site.now, isConditional)
        let removed = isLost ? nil : text.map { Definition.revision(of: $0) }
        try await own.write(in: company) { session in
            guard let current = try session.definition(row.kind, row.name) else { throw StoreError.notFound }
            let (known, present) = (DefinitionStanding(row), DefinitionStanding(current))
            if let change = known.change(to: present) {
                if mustMatch { throw Failure.preconditionFailed(current: current.entityTag) }
                throw StoreError.conflict(change)
            }
            try session.retireDefinition(row.id, removing: removed, now: now)
        }
        guard isInDirectory, let folder else { return nil }
        do {
            let isRemoved = try await isLost ? false : folder.remove(row.file, expecting: .init(text))
            if removed != nil { await filesAreChanged([row.file], since: now) }
            if isRemoved { return nil }
            return
                "Its file \(row.file.fileName) was written since it was published, and stays: remove it, or it comes into force again."
        } catch Failure.unavailable {
            return "Its file \(row.file.fileName) cannot be removed, and is not read any more: remove it."
        }
    }
}
