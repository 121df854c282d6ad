import TFEngine
import Testing

@testable import tf_web

@Suite struct DryRunSlotTests {
    @Test func `two people run workflows dry at a time, each of them one`() async throws {
        let slots = DryRunSlots()
        func isOwn(_ person: AccountID) async -> Bool? {
            do {
                try await slots.withSlot(for: person) {}
                return nil
            } catch DryRun.Failure.noSlot(let isOwn) {
                return isOwn
            } catch {
                Issue.record(error)
                return nil
            }
        }
        try await slots.withSlot(for: 1) {
            #expect(await isOwn(1) == true)
            #expect(await isOwn(2) == nil)
            try await slots.withSlot(for: 2) {
                #expect(await isOwn(3) == false)
                #expect(await isOwn(2) == true)
            }
            #expect(await isOwn(3) == nil)
        }
        struct Ended: Error {}
        // A slot is given back however a run ends.
        _ = await #expect(throws: Ended.self) { try await slots.withSlot(for: 1) { throw Ended() } }
        #expect(await isOwn(1) == nil)
    }
}
