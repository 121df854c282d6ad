import TFDefinition
import TFEngine

extension CompanyWriteSession {
    /// Makes a publication the current revision of its definition.
    /// - Parameters:
    ///   - model: the JSON of the parsed definition for its column; nil: the plan has changed since these were encoded,
    ///     so it is encoded here.
    ///   - fileBefore: the text that its file has until the caller has written it, as `PendingFile` says; nil: the file
    ///     is as it is to be.
    func writeRevision(_ publication: Publication, model: String?, over fileBefore: String? = nil, now: Int64) throws {
        let definition = publication.definition
        let state = publication.isComplete ? DefinitionRow.State.active : .incomplete
        let id = try first(
            DefinitionID.self,
            """
            INSERT INTO definition (company_id, kind, name, version, state, file, file_before, has_schedule, updated_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (company_id, kind, name, version) DO UPDATE SET
                state = excluded.state, file = excluded.file, file_before = excluded.file_before,
                has_schedule = excluded.has_schedule, updated_at_ms = excluded.updated_at_ms
            RETURNING id
            """,
            [
                company, definition.kind.rawValue, definition.name, definition.version, state.rawValue,
                publication.file, fileBefore, definition.hasSchedule, now,
            ])
        guard let id else { throw StoreError.notFound }
        let revision = try first(
            RevisionID.self,
            """
            INSERT INTO revision (company_id, definition_id, sha256, source, model, published_at_ms, is_undrawn)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (definition_id, company_id, sha256) DO NOTHING RETURNING id
            """,
            [
                company, id, publication.sha256, publication.source, try model ?? Column.text(definition), now,
                definition.kind == .workflow,
            ])
        if let revision {
            revisions.wrote(revision)
            site.connection.whenEnded { [revisions] in revisions.ended(revision) }
        }
        try run(
            """
            UPDATE revision SET is_current = 0
            WHERE company_id = ? AND definition_id = ? AND is_current = 1 AND sha256 <> ?
            """, [company, id, publication.sha256])
        try run(
            "UPDATE revision SET is_current = 1 WHERE company_id = ? AND definition_id = ? AND sha256 = ?",
            [company, id, publication.sha256])
        try countChange()
    }

    /// Counts a change of what is in force: what was read before does not hold any more.
    private func countChange() throws {
        try run("UPDATE company SET definition_changes = definition_changes + 1 WHERE id = ?", [company])
    }

    /// Takes definitions out of force.
    fileprivate func retire(_ which: SQLCondition, removing fileBefore: String? = nil, now: Int64) throws {
        try run(
            """
            UPDATE definition SET state = 'retired', file_before = ?, updated_at_ms = ?
            WHERE company_id = ? AND \(which.sql)
            """, [fileBefore, now, company] + which.arguments)
        try countChange()
    }

    /// Retires a definition: nothing new is started from it.
    /// - Parameter sha256: of the text of its file, which the caller removes afterwards, and then says so by
    ///   `fileIsChanged`; nil: the file stays, or there is none.
    /// - Throws: `StoreError.notFound` if there is none.
    package func retireDefinition(_ id: DefinitionID, removing sha256: String? = nil, now: Int64) throws {
        let row = try first(
            Row.self, "SELECT kind, name FROM definition WHERE id = ? AND company_id = ?", [id, company])
        guard let row else { throw StoreError.notFound }
        let old = try first(
            String.self, "SELECT sha256 FROM revision WHERE definition_id = ? AND company_id = ? AND is_current = 1",
            [id, company])
        try retire(SQLCondition("id = ?", [id]), removing: sha256, now: now)
        try audit(
            .definitionRetired, .definition(try Column.word(row["kind"]), name: row["name"]),
            old: old.map { .string($0) }, now: now)
    }

    /// The SHA-256 of a definition's current revision; nil: it does not exist or is retired.
    fileprivate func revisionInForce(_ definition: Definition) throws -> String? {
        try first(
            String.self,
            """
            SELECT r.sha256 FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = ? AND d.name = ? AND d.version = ? AND d.state <> 'retired'
            """, [company, definition.kind.rawValue, definition.name, definition.version])
    }

    /// A file has one version: a new one that is saved into it takes the older one's place at once, whoever looks next.
    fileprivate func retireOtherVersions(inFileOf publication: Publication, now: Int64) throws {
        let definition = publication.definition
        try retire(
            SQLCondition(
                "kind = ? AND name = ? AND version <> ? AND file = ? AND state <> 'retired'",
                [definition.kind.rawValue, definition.name, definition.version, publication.file]),
            now: now)
    }

    /// What another definition was about to write into the file is older than the text that the caller writes there.
    fileprivate func forgetOtherFiles(inPlaceOf publication: Publication) throws {
        let definition = publication.definition
        try run(
            """
            UPDATE definition SET file_before = NULL
            WHERE company_id = ? AND file = ? AND file_before IS NOT NULL
                AND NOT (kind = ? AND name = ? AND version = ?)
            """, [company, publication.file, definition.kind.rawValue, definition.name, definition.version])
    }

    fileprivate func replaceProblems(_ problems: [Diagnostic]) throws {
        try run("DELETE FROM problem WHERE company_id = ?", [company])
        try add(problems)
    }

    /// The problems of one file; those of others stay as they are.
    fileprivate func replaceProblems(of file: String, with problems: [Diagnostic]) throws {
        try run("DELETE FROM problem WHERE company_id = ? AND file = ?", [company, file])
        try add(problems.filter { $0.file == file })
    }

    private func add(_ problems: [Diagnostic]) throws {
        for problem in problems {
            try run(
                """
                INSERT INTO problem
                    (company_id, file, line_number, column_number, severity, message, suggestion)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    company, problem.file, problem.position.line, problem.position.column, problem.severity.rawValue,
                    problem.message, problem.suggestion,
                ])
        }
    }
}

extension CompanyStore {
    /// Brings a company's definitions in line with its files, in one transaction.
    ///
    /// Idempotent: if nothing differs, nothing is written. A revision that was published before becomes current again.
    /// - Parameters:
    ///   - publications: the definitions that are to be current.
    ///   - kept: files that cannot be read at present; their definitions stay as they were published last.
    ///   - look: the daemon that read the files, and what was in force before it did; nil: nobody else publishes.
    ///   - problems: all diagnostics of the company's files, in the order to show them.
    /// - Throws: `StoreError.notLeader` if another daemon leads the company now.
    package func publish(
        _ publications: [Publication], keeping kept: Set<String>, since look: DefinitionsLook? = nil,
        problems: [Diagnostic], now: Int64
    ) async throws -> PublishedChanges {
        let (found, isCurrent) = try await read { db in
            let plan = try PublishingPlan(db, publications, keeping: kept, since: look?.mark)
            return (plan, try plan.isEmpty && db.fetchProblems() == problems)
        }
        if isCurrent { return found.changes }
        let models = try Self.models(found.changed)
        return try await write { db in
            if let look { try db.site.check(look.leader) }
            let plan = try PublishingPlan(db, publications, keeping: kept, since: look?.mark)
            for publication in plan.changed {
                try db.writeRevision(publication, model: models[publication.key], now: now)
            }
            for row in plan.retired {
                try db.retire(SQLCondition("id = ?", [row.id]), now: now)
            }
            try db.replaceProblems(problems)
            return plan.changes
        }
    }

    /// Publishes some definitions, all or none, and leaves the others alone, for an upload or an edit on a page; the audit
    /// log notes it.
    /// - Parameters:
    ///   - files: the texts that their files have until the caller has written them, as `PendingFile` says, by path; the
    ///     caller then says so by `fileIsChanged`. Files that are missing here are as they are to be, or not the caller's.
    ///   - problems: what is wrong with their texts, in place of what was with the texts before.
    ///   - confirm: is asked first, in the transaction; what it throws leaves everything as it is.
    package func publish(
        _ publications: [Publication], over files: [String: String] = [:], problems: [Diagnostic], now: Int64,
        confirming confirm: @escaping @Sendable (CompanyWriteSession) throws -> Void = { _ in }
    ) async throws -> PublishedChanges {
        let models = try Self.models(publications)
        return try await write { db in
            try confirm(db)
            let plan = try PublishingPlan(db, publications, keeping: nil, since: nil)
            for publication in plan.changed {
                let definition = publication.definition
                let old = try db.revisionInForce(definition)
                let wasPublished = try db.hasPublished(publication.sha256, as: definition.kind, definition.name)
                let isBack = wasPublished && old != publication.sha256
                try db.writeRevision(
                    publication, model: models[publication.key], over: files[publication.file], now: now)
                try db.retireOtherVersions(inFileOf: publication, now: now)
                try db.forgetOtherFiles(inPlaceOf: publication)
                try db.audit(
                    isBack ? .definitionBroughtBack : .definitionPublished,
                    .definition(definition.kind, name: definition.name),
                    old: old.map { .string($0) }, new: .string(publication.sha256), now: now)
            }
            let warnings = try db.versionTexts().warnings(for: publications)
            for publication in publications {
                try db.replaceProblems(of: publication.file, with: problems + warnings)
            }
            return plan.changes
        }
    }

    /// The JSON of definitions for their column, by `Publication.key`; encoded before the transaction, so that it stays
    /// short.
    fileprivate static func models(_ publications: [Publication]) throws -> [String: String] {
        try publications.reduce(into: [:]) { $0[$1.key] = try Column.text($1.definition) }
    }
}
