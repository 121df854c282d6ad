import TFDefinition
import TFEngine
import TFExpression
import TFStore
import TestSupport
import Testing

/// What a program may say of its job, over REST and in the list of results in Redis.
extension JobTests {
    @Test func `a task that can end in several ways ends in one of them, beside the output or in it`() async throws {
        let plant = try await Plant(outcomes: "good, bad")
        try await plant.give("etl", now: 20)
        let proof = JobProof.attempt(1)
        for (output, outcome, field) in [
            (["rows": 7], nil, "outcome"), (["outcome": .null], nil, "outcome"), ([:], "ugly", "outcome"),
            (["outcome": "ugly"], nil, "output.outcome"), (["outcome": 5], nil, "output.outcome"),
            (["outcome": "good"], "god", "outcome"),
        ] as [(JSONObject, String?, String)] {
            let error = await #expect(throws: StoreError.self) {
                try await plant.finish("etl", proof, .completed(output: output, outcome: outcome), now: 30)
            }
            guard case .invalid(let errors) = error else {
                Issue.record("\(output): \(String(describing: error))")
                continue
            }
            #expect(errors.map(\.field) == [field])
            #expect(errors[0].message.hasPrefix("Choose an outcome: good, bad"))
        }
        #expect(try await plant.task().state == .assigned)
        try await plant.finish("etl", proof, .completed(output: ["outcome": "bad"], outcome: nil), now: 40)
        #expect(try await plant.task().output == ["outcome": "bad"])
    }

    @Test func `the only way in which a task can end need not be named`() async throws {
        let plant = try await Plant(outcomes: "filed")
        try await plant.give("etl", now: 20)
        await #expect(throws: StoreError.self) {
            try await plant.finish("etl", .attempt(1), .completed(output: [:], outcome: "field"), now: 30)
        }
        try await plant.finish("etl", .attempt(1), .completed(output: ["rows": 7], outcome: nil), now: 40)
        #expect(try await plant.task().output == ["rows": 7])
    }

    @Test(
        arguments: [
            (["status": "completed", "output": [1]], "\"output\" must be an object"),
            (["status": "completed", "output": "text"], "\"output\" must be an object"),
            (["status": "completed", "outcome": 5], "\"outcome\" must be a string"),
            (["status": "completed", "outcome": ""], "\"outcome\" must be a text that is not empty"),
            (["status": "completed", "outcome": "ugly"], "Choose an outcome: good, bad"),
            (["status": "completed", "output": ["outcome": "ugly"]], "Choose an outcome: good, bad"),
            (["status": "completed", "output": [:]], "Choose an outcome: good, bad"),
            (
                ["status": "completed", "outcome": "good", "output": ["name": "a\u{0}b"]],
                "\"output.name\" must not hold the character U+0000"
            ),
            (["status": "failed", "error": 5], "\"error\" must be a string or an object"),
            (["status": "failed", "error": ["detail": "disk full"]], "\"error.title\" is missing"),
            (["status": "failed", "error": "boom", "retry": "no"], "\"retry\" must be true or false"),
            (["status": "done"], "\"status\" must be one of completed, failed"),
            ([:], "\"status\" must be one of completed, failed"),
        ] as [(JSONObject, String)])
    func `a report that says what cannot be said fails the try, with the reason and what it said`(
        _ said: JSONObject, _ reason: String
    ) async throws {
        let plant = try await Plant(outcomes: "good, bad")
        try await plant.give("etl", now: 20)
        let task = try await plant.task()
        let reception = try await plant.report(said, of: task.jobID, now: 50)
        #expect(reception == .unfit(task.id, reason: reason))
        let after = try await plant.task()
        #expect(after.state == .ready && after.failures == 1)
        guard case .reported(let title, let detail) = after.error else {
            Issue.record("\(String(describing: after.error))")
            return
        }
        #expect(title == "The program's report was refused: \(reason)")
        #expect(detail?.hasPrefix("It said {") == true)
        if let error = said["error"] { #expect(detail?.contains(error.text) == true) }
        // Another attempt has the task by then.
        #expect(try await plant.report(["attempt": 1, "status": "completed"], of: task.jobID, now: 60) != .taken)
    }

    @Test(
        arguments: [
            ("boom", "boom", nil), (["title": "boom", "detail": "at 7"], "boom", "at 7"),
            (["title": "boom", "detail": .null], "boom", nil), (.null, "The program failed", nil),
        ] as [(JSON, String, String?)])
    func `a report of a failure is a text, a title with a detail, or nothing`(
        _ error: JSON, _ title: String, _ detail: String?
    ) async throws {
        let plant = try await Plant()
        try await plant.give("etl", now: 20)
        let job = try await plant.task().jobID
        #expect(try await plant.report(["status": "failed", "error": error], of: job, now: 50) == .taken)
        #expect(try await plant.task().error == .reported(title: title, detail: detail))
    }

    @Test func `a lease that is none of the job's is told from one that has ended`() async throws {
        let plant = try await Plant()
        _ = try await plant.lease("etl", now: 20)
        try await plant.settle(choosing: "etl", now: 30)
        let job = try #require(try await plant.lease("etl", now: 40).first)
        func refusal(_ lease: String, now: Int64) async throws -> String {
            let account = try #require(plant.programs["etl"])
            let error = await #expect(throws: StoreError.self) {
                try await plant.store.write(in: plant.site.company.id) {
                    try $0.renewLease(job.task.id, account: account, lease: lease, now: now)
                }
            }
            return try #require(error).description
        }
        #expect(
            try await refusal("nope", now: 50)
                == "this is not the lease of the job, which is in attempt 1 and has another")
        _ = try await plant.clock(60_040)
        #expect(try await refusal(job.lease, now: 60_050) == "the lease has ended; the job is now in attempt 2")
    }
}
