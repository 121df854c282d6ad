/// A loop, of any process, that waits for commits of its own kind.
///
/// A commit wakes only the loops that have something to do after it: which these are follows from the statements that it
/// consists of. A loop looks each second too, for what depends on time, and for rarer causes than are listed here.
package enum CommitListener: String, Sendable, Hashable, CaseIterable {
    /// The engine: events, CloudEvents, schedules.
    case engine
    /// The relay, which carries the outbox to Redis.
    case queues
    /// Whoever sends the requests of workflows.
    case requests
    /// The publisher of definition files.
    case definitions
    /// Whoever draws workflows.
    case diagrams
    /// Answers of tf-web that wait for what the daemon does because of their change.
    case steps

    private enum Change: CaseIterable {
        case insertion, update, deletion

        /// How its statement begins, before the name of the table.
        var start: String {
            switch self {
            case .insertion: "INSERT INTO "
            case .update: "UPDATE "
            case .deletion: "DELETE FROM "
            }
        }
    }

    /// Whom the changes of a table concern; those that are missing concern nobody, or can wait for the next look.
    private static let concerned: [String: [Change: Set<CommitListener>]] = [
        // An update takes an event aside, or brings it back; what was handled is deleted.
        "instance_event": [.insertion: [.engine], .update: [.engine, .steps], .deletion: [.steps]],
        "cloud_event": [.insertion: [.engine]],
        "schedule": [.insertion: [.engine], .update: [.engine]],
        "outbox": [.insertion: [.queues]],
        // A request is deleted with its step, too.
        "http_call": [.insertion: [.requests], .update: [.requests], .deletion: [.requests]],
        "company": [.insertion: [.definitions]],
        "company_role": [.insertion: [.definitions], .update: [.definitions], .deletion: [.definitions]],
        // Its schedule may be another one, too.
        "definition": [.insertion: [.engine, .definitions], .update: [.engine, .definitions]],
        "revision": [.insertion: [.diagrams], .update: [.diagrams, .steps]],
        "diagram": [.insertion: [.steps]],
    ]

    /// The tables whose changes concern somebody, each with how its statements begin.
    static var statements: [String: [String]] {
        concerned.keys.reduce(into: [:]) { all, table in all[table] = Change.allCases.map { "\($0.start)\(table) " } }
    }

    /// Those that a statement of SQL concerns, once its transaction is committed.
    static func concerned(by sql: String) -> Set<CommitListener> {
        guard let change = Change.allCases.first(where: { sql.hasPrefix($0.start) }) else { return [] }
        let table = sql.utf8.dropFirst(change.start.utf8.count).prefix { $0 > UInt8(ascii: " ") }
        return concerned[String(Substring(table))]?[change] ?? []
    }
}
