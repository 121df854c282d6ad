import TFQueue
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// Random histories of everything that people, programs, admins and the clock do, on a real store and a real Redis.
@Suite(.onItsOwnThread, .onBothEngines) struct QueueHistoryFuzzTests {
    @Test func `after any history the lists are the store's, and nobody waits whom somebody could serve`() async throws
    {
        for (generator, replay) in Fuzz.inputs("histories", iterations: 1) {
            try await QueueHistory.with(generator) { history in
                for step in 0..<300 {
                    let what = try await history.step()
                    guard let complaint = try await history.complaint() else { continue }
                    Issue.record("\(replay), step \(step), after \(what): \(complaint)")
                    return
                }
            }
        }
    }

    @Test func `what somebody does to the lists is mended also while changes are on their way to them`() async throws {
        for (generator, replay) in Fuzz.inputs("busy audits", iterations: 1) {
            try await QueueHistory.with(generator) { history in
                for _ in 0..<40 { _ = try await history.step() }
                for round in 0..<20 {
                    let damage = try await history.damage()
                    var complaint: String?
                    // What is on its way to one worker leaves them out until the next check.
                    for _ in 0..<5 {
                        _ = try await history.stepHalfway()
                        try await history.checkLists()
                        try await history.settle()
                        complaint = try await history.complaint()
                        if complaint == nil { break }
                    }
                    guard let complaint else { continue }
                    Issue.record("\(replay), round \(round), after \(damage): \(complaint)")
                    return
                }
            }
        }
    }
}

extension QueueHistory {
    /// Does something at random, of which Redis hears nothing yet.
    /// - Returns: what it was.
    func stepHalfway() async throws -> String {
        now += Int64.random(in: 0..<3_000, using: &generator)
        let what = try await act()
        _ = try await store.advanceInstances(limit: 64, leader: leader, now: now)
        return what
    }

    /// Checks the lists as the daemon does every few seconds.
    func checkLists() async throws {
        var checks = QueueKeeper.ListChecks()
        try await keeper.checkLists(leader, &checks)
    }

    /// Does something to Redis that nobody should do.
    /// - Returns: what it was.
    func damage() async throws -> String {
        let person = pick(Self.people) ?? "w0"
        let command =
            pick([
                ["DEL", "queue:acme.\(person)"], ["LPOP", "queue:acme.\(person)"],
                ["LPUSH", "queue:acme.\(person)", "x"],
                ["SET", "queue:acme.\(person)", "x"], ["ZADD", "tf:{acme}:open", "999", person],
                ["ZREM", "tf:{acme}:avail:r", person], ["DEL", "tf:{acme}:worker:\(person)"],
                ["DEL", "queue:acme._unassigned.r"],
            ]) ?? []
        _ = try await client.send([command])
        return command.joined(separator: " ")
    }
}
