import TFEngine
import Testing

/// The checker itself: it accepts what can have been, and fails for what cannot.
@Suite struct TaskHistoryTests {
    private static let zero = ContinuousClock.now

    private static func call(
        _ client: String, _ action: TaskCall.Action, _ outcome: TaskCall.Outcome = .done, _ start: Int, _ end: Int?
    ) -> TaskCall {
        TaskCall(
            client: client, action: action, outcome: outcome, start: zero + .milliseconds(start),
            end: end.map { zero + .milliseconds($0) })
    }

    @Test func `calls that overlap may have happened in any order`() {
        let calls = [
            Self.call("bob", .claim, .refused, 0, 10), Self.call("dave", .claim, 1, 9),
            Self.call("dave", .complete, .done, 10, 20),
        ]
        #expect(TaskHistory(calls, kind: .person).complaint() == nil)
    }

    @Test func `a task that was completed twice is told`() {
        let calls = [
            Self.call("dave", .claim, 0, 1), Self.call("dave", .complete, 2, 5), Self.call("dave", .complete, 3, 6),
        ]
        #expect(TaskHistory(calls, kind: .person).complaint()?.contains("dave complete: done") == true)
    }

    @Test func `a task that two people got at a time is told`() {
        let calls = [
            Self.call("dave", .claim, 0, 1), Self.call("bob", .claim, 2, 3), Self.call("dave", .complete, 4, 5),
        ]
        #expect(TaskHistory(calls, kind: .person).complaint() != nil)
    }

    @Test func `a completion that was acknowledged and is lost is told`() {
        let calls = [
            Self.call("dave", .claim, 0, 1), Self.call("dave", .complete, 2, 3),
            Self.call("tom", .look(.assigned, holder: "dave"), 4, 5),
        ]
        #expect(TaskHistory(calls, kind: .person).complaint() != nil)
    }

    @Test(arguments: [TaskState.completed, .assigned])
    func `a call whose answer was lost may have happened or not`(_ state: TaskState) {
        let calls = [
            Self.call("dave", .claim, 0, 1), Self.call("dave", .complete, .unknown, 2, nil),
            Self.call("tom", .look(state, holder: "dave"), 10, 11),
        ]
        #expect(TaskHistory(calls, kind: .person).complaint() == nil)
        // But it does not happen before it began.
        let early = calls.prefix(2) + [Self.call("tom", .look(.completed, holder: "dave"), 1, 1)]
        #expect(TaskHistory(Array(early), kind: .person).complaint() != nil)
    }

    @Test func `a program whose lease went to another one may not finish`() {
        let calls = [
            Self.call("etl", .lease("one"), 0, 1), Self.call("bot", .lease("two"), 5, 6),
            Self.call("etl", .finish(lease: "one"), .refused, 7, 8), Self.call("bot", .finish(lease: "two"), 9, 10),
        ]
        #expect(TaskHistory(calls, kind: .service, workers: ["bot", "etl"]).complaint() == nil)
        let doubled = calls.map { $0.outcome == .refused ? Self.call("etl", .finish(lease: "one"), 7, 8) : $0 }
        #expect(TaskHistory(doubled, kind: .service, workers: ["bot", "etl"]).complaint() != nil)
    }
}

extension TaskHistoryTests {
    private static func call(_ client: String, _ action: TaskCall.Action, _ start: Int, _ end: Int?) -> TaskCall {
        call(client, action, .done, start, end)
    }
}
