import Synchronization
import TFDefinition
import TFEngine
import TFExpression

/// A cache of decoded revisions by their id. A revision never changes, so an entry is never stale.
///
/// Only committed revisions are kept: if a transaction is rolled back, the id of its revision is used again.
final class RevisionCache: Sendable {
    /// With the company, so that no company gets a revision of another.
    private struct Key: Hashable {
        let company: CompanyID
        let revision: RevisionID
    }

    /// A workflow with the tasks that it calls.
    private struct CourseKey: Hashable {
        let workflow: Key
        let tasks: [String: RevisionID]
    }

    /// Revisions that open transactions have written.
    private let uncommitted = Mutex<Set<RevisionID>>([])
    private let definitions = ValueCache<Key, Definition>()
    private let programs = ValueCache<String, Program>()
    /// Definitions with the names that they refer to, by the definition's id, the revision's SHA-256 and the file.
    private let entries = ValueCache<String, Catalog.Entry>(limit: 20_000)
    private let endings = ValueCache<Key, WorkflowEndings>()
    private let courses = ValueCache<CourseKey, TicketCourse>()
    private let priorities = ValueCache<RevisionID, KeyValue<Priority>>()

    /// Notes that the open transaction has written a revision, which is not cached before its end.
    func wrote(_ id: RevisionID) { uncommitted.withLock { _ = $0.insert(id) } }

    /// Called when the transaction that has written a revision was committed or rolled back, where there are several at
    /// a time.
    func ended(_ id: RevisionID) { uncommitted.withLock { _ = $0.remove(id) } }

    /// Called when the only transaction was committed or rolled back.
    func transactionEnded() { uncommitted.withLock { $0.removeAll() } }

    private func isCommitted(_ id: RevisionID) -> Bool { uncommitted.withLock { !$0.contains(id) } }

    func definition(_ id: RevisionID, _ db: CompanyReadSession) throws -> Definition {
        let key = Key(company: db.company, revision: id)
        if let known = definitions[key] { return known }
        guard let row = try db.first(Row.self, Self.select, [db.company, id]) else { throw StoreError.notFound }
        let definition = try Self.decode(row)
        guard isCommitted(id) else { return definition }
        definitions.keep(definition, for: key)
        return definition
    }

    private static let select = """
        SELECT r.model, r.source, d.file, c.slug FROM revision r
        JOIN definition d ON d.company_id = r.company_id AND d.id = r.definition_id
        JOIN company c ON c.id = d.company_id WHERE r.company_id = ? AND r.id = ?
        """

    /// Decodes the parsed form. If an earlier version of the programs wrote it in another form, the source is parsed
    /// again.
    private static func decode(_ row: Row) throws -> Definition {
        do {
            return try Column.value(Definition.self, row["model"])
        } catch {
            let source: String = row["source"]
            let parsed = Definition.parse(Array(source.utf8), file: row["file"], company: row["slug"])
            guard let definition = parsed.definition else { throw error }
            return definition
        }
    }

    /// A definition with the names that it refers to, parsed from its text once.
    /// - Returns: nil if this version of the programs rejects the text.
    func entry(_ file: PublishedFile, slug: String, _ store: CompanyStore) async throws -> Catalog.Entry? {
        let key = Self.entryKey(file.id, file.sha256, file.file)
        if let known = entries[key] { return known }
        let source = try await store.read { db in
            try db.first(
                String.self, "SELECT source FROM revision WHERE company_id = ? AND definition_id = ? AND sha256 = ?",
                [db.company, file.id, file.sha256])
        }
        return parsed(source ?? "", file: file.file, slug: slug, key)
    }

    /// The same of a definition whose text is at hand.
    func entry(_ row: DefinitionRow, slug: String) -> Catalog.Entry? {
        let key = Self.entryKey(row.id, row.sha256, row.file)
        return entries[key] ?? parsed(row.source, file: row.file, slug: slug, key)
    }

    private static func entryKey(_ id: DefinitionID, _ sha256: String, _ file: String) -> String {
        "\(id) \(sha256) \(file)"
    }

    private func parsed(_ source: String, file: String, slug: String, _ key: String) -> Catalog.Entry? {
        let parsed = Definition.parse(Array(source.utf8), file: file, company: slug)
        guard let definition = parsed.definition else { return nil }
        let entry = Catalog.Entry(file: file, definition: definition, references: parsed.references)
        entries.keep(entry, for: key)
        return entry
    }

    /// The program of a key, made once. The key must identify everything that the program consists of.
    func program(_ key: String, _ make: () throws -> Program) throws -> Program {
        if let known = programs[key] { return known }
        let program = try make()
        programs.keep(program, for: key)
        return program
    }

    func ticket(_ id: RevisionID, _ db: CompanyReadSession) throws -> TicketDefinition {
        guard case .ticket(let ticket) = try definition(id, db) else { throw StoreError.notFound }
        return ticket
    }

    /// The priority of tickets that schedules open with a ticket type. They have no answers, so it is always the same
    /// and computed once.
    func scheduledPriority(_ id: RevisionID, _ db: CompanyReadSession) throws -> KeyValue<Priority> {
        if let known = priorities[id] { return known }
        var meter = ExpressionMeter()
        let priority = try ticket(id, db).priority([:], &meter)
        guard isCommitted(id) else { return priority }
        priorities.keep(priority, for: id)
        return priority
    }

    func endings(_ id: RevisionID, _ db: CompanyReadSession) throws -> WorkflowEndings {
        let key = Key(company: db.company, revision: id)
        if let known = endings[key] { return known }
        let made = WorkflowEndings(WorkflowGraph(try workflow(id, db), faces: [:]))
        guard isCommitted(id) else { return made }
        endings.keep(made, for: key)
        return made
    }

    /// The way through a workflow.
    /// - Parameter tasks: the revisions of the tasks that it calls, by what its calls say.
    func course(
        _ id: RevisionID, tasks: [String: RevisionID], _ db: CompanyReadSession
    ) throws -> TicketCourse {
        let key = CourseKey(workflow: Key(company: db.company, revision: id), tasks: tasks)
        if let known = courses[key] { return known }
        let made = try TicketCourse(try workflow(id, db), revision: id) { name in
            try tasks[name.description].map { try task($0, db) }
        }
        guard isCommitted(id), tasks.values.allSatisfy(isCommitted) else { return made }
        courses.keep(made, for: key)
        return made
    }

    func task(_ id: RevisionID, _ db: CompanyReadSession) throws -> TaskDefinition {
        guard case .task(let task) = try definition(id, db) else { throw StoreError.notFound }
        return task
    }

    func workflow(_ id: RevisionID, _ db: CompanyReadSession) throws -> WorkflowDefinition {
        guard case .workflow(let workflow) = try definition(id, db) else { throw StoreError.notFound }
        return workflow
    }
}

/// Values by their keys, up to a number. One more makes room by forgetting all others: to note which was used last would
/// cost more than to compute some anew.
private final class ValueCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let values = Mutex<[Key: Value]>([:])
    private let limit: Int

    init(limit: Int = 2_000) { self.limit = limit }

    subscript(_ key: Key) -> Value? { values.withLock { $0[key] } }

    func keep(_ value: Value, for key: Key) {
        values.withLock { values in
            if values.count >= limit { values.removeAll() }
            values[key] = value
        }
    }
}
