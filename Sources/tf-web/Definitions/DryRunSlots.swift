import Synchronization
import TFEngine

/// Who runs a workflow dry at present: each run takes a process with seconds of processor and much memory.
final class DryRunSlots: Sendable {
    /// On the whole site at a time; of one person, one.
    static let limit = 2

    private let people = Mutex<Set<AccountID>>([])

    /// - Throws: `DryRun.Failure.noSlot`.
    func withSlot<Value>(for person: AccountID, _ run: () async throws -> Value) async throws -> Value {
        try people.withLock { people in
            guard !people.contains(person) else { throw DryRun.Failure.noSlot(isOwn: true) }
            guard people.count < Self.limit else { throw DryRun.Failure.noSlot(isOwn: false) }
            people.insert(person)
        }
        defer { people.withLock { _ = $0.remove(person) } }
        return try await run()
    }
}
