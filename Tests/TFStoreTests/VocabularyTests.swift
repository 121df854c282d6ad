import Foundation
import TFDefinition
import TFEngine
import TFStore
import Testing

/// A word that the program knows and the schema does not, or the other way round, is found here.
@Suite struct VocabularyTests {
    @Test(arguments: [
        ("task", "state", TaskState.allCases.map(\.rawValue)),
        ("task", "kind", WorkerKind.allCases.map(\.rawValue)),
        ("task", "strategy", AssignmentStrategy.allCases.map(\.rawValue)),
        ("task", "priority", Priority.allCases.map(\.rawValue)),
        ("task", "waiting_reason", WaitingReason.Code.allCases.map(\.rawValue)),
        ("ticket", "state", TicketState.allCases.map(\.rawValue)),
        ("ticket", "priority", Priority.allCases.map(\.rawValue)),
        ("history", "kind", HistoryKind.allCases.map(\.rawValue)),
        ("event", "kind", EventKind.allCases.map(\.rawValue)),
        ("outbox", "kind", OutboxKind.allCases.map(\.rawValue)),
        ("notification", "kind", NoticeKind.allCases.map(\.rawValue)),
        ("account", "kind", WorkerKind.allCases.map(\.rawValue)),
        ("membership", "plan_handover", Handover.allCases.map(\.rawValue)),
    ])
    func `the schema takes the words that the program knows`(
        _ table: String, _ column: String, _ words: [String]
    ) async throws {
        let test = try await TestStore()
        let schema = try await test.store.read { db in
            try db.first(String.self, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [table])
        }
        let check = try Regex("\\b\(column) IN \\(([^)]*)\\)", as: (Substring, Substring).self)
        let checks = try #require(schema).matches(of: check)
        let list = try #require(checks.first).output.1
        let known = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines.union(["'"])) }
        #expect(Set(known) == Set(words))
        #expect(known.count == words.count)
    }

    @Test func `every reason for which a task waits comes back from the store, and reads as a sentence`() {
        let reasons: [WaitingReason] = [
            .queue, .paused, .claim, .nobodyNamed, .nobodyToAsk, .excluded(login: "bob"), .notThere(login: "bob"),
            .undeliverable, .nextTry(error: "no", number: 2, of: 3, at: 1_795_366_430_000), .leaseEnded(login: "p0"),
            .released(by: "bob"), .rightLost(login: "bob"), .wentAway(login: "bob"),
            .noneEligible(role: "boss", excluded: 1), .noneAvailable(role: nil, away: 2, excluded: 0),
        ]
        #expect(Set(reasons.map(\.code)) == Set(WaitingReason.Code.allCases))
        for reason in reasons {
            #expect(WaitingReason(reason.code, facts: reason.facts ?? .null) == reason)
            #expect(!reason.sentence(kind: .person, strategy: .shortestQueue).isEmpty)
        }
        #expect(
            WaitingReason.noneAvailable(role: "boss", away: 2, excluded: 1).sentence(
                kind: .person, strategy: .shortestQueue)
                == "nobody with the role boss is available: all 2 away, 1 excluded or gave it back")
        #expect(
            WaitingReason.leaseEnded(login: "p0").sentence(kind: .service, strategy: .person)
                == "the lease of p0 ended; a ticket admin must assign it")
    }
}
