import Synchronization
import TFEngine

/// Limits dry runs in progress: each takes a process with seconds of CPU time and much memory.
final class DryRunSlots: Sendable {
    /// Maximum number at a time on the whole site; each person may have one.
    static let limit = 2

    private let people = Mutex<Set<AccountID>>([])

    /// - Throws: `DryRun.Failure.noSlot` if no slot is free.
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
