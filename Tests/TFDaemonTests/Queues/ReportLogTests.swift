import TFConfiguration
import TFExpression
import TFMetrics
import TFQueue
import TFStore
import TFWatch
import TestSupport
import Testing

@testable import tf_daemon

/// What the log tells of the reports that programs leave in Redis; on a real store and a real Redis.
@Suite struct ReportLogTests {
    @Test func `a result that cannot be taken is a warning with task, worker and reason, a late one is none`()
        async throws
    {
        try await QueueHistory.with(SeededGenerator(seed: 1)) { history in
            _ = try await history.store.inside(history.company.id).submitTicket(
                TicketSubmission(type: "t", requester: history.admin, title: nil, answers: ["n": 5]), now: history.now)
            try await history.settle()
            let task = try #require(try await history.tasks().first)
            let log = LogRecorder()
            let keeper = QueueKeeper(
                store: history.store, queues: TaskQueues(client: history.client), wake: Wake(),
                figures: QueueFigures(registry: MetricRegistry()), logger: log.logger)
            func leave(_ report: String) async throws -> [String] {
                let known = log.lines.count
                _ = try await history.client.send("LPUSH", "tf:{acme}:results", report)
                try await keeper.takeResults(of: history.company, history.leader)
                #expect(try await history.client.send("LLEN", "tf:{acme}:results") == .integer(0))
                return Array(log.lines.dropFirst(known))
            }
            let report =
                #"{"jid":"\#(task.jobID)","worker":"p0","attempt":\#(task.attempt),"status":"completed","output":[1]}"#
            #expect(
                try await leave(report) == [
                    "warning: a report was refused, and the try of its job has failed company=acme jid=\(task.jobID) "
                        + "reason=\"output\" must be an object task=\(task.id) worker=p0"
                ])
            #expect(try await history.tasks().first?.failures == 1)
            let late = try await leave(report)
            #expect(late.count == 1 && late[0].hasPrefix("notice: a report came too late"))
            let nobody = try await leave(#"{"worker":"p0","attempt":1,"status":"completed"}"#)
            #expect(nobody.count == 1 && nobody[0].hasPrefix("warning: a report in Redis could not be read"))
        }
    }
}
