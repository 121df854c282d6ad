import TFEngine
import TFStore

/// How many workers a task could have gone to, for its decision.
enum EligibleWorkers {
    /// Reads the store once for each company and role, however many tasks of a batch ask.
    struct Cache {
        private struct Key: Hashable {
            let company: CompanyID
            let kind: WorkerKind
            let role: String?
        }

        private let store: Store
        private var known: [Key: [String: Bool]] = [:]

        init(store: Store) { self.store = store }

        mutating func workers(for task: TaskRecord) async throws -> WorkerCount {
            let key = Key(company: task.companyID, kind: task.kind, role: task.role)
            let holders: [String: Bool]
            if let cached = known[key] {
                holders = cached
            } else {
                holders = try await store.read(in: task.companyID) {
                    try $0.eligibleWorkers(
                        kind: task.kind, role: task.role)
                }
                known[key] = holders
            }
            return WorkerCount(for: task, among: holders)
        }
    }
}
