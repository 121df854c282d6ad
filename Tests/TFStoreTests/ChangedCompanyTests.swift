import TFEngine
import TFStore
import TestSupport
import Testing

/// Of which commits the processes on other machines are told.
@Suite(.onBothEngines) struct ChangedCompanyTests {
    @Test func `a commit in a company is told elsewhere, where not all processes share the data directory`()
        async throws
    {
        let site = try await TestStore()
        try await site.publish(TestStore.files)
        _ = site.store.changes.taken()
        var signals = site.store.changes.signals().makeAsyncIterator()
        _ = await signals.next()
        _ = try await site.submit("a desk")
        guard TestEngine.current == .postgres else {
            #expect(site.store.changes.taken() == [:])
            return
        }
        _ = await signals.next()
        #expect(site.store.changes.taken() == [site.company.id: [.engine]])
        #expect(site.store.changes.taken() == [:])
    }

    @Test func `neither the renewal of a lease is told, nor what was undone`() async throws {
        let site = try await TestStore()
        try await site.store.write { try $0.join(daemon: "left", queues: "redis://a", now: 1) }
        _ = site.store.changes.taken()
        let leader = Leadership(holder: "left", reach: .companies([:]))
        try await site.store.write(leading: leader) { try $0.renew(leader, now: 2) }
        await #expect(throws: StoreError.self) {
            try await site.store.write(in: site.company.id) { session in
                try session.addCompanyRole("guest", now: 3)
                throw StoreError.notFound
            }
        }
        #expect(site.store.changes.taken() == [:])
    }
}
