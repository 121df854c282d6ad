import TFEngine
import Testing

@testable import tf_web

@Suite struct DryRunPlaceTests {
    @Test func `two people run workflows dry at a time, each of them one`() async throws {
        let places = DryRunPlaces()
        func isOwn(_ person: AccountID) async -> Bool? {
            do {
                try await places.withPlace(for: person) {}
                return nil
            } catch DryRun.Failure.noPlace(let isOwn) {
                return isOwn
            } catch {
                Issue.record(error)
                return nil
            }
        }
        try await places.withPlace(for: 1) {
            #expect(await isOwn(1) == true)
            #expect(await isOwn(2) == nil)
            try await places.withPlace(for: 2) {
                #expect(await isOwn(3) == false)
                #expect(await isOwn(2) == true)
            }
            #expect(await isOwn(3) == nil)
        }
        struct Ended: Error {}
        // A place is given back however a run ends.
        _ = await #expect(throws: Ended.self) { try await places.withPlace(for: 1) { throw Ended() } }
        #expect(await isOwn(1) == nil)
    }
}
