import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// A machine that was cut off in the middle of a change keeps the lock of its company on the server for a while.
@Suite(.onPostgres, .timeLimit(.minutes(5))) struct CutOffDaemonTests {
    @Test func `another daemon takes the other companies meanwhile, keeps its own lease, and takes that one later`()
        async throws
    {
        let site = try await TestStore()
        let (store, acme) = (site.store, site.company)
        let globex = try await store.write {
            try $0.addCompany(slug: "globex", name: "Globex", timezone: "UTC", now: 1)
        }
        for name in ["lost", "heir"] {
            try await store.write { try $0.join(daemon: name, queues: "redis://a", now: 1) }
        }
        let both = [acme.id, globex.id]
        let lost = Leadership(holder: "lost", reach: .companies([:]))
        let first = try await store.write {
            try $0.redistribute(to: lost, taking: both, giving: [], ended: [], now: 1)
        }
        #expect(Set(first.keys) == Set(both))
        let ended = try await store.read { try $0.daemons() }.filter { $0.name == "lost" }
        let heir = Leadership(holder: "heir", reach: .companies([:]))

        @Sendable func take() async throws -> Set<CompanyID> {
            try await store.write { session in
                Set(
                    try session.redistribute(to: heir, taking: both, giving: [], ended: ended, now: 2).keys)
            }
        }
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store.write(in: acme.id) { _ in gate.hold() } }
            _ = try await eventually("the lock is held") { gate.isHeld ? true : nil }
            #expect(try await take() == [globex.id])
            try await store.write(leading: heir) { try $0.renew(heir, now: 3) }
            gate.open()
            try await group.waitForAll()
        }
        #expect(try await take() == Set(both))
    }
}
