import GRDB
import Synchronization
import TFDefinition

/// Decoded revisions by their id. A revision never changes, so what is here is never stale.
final class RevisionCache: Sendable {
    private static let capacity = 2_000

    private let definitions = Mutex<[Int64: Definition]>([:])

    func definition(_ id: Int64, _ db: Database) throws -> Definition {
        if let known = definitions.withLock({ $0[id] }) { return known }
        guard let model = try String.fetchOne(db, sql: "SELECT model FROM revision WHERE id = ?", arguments: [id])
        else {
            throw StoreError.notFound
        }
        let definition = try Column.value(Definition.self, model)
        definitions.withLock { cache in
            if cache.count >= Self.capacity { cache.removeAll() }
            cache[id] = definition
        }
        return definition
    }

    func ticket(_ id: Int64, _ db: Database) throws -> TicketDefinition {
        guard case .ticket(let ticket) = try definition(id, db) else { throw StoreError.notFound }
        return ticket
    }

    func task(_ id: Int64, _ db: Database) throws -> TaskDefinition {
        guard case .task(let task) = try definition(id, db) else { throw StoreError.notFound }
        return task
    }

    func workflow(_ id: Int64, _ db: Database) throws -> WorkflowDefinition {
        guard case .workflow(let workflow) = try definition(id, db) else { throw StoreError.notFound }
        return workflow
    }
}
